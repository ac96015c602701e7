import type { Message, ServerFrame } from '@aside/protocol';
import {
  applyMessage,
  applyNewestPage,
  applyPageAfter,
  applyPageBefore,
  beginLoading,
  closeTimeline,
  failTimeline,
  openTimeline,
  startTyping,
  stopTyping,
} from './apply-messages.ts';
import { applyEdit, reviseMessage, showEdit } from './apply-edits.ts';
import { applyCounts, applyListPage, applyRows } from './apply-pages.ts';
import { beginDeciding, finishDeciding, undoDeciding } from './apply-requests.ts';
import { applyRow, applyTick, forgetConversation, markRowRead } from './apply-rows.ts';
import {
  addToOutbox,
  changeOutboxItem,
  dropHeld,
  keepDraft,
  keepGrants,
  keepProfile,
  keepStanding,
} from './apply-own.ts';
import type { StoreEvent } from './events.ts';
import { Draft, nothingKnown, type Known, type Want } from './known.ts';
import { wantMissing } from './want-missing.ts';

// The one place where what the page knows changes. Pure: the same knowledge and the same event give the same
// answer, and what must be fetched or timed comes back as wants.

export interface Applied {
  known: Known;
  wants: readonly Want[];
}

export function applyEvent(known: Known, event: StoreEvent): Applied {
  if (event.type === 'session') return { known: changeSession(known, event.session), wants: [] };
  const draft = new Draft(known);
  apply(draft, event);
  return { known: draft.finish(), wants: draft.wants };
}

type Handled = Exclude<StoreEvent, { type: 'session' }>;

function apply(draft: Draft, event: Handled): void {
  switch (event.type) {
    case 'frame':
      return applyFrame(draft, event.frame, event.helloPos);
    case 'signed-in':
      draft.app.session = 'signed-in';
      draft.app.me = event.me;
      return;
    case 'me':
      draft.app.me = event.me;
      return;
    case 'settings':
      draft.app.settings = event.settings;
      return;
    case 'connection':
      draft.app.connection = event.connection;
      return;
    case 'list-loading': {
      const isReady = draft.app.folders[event.source].status === 'ready';
      draft.changeSource(event.source, isReady ? { loadingMore: true } : { status: 'loading' });
      return;
    }
    case 'list-failed': {
      const isReady = draft.app.folders[event.source].status === 'ready';
      draft.changeSource(event.source, isReady ? { loadingMore: false } : { status: 'failed' });
      return;
    }
    case 'list-page':
      return applyListPage(draft, event);
    case 'request-counts':
      return applyCounts(draft, event.counts, event.asked);
    default:
      return applyLocal(draft, event);
  }
}

type Local = Exclude<
  Handled,
  {
    type:
      | 'frame'
      | 'signed-in'
      | 'me'
      | 'settings'
      | 'connection'
      | 'list-loading'
      | 'list-failed'
      | 'list-page'
      | 'request-counts';
  }
>;

function applyLocal(draft: Draft, event: Local): void {
  switch (event.type) {
    case 'rows':
      return applyRows(draft, event.rows);
    case 'conversation': {
      const { contact, ...row } = event.view;
      applyRow(draft, row);
      return draft.setContact(row.id, contact);
    }
    case 'conversation-gone':
      return forgetConversation(draft, event.conversationId);
    case 'deciding':
      return beginDeciding(draft, event.ids, event.action);
    case 'decided':
      return finishDeciding(draft, event.conversationId, event.view);
    case 'undecided':
      return undoDeciding(draft, event.conversationId);
    case 'opened':
      return openTimeline(draft, event.conversationId);
    case 'closed':
      return closeTimeline(draft, event.conversationId);
    case 'timeline-loading':
      return beginLoading(draft, event.conversationId, event.direction);
    case 'timeline-page':
      if (event.direction === 'newest') applyNewestPage(draft, event.conversationId, event.page);
      else if (event.direction === 'before') {
        applyPageBefore(draft, event.conversationId, event.anchor, event.page);
      } else applyPageAfter(draft, event.conversationId, event.anchor, event.page);
      return;
    case 'timeline-failed':
      return failTimeline(draft, event.conversationId, event.problem);
    case 'read-marked':
      return markRowRead(draft, event.conversationId, event.seq);
    case 'typing-ended':
      return stopTyping(draft, event.conversationId, event.personId);
    case 'sent':
      applyMessage(draft, event.answer.message);
      return wantContact(draft, event.answer.message.conversationId);
    default:
      return applyOwn(draft, event);
  }
}

type Own = Extract<
  Local,
  {
    type:
      | `outbox-${string}`
      | `edit${string}`
      | 'drafts-loaded'
      | 'draft'
      | 'profile'
      | 'standing'
      | 'grants'
      | 'profiles-stale';
  }
>;

/** What the person at this page keeps: unsent messages, drafts, profiles looked at. */
function applyOwn(draft: Draft, event: Own): void {
  switch (event.type) {
    case 'outbox-loaded':
      draft.app.outbox = event.items;
      return;
    case 'outbox-added':
      return addToOutbox(draft, event.item);
    case 'outbox-changed':
      return changeOutboxItem(draft, event.clientId, event.status, event.problem);
    case 'outbox-removed':
      draft.app.outbox = draft.app.outbox.filter((item) => item.clientId !== event.clientId);
      return;
    case 'edit-began':
      return showEdit(draft, event.before, event.text);
    case 'edited':
      return applyEdit(draft, event.message);
    case 'edit-failed':
      return reviseMessage(draft, event.before);
    case 'drafts-loaded':
      draft.app.drafts = event.drafts;
      return;
    case 'draft':
      return keepDraft(draft, event.key, event.text);
    case 'profile':
      return keepProfile(draft, event.profile);
    case 'standing':
      return keepStanding(draft, event.username, event.standing);
    case 'grants':
      return keepGrants(draft, event.username, event.grants);
    case 'profiles-stale': {
      const kept = [...draft.app.profiles].filter(([username]) => event.keep.includes(username));
      draft.app.profiles = new Map(kept);
      return;
    }
    default:
      throw unreachable(event);
  }
}

function applyFrame(draft: Draft, frame: ServerFrame, helloPos: number | null): void {
  switch (frame.t) {
    case 'welcome':
      if (frame.me.id !== draft.app.me?.id) return draft.want({ want: 'another-person' });
      draft.app.me = frame.me;
      if (helloPos !== null) return wantMissed(draft);
      draft.known.heardPos = 0;
      return draft.want({ want: 'snapshot', pos: frame.pos });
    case 'message':
      return applyMessage(draft, frame.message, frame.arrived);
    case 'changed':
      return applyChange(draft, frame);
    case 'dropped':
      return dropHeld(draft, frame.clientId, frame.code);
    case 'inbox':
      for (const row of frame.rows) applyRow(draft, row);
      return raisePos(draft, frame.pos);
    case 'tick':
      for (const tick of frame.rows) applyTick(draft, tick);
      return raisePos(draft, frame.pos);
    case 'ack':
      return applyAck(draft, frame);
    case 'refused':
      return applyRefusal(draft, frame);
    case 'typing':
      return startTyping(draft, frame.conversationId, frame.personId);
    case 'me':
      return draft.want({ want: 'me' });
    // The server did not like a frame of ours, or answers a ping: nothing that a view shows.
    case 'error':
    case 'pong':
      return;
    default:
      // A newer server may send frames that this page does not know yet; `inbox` and `tick` still heal it.
      frame satisfies never;
  }
}

/** An ack says where my message went; its text is the one I wrote. */
function applyAck(draft: Draft, ack: Extract<ServerFrame, { t: 'ack' }>): void {
  const item = draft.app.outbox.find((candidate) => candidate.clientId === ack.clientId);
  const me = draft.app.me;
  if (item === undefined || me === null) return;
  const message: Message = {
    id: ack.id,
    conversationId: ack.conversationId,
    seq: ack.seq,
    senderId: me.id,
    text: item.text,
    createdAt: ack.createdAt,
    clientId: ack.clientId,
    origin: 'interactive',
    purpose: 'personal',
  };
  const answer = { message, arrived: ack.arrived };
  applyLocal(draft, { type: 'sent', answer });
}

function applyRefusal(draft: Draft, frame: Extract<ServerFrame, { t: 'refused' }>): void {
  const { clientId, code, detail, retryAfterSeconds, until } = frame;
  changeOutboxItem(draft, clientId, code === 'held' ? 'held' : 'failed', {
    code,
    detail,
    ...(retryAfterSeconds !== undefined && { retryAfterMs: retryAfterSeconds * 1000 }),
    ...(until !== undefined && { until }),
  });
}

/** A message was edited, or how the two stand has changed; in the latter case only the server can say how. */
function applyChange(draft: Draft, frame: Extract<ServerFrame, { t: 'changed' }>): void {
  const { conversationId, message } = frame;
  if (message !== undefined && draft.row(conversationId) !== undefined)
    return applyEdit(draft, message);
  draft.want({ want: 'conversation', conversationId });
}

/** Without a page of its own a reconnect must still notice what open conversations missed. */
function wantMissed(draft: Draft): void {
  for (const id of draft.known.opened) {
    const row = draft.row(id);
    if (row !== undefined) wantMissing(draft, row);
    // Whether the other accepted or opted out meanwhile stands in no row.
    draft.want({ want: 'conversation', conversationId: id });
  }
}

/** The first message changes what may be written next: one until the other answers. */
function wantContact(draft: Draft, conversationId: string): void {
  const contact = draft.timeline(conversationId)?.contact;
  if (contact !== undefined && contact?.arrives !== 'inbox') {
    draft.want({ want: 'conversation', conversationId });
  }
}

function raisePos(draft: Draft, pos: number): void {
  draft.known.heardPos = Math.max(draft.known.heardPos, pos);
  // Without a snapshot these frames cover only what came after the welcome.
  if (draft.known.pos !== null) draft.known.pos = Math.max(draft.known.pos, pos);
}

/** Whoever leaves takes everything along; the next person at this page starts from nothing. */
function changeSession(known: Known, session: Known['app']['session']): Known {
  if (known.app.session === session) return known;
  const fresh = nothingKnown(session);
  return { ...fresh, app: { ...fresh.app, connection: known.app.connection } };
}

function unreachable(event: never): Error {
  return new Error(`an event without a rule: ${JSON.stringify(event)}`);
}
