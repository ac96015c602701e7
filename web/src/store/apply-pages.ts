import type { Conversation, ConversationPage } from '@aside/protocol';
import { applyRow, removeConversation, strayPlace } from './apply-rows.ts';
import type { StoreEvent } from './events.ts';
import { isReached, isWithin, rebuildOrder } from './list-order.ts';
import { listOf, sourceOf, type Source } from './lists.ts';
import type { Draft, Spot, Reached } from './known.ts';

// Pages of the lists, and how many requests wait.

export function applyListPage(draft: Draft, event: Extract<StoreEvent, { type: 'list-page' }>) {
  const { source, page, asked, snapshotPos, isFirst } = event;
  applyRows(draft, page.conversations);
  const nextCursor = page.nextCursor ?? null;
  const bottom = page.conversations.at(-1);
  const reached: Reached =
    nextCursor === null || bottom === undefined ? 'everything' : placeOf(bottom);
  if (isFirst && snapshotPos !== null) {
    dropVanished(draft, source, reached, page, snapshotPos);
    if (source === 'inbox') draft.known.pos = Math.max(snapshotPos, draft.known.heardPos);
  }
  draft.known.reached = { ...draft.known.reached, [source]: reached };
  draft.changeSource(source, { status: 'ready', nextCursor, loadingMore: false });
  rebuildOrder(draft, source);
  if (page.requests !== undefined) applyCounts(draft, page.requests, asked);
  for (const tick of draft.strays().values()) {
    const list = listOf(tick);
    if (list === null || sourceOf(list) !== source || !isReached(draft, list, strayPlace(tick)))
      continue;
    draft.want({ want: 'conversation', conversationId: tick.conversationId });
  }
}

/** Rows that were asked for, not told: whatever they hold of requests the counts took in before. */
export function applyRows(draft: Draft, rows: readonly Conversation[]): void {
  const wereStale = draft.known.areCountsStale;
  for (const row of rows) applyRow(draft, row);
  draft.known.areCountsStale = wereStale;
}

export function applyCounts(
  draft: Draft,
  counts: NonNullable<ConversationPage['requests']>,
  asked: number,
): void {
  if (asked < draft.known.countsAsked) return;
  draft.known.countsAsked = asked;
  draft.app.requestCounts = counts;
}

/** Rows that a fresh snapshot should have held and did not: they left while nobody told this page. */
function dropVanished(
  draft: Draft,
  source: Source,
  reached: Reached,
  page: ConversationPage,
  snapshotPos: number,
): void {
  const present = new Set(page.conversations.map((row) => row.id));
  for (const row of draft.rows()) {
    const list = listOf(row);
    if (list === null || sourceOf(list) !== source || draft.known.deciding.has(row.id)) continue;
    if (!isWithin(reached, row) || row.pos > snapshotPos || present.has(row.id)) continue;
    removeConversation(draft, row.id);
    if (draft.timeline(row.id) === undefined) continue;
    draft.want({ want: 'conversation', conversationId: row.id });
  }
}

function placeOf(row: Conversation): Spot {
  return { lastActivityAt: row.lastActivityAt, id: row.id };
}
