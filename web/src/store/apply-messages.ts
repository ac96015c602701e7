import type { Message, MessagePage } from '@aside/protocol';
import { bounds } from './limits.ts';
import type { Draft } from './known.ts';
import type { Problem, Timeline } from './model.ts';
import { nameConversation } from './apply-own.ts';
import { raiseRow } from './apply-rows.ts';
import { latestVersions } from './revise.ts';
import { lastSeq, wantMissing } from './want-missing.ts';

// Timelines: one contiguous stretch of a conversation each. A message that would leave a hole is not shown;
// the hole is asked for instead, and the answer brings the message along.

export function applyMessage(draft: Draft, message: Message, arrived?: 'inbox' | 'requests'): void {
  const id = message.conversationId;
  beginConversation(draft, message);
  raiseRow(draft, message, arrived);
  stopTyping(draft, id, message.senderId);
  const timeline = draft.timeline(id);
  if (timeline === undefined || timeline.status !== 'ready' || timeline.hasAfter) {
    draft.dropSent([message]);
    return;
  }
  const expected = lastSeq(timeline) + 1;
  if (message.seq > expected) {
    // My own bubble stays in the outbox until the hole before it is filled: it must not blink.
    if (draft.known.opened.has(id)) draft.want({ want: 'messages-after', conversationId: id });
    else draft.dropSent([message]);
    return;
  }
  if (message.seq === expected) append(draft, id, timeline, [message]);
  draft.dropSent([message]);
  const mayHaveChanged = timeline.contact?.arrives !== 'inbox';
  if (mayHaveChanged && timeline.contact !== null && message.senderId !== draft.app.me?.id) {
    // An answer is what opens the way to somebody who had not accepted yet.
    draft.want({ want: 'conversation', conversationId: id });
  }
}

export function openTimeline(draft: Draft, id: string): void {
  const timeline = draft.timeline(id);
  draft.known.opened = new Set(draft.known.opened).add(id);
  // Moved to the end of the map: the order in it is the order of use.
  draft.removeTimeline(id);
  draft.setTimeline(id, timeline ?? loadingTimeline());
  dropUnused(draft);
  const row = draft.row(id);
  if (row !== undefined && timeline !== undefined) wantMissing(draft, row);
}

export function closeTimeline(draft: Draft, id: string): void {
  if (!draft.known.opened.has(id)) return;
  const opened = new Set(draft.known.opened);
  opened.delete(id);
  draft.known.opened = opened;
  const timeline = draft.timeline(id);
  if (timeline !== undefined && timeline.status !== 'ready') draft.removeTimeline(id);
}

export function beginLoading(draft: Draft, id: string, direction: 'newest' | 'before'): void {
  const timeline = draft.timeline(id);
  if (timeline === undefined) return;
  if (direction === 'before') draft.setTimeline(id, { ...timeline, loadingBefore: true });
  else if (timeline.status === 'failed') {
    const { problem: _, ...rest } = timeline;
    draft.setTimeline(id, { ...rest, status: 'loading' });
  }
}

export function failTimeline(draft: Draft, id: string, problem: Problem): void {
  const timeline = draft.timeline(id);
  if (timeline === undefined) return;
  if (timeline.status === 'ready') draft.setTimeline(id, { ...timeline, loadingBefore: false });
  else draft.setTimeline(id, { ...timeline, status: 'failed', problem });
}

export function applyNewestPage(draft: Draft, id: string, page: MessagePage): void {
  const timeline = draft.timeline(id);
  if (timeline === undefined) return;
  const newest = page.messages.at(-1)?.seq ?? 0;
  const isOlder = timeline.status === 'ready' && !timeline.hasAfter && newest <= lastSeq(timeline);
  if (isOlder) return;
  const { problem: _, ...rest } = timeline;
  draft.setTimeline(id, {
    ...rest,
    status: 'ready',
    messages: latestVersions(draft, id, page.messages),
    hasBefore: page.hasMore,
    hasAfter: false,
    loadingBefore: false,
  });
  noticePage(draft, id, page.messages);
}

export function applyPageBefore(draft: Draft, id: string, anchor: number, page: MessagePage): void {
  const timeline = draft.timeline(id);
  if (timeline === undefined) return;
  const idle: Timeline = { ...timeline, loadingBefore: false };
  const first = timeline.messages[0]?.seq;
  if (timeline.status !== 'ready' || first !== anchor) {
    draft.setTimeline(id, idle);
    return;
  }
  const older = page.messages.filter((message) => message.seq < anchor);
  const messages = [...older, ...timeline.messages];
  const isTooLong = messages.length > bounds.timelineMessages;
  draft.setTimeline(id, {
    ...idle,
    messages: isTooLong ? messages.slice(0, bounds.timelineMessages) : messages,
    hasBefore: page.hasMore,
    hasAfter: timeline.hasAfter || isTooLong,
  });
  draft.dropSent(older);
}

export function applyPageAfter(draft: Draft, id: string, anchor: number, page: MessagePage): void {
  const timeline = draft.timeline(id);
  if (timeline === undefined || timeline.status !== 'ready') return;
  const last = lastSeq(timeline);
  // The stretch was cut or replaced meanwhile: the answer does not join on any more.
  if (anchor > last) return;
  const newer = page.messages.filter((message) => message.seq > last);
  append(draft, id, { ...timeline, hasAfter: timeline.hasAfter && page.hasMore }, newer);
  noticePage(draft, id, newer);
  // Nothing new in the answer ends the asking, or a row ahead of its messages would make a loop.
  if (newer.length > 0 && page.hasMore && !timeline.hasAfter)
    draft.want({ want: 'messages-after', conversationId: id });
}

function noticePage(draft: Draft, id: string, messages: readonly Message[]): void {
  draft.dropSent(messages);
  const last = messages.at(-1);
  if (last === undefined) return;
  if (draft.row(id) !== undefined) {
    const myLast = messages.findLast((message) => message.senderId === draft.app.me?.id);
    if (myLast !== undefined) raiseRow(draft, myLast);
    raiseRow(draft, last);
  }
  const row = draft.row(id);
  if (row !== undefined) wantMissing(draft, row);
}

/** My first message to `@name` is there, by whichever way the news came: its conversation begins with it. */
function beginConversation(draft: Draft, message: Message): void {
  if (message.clientId === undefined || message.senderId !== draft.app.me?.id) return;
  const item = draft.app.outbox.find((candidate) => candidate.clientId === message.clientId);
  if (item === undefined || item.to === null || item.conversationId !== null) return;
  nameConversation(draft, item.to, message.conversationId);
  if (message.seq !== 1 || draft.timeline(message.conversationId) !== undefined) return;
  draft.setTimeline(message.conversationId, { ...loadingTimeline(), status: 'ready' });
  dropUnused(draft);
}

export function stopTyping(draft: Draft, conversationId: string, personId: string): void {
  const typing = draft.app.typing.get(conversationId);
  if (typing === undefined || !typing.includes(personId)) return;
  const remaining = typing.filter((id) => id !== personId);
  const all = new Map(draft.app.typing);
  if (remaining.length === 0) all.delete(conversationId);
  else all.set(conversationId, remaining);
  draft.app.typing = all;
}

export function startTyping(draft: Draft, conversationId: string, personId: string): void {
  if (personId === draft.app.me?.id || draft.row(conversationId) === undefined) return;
  draft.want({ want: 'typing-end', conversationId, personId });
  const typing = draft.app.typing.get(conversationId) ?? [];
  if (typing.includes(personId)) return;
  draft.app.typing = new Map(draft.app.typing).set(conversationId, [...typing, personId]);
}

function dropUnused(draft: Draft): void {
  const ids = draft.timelineIds();
  let surplus = ids.length - bounds.timelines;
  for (const id of ids) {
    if (surplus <= 0) return;
    if (draft.known.opened.has(id)) continue;
    draft.removeTimeline(id);
    surplus -= 1;
  }
}

function append(draft: Draft, id: string, timeline: Timeline, newer: readonly Message[]): void {
  const added = latestVersions(draft, id, newer);
  const messages = added.length === 0 ? timeline.messages : [...timeline.messages, ...added];
  const surplus = messages.length - bounds.timelineMessages;
  draft.setTimeline(id, {
    ...timeline,
    messages: surplus > 0 ? messages.slice(surplus) : messages,
    hasBefore: timeline.hasBefore || surplus > 0,
  });
}

function loadingTimeline(): Timeline {
  return {
    status: 'loading',
    messages: [],
    hasBefore: false,
    hasAfter: false,
    loadingBefore: false,
    contact: null,
  };
}
