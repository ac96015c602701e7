import {
  errorCatalogue,
  type Conversation,
  type Message,
  type Place,
  type Tick,
} from '@aside/protocol';
import { decided, isUndecided } from './apply-decisions.ts';
import { bounds } from './limits.ts';
import { isReached, placeRow, takeOutRow } from './list-order.ts';
import { listOf, settleRow, unreadCounterOf } from './lists.ts';
import { isShallowEqual, type Draft, type Spot } from './known.ts';
import { compareVersions, reviseTimeline } from './revise.ts';
import { wantMessages, wantMissing } from './want-missing.ts';

// Inbox rows. What the server says of a row is ordered by the row's `pos`; three things only ever grow,
// whatever order the news arrives in: headSeq, readSeq and which message is the last.

/** Keeps what the server says of a row, in every index that depends on it. */
export function putRow(draft: Draft, truth: Conversation): void {
  const before = draft.row(truth.id);
  const row = settleRow(overrule(draft, truth), draft.app.me?.id);
  if (before !== undefined && isShallowEqual(before, row)) return;
  placeRow(draft, before, row);
  draft.setRow(row);
  countUnread(draft, before, -1);
  countUnread(draft, row, 1);
  countRequest(draft, before, row);
  const username = directWith(row, draft.app.me?.id);
  if (username !== null) draft.setDirect(username, row.id);
}

export function removeConversation(draft: Draft, id: string): void {
  const row = draft.row(id);
  if (row !== undefined) {
    takeOutRow(draft, row);
    draft.removeRow(id);
    countUnread(draft, row, -1);
    countRequest(draft, row, undefined);
    const username = directWith(row, draft.app.me?.id);
    if (username !== null) draft.setDirect(username, null);
  }
  if (draft.known.deciding.has(id)) draft.setDecision(id, null);
  // That it is over is kept, against a page on its way that was read before.
  if (draft.strays().get(id)?.folder !== 'closed') draft.straysToWrite().delete(id);
}

/** It is not mine to see, or not any more: nothing of it stays, and where it is on screen the page says so. */
export function forgetConversation(draft: Draft, id: string): void {
  removeConversation(draft, id);
  const timeline = draft.timeline(id);
  if (timeline === undefined) return;
  if (!draft.known.opened.has(id)) return draft.removeTimeline(id);
  const { detail } = errorCatalogue.not_found;
  const problem = { code: 'not_found', detail } as const;
  const nothing = { messages: [], hasBefore: false, hasAfter: false, contact: null };
  draft.setTimeline(id, { ...timeline, ...nothing, status: 'failed', problem });
}

/** What was over while it stood on screen has begun again. */
function reviveTimeline(draft: Draft, id: string): void {
  const timeline = draft.timeline(id);
  if (timeline?.status !== 'failed' || timeline.problem?.code !== 'not_found') return;
  if (draft.known.opened.has(id)) draft.want({ want: 'newest-messages', conversationId: id });
}

/** What is being decided here is shown as decided, until the server has spoken. */
function overrule(draft: Draft, truth: Conversation): Conversation {
  const decision = draft.known.deciding.get(truth.id);
  if (decision === undefined) return truth;
  if (decision.truth !== truth) draft.setDecision(truth.id, { ...decision, truth });
  return isUndecided(truth, decision.action) ? decided(truth, decision.action) : truth;
}

function countUnread(draft: Draft, row: Conversation | undefined, step: number): void {
  const counter = row === undefined ? null : unreadCounterOf(row);
  if (counter !== null) draft.app[counter] += step;
}

/** Follows a request that comes or goes; right for lists that are not loaded to their end until the server is asked. */
function countRequest(
  draft: Draft,
  before: Conversation | undefined,
  after: Conversation | undefined,
): void {
  const from = before === undefined ? null : counterOf(before);
  const to = after === undefined ? null : counterOf(after);
  if (from === to && before !== undefined) return;
  const counts = { ...draft.app.requestCounts };
  if (from !== null) counts[from] = Math.max(0, counts[from] - 1);
  // One that was not known may have been counted before it was.
  if (to !== null && before !== undefined) counts[to] += 1;
  if (before === undefined && mayHaveBeenCounted(draft)) draft.known.areCountsStale = true;
  for (const row of [before, after]) if (row !== undefined) doubtCounts(draft, row);
  if (from !== null || (to !== null && before !== undefined)) draft.app.requestCounts = counts;
}

function counterOf(row: Conversation): 'waiting' | 'quiet' | null {
  if (row.state !== 'pending') return null;
  const list = listOf(row);
  if (list === 'requests') return 'waiting';
  return list === 'quiet' ? 'quiet' : null;
}

/** A request came or went in a list that is not loaded to its end: only the server can count it. */
export function doubtCounts(draft: Draft, row: { folder: Place; quiet?: boolean }): void {
  const list = listOf(row);
  if (list !== 'requests' && list !== 'quiet') return;
  if (draft.known.reached[list] !== 'everything') draft.known.areCountsStale = true;
}

/** Whether a row that is not known can be one of the requests beyond what is loaded. */
function mayHaveBeenCounted(draft: Draft): boolean {
  const { reached } = draft.known;
  const { waiting, quiet } = draft.app.requestCounts;
  return (
    (reached.requests !== 'everything' && waiting > 0) ||
    (reached.quiet !== 'everything' && quiet > 0)
  );
}

/** A whole row from the server, by whichever way and however old. */
export function applyRow(draft: Draft, row: Conversation): void {
  if (row.folder === 'closed') {
    applyTick(draft, closingTick(row));
    return;
  }
  const known = draft.truth(row.id);
  const stray = draft.strays().get(row.id);
  // A request that is over; the row was read before.
  if (stray?.folder === 'closed' && stray.pos >= row.pos) return;
  putRow(draft, known === undefined ? row : mergeRow(known, row));
  if (known === undefined) reviveTimeline(draft, row.id);
  if (stray !== undefined) {
    draft.straysToWrite().delete(row.id);
    applyTick(draft, stray);
  }
  if (row.lastMessage !== undefined) reviseTimeline(draft, row.lastMessage);
  const isOvertaken = known !== undefined && (row.pos < known.pos || row.headSeq < known.headSeq);
  if (isOvertaken && row.state !== known.state) {
    // By a tick or a message, neither of which says whether `state` changed as well.
    draft.want({ want: 'conversation', conversationId: row.id });
  }
  const now = draft.row(row.id);
  if (now === undefined || wantMessages(draft, now)) return;
  // Only an answer older than what is known is asked for again; what the server itself says is taken as it is.
  if (now.headSeq > row.headSeq) wantMissing(draft, now);
}

/** Whatever happened to a request: its text, its card or `state`, and a tick carries none of them. */
function isRequestNews(known: Conversation, tick: Tick): boolean {
  return tick.folder === 'requests' && tick.pos > known.pos;
}

/** The tick by which a row would leave. */
export function closingTick(row: Conversation): Tick {
  return { ...row, conversationId: row.id, folder: 'closed', quiet: false };
}

export function applyTick(draft: Draft, tick: Tick): void {
  const known = draft.truth(tick.conversationId);
  if (known === undefined) return keepStray(draft, tick);
  const isNewer = tick.pos >= known.pos;
  if (isNewer && tick.folder === 'closed') return closeConversation(draft, tick);
  const headSeq = Math.max(known.headSeq, tick.headSeq);
  const readSeq = Math.max(known.readSeq, tick.readSeq);
  const row: Conversation = { ...known, headSeq, readSeq };
  if (isNewer) {
    row.folder = tick.folder;
    row.quiet = tick.quiet;
    row.muted = tick.muted;
    row.pos = tick.pos;
    row.lastActivityAt = activityOf(tick, known);
    // A request in the inbox is none any more, and what went back to the requests is not accepted.
    if (tick.folder !== 'requests' && known.state === 'pending') row.state = 'accepted';
    if (tick.folder === 'requests' && known.folder !== 'requests') row.state = 'none';
    // A tick carries neither `state` nor reasons, and moving between lists is how a decision shows; mine I know.
    const mine = draft.known.deciding.get(row.id);
    const isMyDoing = mine !== undefined && isUndecided(known, mine.action);
    if (isMyDoing && !isUndecided(row, mine.action)) row.state = decided(known, mine.action).state;
    else if (listOf(row) !== listOf(known) || isRequestNews(known, tick))
      draft.want({ want: 'conversation', conversationId: row.id });
  }
  putRow(draft, row);
  const now = draft.row(row.id);
  if (now !== undefined) wantMissing(draft, now);
}

/** In no folder any more: a request that was declined or has expired. What was read before it does not bring it back. */
export function closeConversation(draft: Draft, tick: Tick): void {
  forgetConversation(draft, tick.conversationId);
  keepStray(draft, tick);
}

/** What one new message says about its row. `arrived`: where it came to in the recipient's house, if that is known. */
export function raiseRow(draft: Draft, message: Message, arrived?: 'inbox' | 'requests'): void {
  const id = message.conversationId;
  const known = draft.truth(id);
  const isMine = message.senderId === draft.app.me?.id;
  // A request where there was none: only its row says whether it is quiet, and until then it shows nowhere.
  const isNewRequest = !isMine && arrived === 'requests' && known?.state !== 'pending';
  if (known === undefined || isNewRequest) {
    draft.want({ want: 'conversation', conversationId: id });
    return;
  }
  const row: Conversation = { ...known, headSeq: Math.max(known.headSeq, message.seq) };
  if (message.seq > known.headSeq + 1 && known.state !== 'accepted') {
    // What was lost in between may have been my own answer from another device.
    draft.want({ want: 'conversation', conversationId: id });
  }
  if (message.seq > (known.lastMessage?.seq ?? 0)) {
    row.lastMessage = message;
    if (message.createdAt > row.lastActivityAt) row.lastActivityAt = message.createdAt;
  }
  if (isMine) {
    row.readSeq = Math.max(known.readSeq, message.seq);
    if (message.origin === 'interactive') acceptByWriting(draft, row, message.seq > known.headSeq);
  }
  putRow(draft, row);
}

/** Writing from one's own session is what accepts the other. */
function acceptByWriting(draft: Draft, row: Conversation, isNews: boolean): void {
  if (row.state === 'accepted') return;
  if (!isNews) {
    // The row knew of this message; that acceptance may have been taken back since.
    draft.want({ want: 'conversation', conversationId: row.id });
    return;
  }
  row.state = 'accepted';
  if (row.folder === 'requests') row.folder = 'inbox';
}

export function markRowRead(draft: Draft, id: string, seq: number): void {
  const known = draft.truth(id);
  if (known === undefined) return;
  const readSeq = Math.max(known.readSeq, Math.min(seq, known.headSeq));
  putRow(draft, { ...known, readSeq });
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
    if (row.headSeq < known.headSeq && known.state === 'accepted') {
      merged.state = 'accepted';
      if (row.folder === 'requests') merged.folder = known.folder;
    }
  } else if (row.headSeq > known.headSeq && row.lastActivityAt > known.lastActivityAt) {
    merged.lastActivityAt = row.lastActivityAt;
  }
  return merged;
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
  const age = compareVersions(known, news);
  return age < 0 || (age === 0 && isNewer) ? news : known;
}

/** Worth a request only where a list would show it; otherwise kept until its page comes. */
function keepStray(draft: Draft, tick: Tick): void {
  const before = draft.strays().get(tick.conversationId);
  if (before !== undefined && before.pos > tick.pos) return;
  const strays = draft.straysToWrite();
  strays.delete(tick.conversationId);
  strays.set(tick.conversationId, tick);
  const oldest = strays.keys().next();
  if (strays.size > bounds.strayTicks && oldest.done !== true) strays.delete(oldest.value);
  doubtCounts(draft, tick);
  if (mayHaveBeenCounted(draft)) draft.known.areCountsStale = true;
  if (isReached(draft, listOf(tick), strayPlace(tick))) {
    draft.want({ want: 'conversation', conversationId: tick.conversationId });
  }
}

export function strayPlace(tick: Tick): Spot {
  return { lastActivityAt: tick.lastActivityAt, id: tick.conversationId };
}

/** The username this direct conversation is found by: the other's, or one's own for a note to oneself. */
function directWith(row: Conversation, myId: string | undefined): string | null {
  if (row.kind !== 'direct') return null;
  const other = row.members.find((member) => member.id !== myId) ?? row.members[0];
  return other?.username ?? null;
}
