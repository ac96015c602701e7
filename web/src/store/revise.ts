import type { Message } from '@aside/protocol';
import type { Draft } from './known.ts';

// Versions of one message are told apart by `editedAt`.

/** Negative when `left` is the older version. */
export function compareVersions(left: Message, right: Message): number {
  const [before, after] = [left.editedAt ?? '', right.editedAt ?? ''];
  return before < after ? -1 : Number(before > after);
}

/** A version that came by another way: replaces an older one on screen. */
export function reviseTimeline(draft: Draft, message: Message): void {
  changeShown(draft, message, (known) => (compareVersions(known, message) < 0 ? message : known));
}

export function changeShown(
  draft: Draft,
  { conversationId, seq }: Pick<Message, 'conversationId' | 'seq'>,
  change: (known: Message) => Message,
): void {
  const timeline = draft.timeline(conversationId);
  const index = seq - (timeline?.messages[0]?.seq ?? Infinity);
  const known = timeline?.messages[index];
  if (timeline === undefined || known === undefined) return;
  const changed = change(known);
  if (changed === known) return;
  draft.setTimeline(conversationId, {
    ...timeline,
    messages: timeline.messages.with(index, changed),
  });
}

/** What a page says of a message may be older than what this page was told of it. */
export function latestVersions(
  draft: Draft,
  id: string,
  messages: readonly Message[],
): readonly Message[] {
  const told = [draft.row(id)?.lastMessage, draft.known.revised.get(id)];
  const edited = told.filter((message) => message?.editedAt !== undefined);
  if (edited.length === 0) return messages;
  return messages.map((message) => {
    const newer = edited.find(
      (other) => other?.seq === message.seq && compareVersions(message, other) < 0,
    );
    return newer ?? message;
  });
}
