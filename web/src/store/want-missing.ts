import type { Conversation } from '@aside/protocol';
import type { Draft } from './known.ts';
import { bounds } from './limits.ts';
import type { Timeline } from './model.ts';

// Asks for what a row proves to exist and this page does not have. Called when news arrives, never in a loop.

export function wantMissing(draft: Draft, row: Conversation): void {
  if (wantMessages(draft, row)) return;
  if (row.headSeq > (row.lastMessage?.seq ?? 0)) {
    draft.want({ want: 'conversation', conversationId: row.id });
  }
}

/** Fills the gap of a conversation on screen; false when there is none or it is not on screen. */
export function wantMessages(draft: Draft, row: Conversation): boolean {
  const timeline = draft.timeline(row.id);
  if (timeline?.status !== 'ready' || timeline.hasAfter) return false;
  if (!draft.known.opened.has(row.id)) return false;
  const missing = row.headSeq - lastSeq(timeline);
  if (missing <= 0) return false;
  const want = missing > bounds.pullMessages ? 'newest-messages' : 'messages-after';
  draft.want({ want, conversationId: row.id });
  return true;
}

export function lastSeq(timeline: Timeline): number {
  return timeline.messages.at(-1)?.seq ?? 0;
}
