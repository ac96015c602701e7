import type { Conversation, ConversationPage, Folder, Message, Tick } from '@aside/protocol';
import type { StoreEvent } from './events.ts';
import { bounds } from './limits.ts';
import { isWithin, placeRow, rebuildOrder, takeOutRow } from './folder-order.ts';
import { isShallowEqual, type Draft, type Reached } from './known.ts';
import { wantMessages, wantMissing } from './want-missing.ts';

// Inbox rows. What the server says of a row is ordered by the row's `pos`; three things only ever grow,
// whatever order the news arrives in: headSeq, readSeq and which message is the last.

/** Keeps `row` in every index that depends on it. */
export function putRow(draft: Draft, row: Conversation): void {
  const before = draft.row(row.id);
  if (before !== undefined && isShallowEqual(before, row)) return;
  placeRow(draft, before, row);
  draft.setRow(row);
  draft.app.unreadConversations +=
    Number(counts(row)) - Number(before !== undefined && counts(before));
  const username = directWith(row, draft.app.me?.id);
  if (username !== null) draft.setDirect(username, row.id);
}

export function removeConversation(draft: Draft, id: string): void {
  const row = draft.row(id);
  if (row !== undefined) {
    takeOutRow(draft, row);
    draft.removeRow(id);
    draft.app.unreadConversations -= Number(counts(row));
    const username = directWith(row, draft.app.me?.id);
    if (username !== null) draft.setDirect(username, null);
  }
  draft.straysToWrite().delete(id);
}

/** A whole row from the server, by whichever way and however old. */
export function applyRow(draft: Draft, row: Conversation): void {
  const known = draft.row(row.id);
  putRow(draft, known === undefined ? withUnread(row) : mergeRow(known, row));
  const stray = draft.strays().get(row.id);
  if (stray !== undefined) {
    draft.straysToWrite().delete(row.id);
    applyTick(draft, stray);
  }
  if (known !== undefined && row.pos < known.pos && row.state !== known.state) {
    // Overtaken on its way by a tick, which does not say whether `state` changed as well.
    draft.want({ want: 'conversation', conversationId: row.id });
  }
  const now = draft.row(row.id);
  if (now === undefined || wantMessages(draft, now)) return;
  // Only an answer older than what is known is asked for again; what the server itself says is taken as it is.
  if (now.headSeq > row.headSeq) wantMissing(draft, now);
}

export function applyTick(draft: Draft, tick: Tick): void {
  const known = draft.row(tick.conversationId);
  if (known === undefined) {
    keepStray(draft, tick);
    return;
  }
  const isNewer = tick.pos >= known.pos;
  const headSeq = Math.max(known.headSeq, tick.headSeq);
  const readSeq = Math.max(known.readSeq, tick.readSeq);
  const row: Conversation = { ...known, headSeq, readSeq };
  if (isNewer) {
    row.folder = tick.folder;
    row.muted = tick.muted;
    row.pos = tick.pos;
    row.lastActivityAt = activityOf(tick, known);
    // A tick does not carry `state`, and moving between folders is how a decision shows.
    if (tick.folder !== known.folder)
      draft.want({ want: 'conversation', conversationId: known.id });
  }
  const changed = withUnread(row);
  putRow(draft, changed);
  wantMissing(draft, changed);
}

/** What one new message says about its row. */
export function raiseRow(draft: Draft, message: Message): void {
  const known = draft.row(message.conversationId);
  if (known === undefined) {
    draft.want({ want: 'conversation', conversationId: message.conversationId });
    return;
  }
  const isMine = message.senderId === draft.app.me?.id;
  const row: Conversation = { ...known, headSeq: Math.max(known.headSeq, message.seq) };
  if (message.seq > known.headSeq + 1 && known.state !== 'accepted') {
    // What was lost in between may have been my own answer from another device.
    draft.want({ want: 'conversation', conversationId: known.id });
  }
  if (message.seq > (known.lastMessage?.seq ?? 0)) {
    row.lastMessage = message;
    if (message.createdAt > row.lastActivityAt) row.lastActivityAt = message.createdAt;
  }
  if (isMine) {
    row.readSeq = Math.max(known.readSeq, message.seq);
    // Writing from one's own session is what accepts the other.
    if (message.origin === 'interactive') row.state = 'accepted';
  }
  putRow(draft, withUnread(row));
}

export function markRowRead(draft: Draft, id: string, seq: number): void {
  const known = draft.row(id);
  if (known === undefined) return;
  const readSeq = Math.max(known.readSeq, Math.min(seq, known.headSeq));
  putRow(draft, withUnread({ ...known, readSeq }));
}

export function applyFolderPage(
  draft: Draft,
  event: Extract<StoreEvent, { type: 'folder-page' }>,
): void {
  const { folder, page, snapshotPos, isFirst } = event;
  for (const row of page.conversations) applyRow(draft, row);
  const nextCursor = page.nextCursor ?? null;
  const bottom = page.conversations.at(-1);
  const reached: Reached =
    nextCursor === null || bottom === undefined ? 'everything' : placeOf(bottom);
  if (isFirst && snapshotPos !== null) {
    dropVanished(draft, folder, reached, page, snapshotPos);
    if (folder === 'inbox') draft.known.pos = Math.max(snapshotPos, draft.known.heardPos);
  }
  draft.known.reached = { ...draft.known.reached, [folder]: reached };
  draft.changeFolder(folder, { status: 'ready', nextCursor, loadingMore: false });
  rebuildOrder(draft, folder);
  for (const tick of draft.strays().values()) {
    if (tick.folder !== folder || !isWithin(reached, strayPlace(tick))) continue;
    draft.want({ want: 'conversation', conversationId: tick.conversationId });
  }
}

/** Rows that a fresh snapshot should have held and did not: they left while nobody told this page. */
function dropVanished(
  draft: Draft,
  folder: Folder,
  reached: Reached,
  page: ConversationPage,
  snapshotPos: number,
): void {
  const present = new Set(page.conversations.map((row) => row.id));
  for (const row of draft.rows()) {
    const shouldBeHere = row.folder === folder && isWithin(reached, row) && row.pos <= snapshotPos;
    if (!shouldBeHere || present.has(row.id)) continue;
    removeConversation(draft, row.id);
    if (draft.timeline(row.id) === undefined) continue;
    draft.want({ want: 'conversation', conversationId: row.id });
  }
}

function mergeRow(known: Conversation, row: Conversation): Conversation {
  const isNewer = row.pos >= known.pos;
  const merged: Conversation = { ...(isNewer ? row : known) };
  merged.headSeq = Math.max(known.headSeq, row.headSeq);
  merged.readSeq = Math.max(known.readSeq, row.readSeq);
  const last = laterMessage(known.lastMessage, row.lastMessage, isNewer);
  if (last !== undefined) merged.lastMessage = last;
  if (isNewer) {
    merged.lastActivityAt = activityOf(row, known);
    // The row was read before my own message made it accepted.
    if (row.headSeq < known.headSeq && known.state === 'accepted') merged.state = 'accepted';
  } else if (row.headSeq > known.headSeq && row.lastActivityAt > known.lastActivityAt) {
    merged.lastActivityAt = row.lastActivityAt;
  }
  return withUnread(merged);
}

/** A row may be read before the message that this page already shows; it must not sink for a moment. */
function activityOf(
  news: { headSeq: number; lastActivityAt: string },
  known: Conversation,
): string {
  if (news.headSeq >= known.headSeq) return news.lastActivityAt;
  return news.lastActivityAt > known.lastActivityAt ? news.lastActivityAt : known.lastActivityAt;
}

function laterMessage(
  known: Message | undefined,
  news: Message | undefined,
  isNewer: boolean,
): Message | undefined {
  if (known === undefined || news === undefined) return known ?? news;
  if (known.seq !== news.seq) return known.seq > news.seq ? known : news;
  return isNewer ? news : known;
}

/** Worth a request only where the list would show it; otherwise kept until its page comes. */
function keepStray(draft: Draft, tick: Tick): void {
  const before = draft.strays().get(tick.conversationId);
  if (before !== undefined && before.pos > tick.pos) return;
  const strays = draft.straysToWrite();
  strays.delete(tick.conversationId);
  strays.set(tick.conversationId, tick);
  const oldest = strays.keys().next();
  if (strays.size > bounds.strayTicks && oldest.done !== true) strays.delete(oldest.value);
  if (isWithin(draft.known.reached[tick.folder], strayPlace(tick))) {
    draft.want({ want: 'conversation', conversationId: tick.conversationId });
  }
}

function strayPlace(tick: Tick): { lastActivityAt: string; id: string } {
  return { lastActivityAt: tick.lastActivityAt, id: tick.conversationId };
}

function placeOf(row: Conversation): { lastActivityAt: string; id: string } {
  return { lastActivityAt: row.lastActivityAt, id: row.id };
}

function withUnread(row: Conversation): Conversation {
  return { ...row, unread: Math.max(0, row.headSeq - row.readSeq) };
}

function counts(row: Conversation): boolean {
  return row.folder === 'inbox' && row.unread > 0 && !row.muted;
}

/** The username this direct conversation is found by: the other's, or one's own for a note to oneself. */
function directWith(row: Conversation, myId: string | undefined): string | null {
  if (row.kind !== 'direct') return null;
  const other = row.members.find((member) => member.id !== myId) ?? row.members[0];
  return other?.username ?? null;
}
