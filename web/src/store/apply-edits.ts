import type { Message } from '@aside/protocol';
import { putRow } from './apply-rows.ts';
import type { Draft } from './known.ts';
import { bounds } from './limits.ts';
import { changeShown, compareVersions } from './revise.ts';

// Messages whose text changes after they were sent. An edit of mine under way has no version of its own yet, so
// that whatever the server says next takes its place.

/** The server's word on one message: also over an edit of mine under way. */
export function reviseMessage(draft: Draft, message: Message): void {
  changeEverywhere(draft, message, (known) =>
    compareVersions(known, message) <= 0 ? message : known,
  );
}

/** The server has told of an edit. */
export function applyEdit(draft: Draft, message: Message): void {
  const revised = new Map(draft.known.revised);
  revised.delete(message.conversationId);
  revised.set(message.conversationId, message);
  const oldest = revised.keys().next();
  if (revised.size > bounds.revisedMessages && oldest.done !== true) revised.delete(oldest.value);
  draft.known.revised = revised;
  reviseMessage(draft, message);
}

/** My new text, until the server has answered. */
export function showEdit(draft: Draft, before: Message, text: string): void {
  changeEverywhere(draft, before, (known) => ({ ...known, text }));
}

function changeEverywhere(
  draft: Draft,
  message: Message,
  change: (known: Message) => Message,
): void {
  changeShown(draft, message, change);
  const row = draft.truth(message.conversationId);
  if (row?.lastMessage?.seq !== message.seq) return;
  const lastMessage = change(row.lastMessage);
  if (lastMessage !== row.lastMessage) putRow(draft, { ...row, lastMessage });
}
