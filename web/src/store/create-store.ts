import { createConsentActions } from './consent.ts';
import { Core } from './core.ts';
import { createFirstMessageActions } from './first-message.ts';
import { Held } from './held.ts';
import type { Want } from './known.ts';
import type { AppStore } from './model.ts';
import { Outbox } from './outbox.ts';
import { createPeopleActions, loadProfile, refreshProfiles } from './people.ts';
import type { NetOwner, Stop, StorePorts } from './ports.ts';
import { ReadMarks } from './read-marks.ts';
import { createRequestActions } from './requests.ts';
import { Session, type Parts } from './session.ts';
import { Shelf } from './shelf.ts';
import { Sync } from './sync.ts';
import { Typing } from './typing.ts';

// Puts the store together. Views see only AppStore; nothing here knows a DOM or React.

export function createStore(ports: StorePorts): AppStore {
  const core = new Core(
    ports,
    ownerOf(() => ({ core, parts, session })),
  );
  const shelf = new Shelf(ports.storage);
  const outbox = new Outbox(core, shelf);
  const parts: Parts = {
    sync: new Sync(core),
    outbox,
    held: new Held(core, outbox),
    reads: new ReadMarks(core),
    typing: new Typing(core),
    shelf,
  };
  const session = new Session(core, parts);
  core.fulfil = (want) => fulfil(want, core, parts, session);
  core.subscribe(() => outbox.reconcile());

  return {
    getState: () => core.app,
    subscribe: (listener) => core.subscribe(listener),
    ...lifeActions(core, parts, session),
    ...accountActions(core, session),
    ...conversationActions(core, parts),
    ...messageActions(core, parts),
    ...createPeopleActions(core),
    ...createFirstMessageActions(core),
    ...createRequestActions(core),
    ...createConsentActions(core),
  };
}

interface Whole {
  core: Core;
  parts: Parts;
  session: Session;
}

/** The net is made before the store is whole; it calls only once something was started. */
function ownerOf(whole: () => Whole): NetOwner {
  return {
    helloPos: () => whole().core.known.pos,
    frame(frame, helloPos) {
      const { core, parts } = whole();
      parts.reads.heard(frame);
      core.dispatch({ type: 'frame', frame, helloPos });
      if (frame.t !== 'welcome' || core.app.session !== 'signed-in') return;
      parts.sync.welcomed();
      parts.reads.resend();
      parts.outbox.hurry();
      parts.held.welcomed();
    },
    state(connection) {
      const { core, parts } = whole();
      if (connection !== 'online') parts.sync.connectionLost();
      core.dispatch({ type: 'connection', connection });
    },
    sessionEnded: () => whole().session.ended(),
    // A refused upgrade looks like a lost network from here; a 401 on this question tells them apart.
    struggling: () => void whole().core.net.api.me(),
  };
}

function fulfil(want: Want, core: Core, parts: Parts, session: Session): void {
  switch (want.want) {
    case 'messages-after':
    case 'newest-messages':
    case 'conversation':
      return parts.sync.fulfilSync(want);
    case 'typing-end':
      return parts.typing.show(want.conversationId, want.personId);
    case 'snapshot':
      return parts.sync.snapshot(want.pos);
    case 'request-counts':
      return parts.sync.fetchCounts();
    case 'profile':
      void loadProfile(core, want.username);
      return;
    case 'me':
      parts.sync.refreshMe();
      for (const id of core.known.opened) parts.sync.fetchConversation(id);
      return refreshProfiles(core);
    case 'another-person':
      void session.restart();
      return;
    default:
      want satisfies never;
  }
}

function lifeActions(core: Core, parts: Parts, session: Session): Pick<AppStore, 'start' | 'stop'> {
  let watching: Stop[] = [];
  const { network, visibility } = core.ports;
  const comeBack = () => {
    session.askAgain();
    parts.outbox.hurry();
  };
  return {
    async start() {
      if (watching.length > 0) return;
      watching = [
        network.watch((isOnline) => isOnline && comeBack()),
        visibility.watch((isVisible) => (isVisible ? comeBack() : parts.reads.flush())),
        parts.shelf.watch((news) => {
          if (news.about === 'outbox') parts.outbox.heard(news);
          else void session.ownerChanged(news.personId);
        }),
      ];
      await session.findOut();
      if (core.app.session === 'signed-in') await inboxShown(core);
    },
    stop() {
      for (const stop of watching) stop();
      watching = [];
      session.suspend();
    },
  };
}

function inboxShown(core: Core): Promise<void> {
  const signal = core.sessionSignal();
  return new Promise((resolve) => {
    const check = () => {
      if (!signal.aborted && core.app.folders.inbox.status === 'loading') return;
      stop();
      signal.removeEventListener('abort', check);
      resolve();
    };
    const stop = core.subscribe(check);
    signal.addEventListener('abort', check);
    check();
  });
}

type AccountActions = Pick<
  AppStore,
  | 'signUp'
  | 'signIn'
  | 'verifyTotp'
  | 'signOut'
  | 'requestPasswordReset'
  | 'resetPassword'
  | 'listSessions'
  | 'endSession'
  | 'endOtherSessions'
  | 'deleteAccount'
  | 'enableTotp'
  | 'confirmTotp'
  | 'disableTotp'
  | 'updateMe'
  | 'updateSettings'
>;

function accountActions(core: Core, session: Session): AccountActions {
  const { api, accounts } = core.net;
  const plain = async (ask: Promise<{ ok: true; value: unknown } | AnyFailure>) => {
    const answer = await ask;
    return answer.ok ? { ok: true as const, value: undefined } : answer;
  };
  return {
    signUp: (details) => session.signUp(details),
    signIn: (login, password) => session.signIn(login, password),
    verifyTotp: (code) => session.verifyTotp(code),
    signOut: () => session.signOut(),
    requestPasswordReset: (email) => plain(accounts.requestPasswordReset(email)),
    resetPassword: (token, newPassword) => plain(accounts.resetPassword(token, newPassword)),
    async listSessions() {
      const answer = await api.sessions();
      return answer.ok ? { ok: true, value: answer.value.sessions } : answer;
    },
    endSession: (id) => plain(api.endSession(id)),
    endOtherSessions: () => plain(api.endOtherSessions()),
    deleteAccount: () => session.deleteAccount(),
    enableTotp: (password) => accounts.enableTotp(password),
    confirmTotp: (code) => session.confirmTotp(code),
    disableTotp: (password) => session.disableTotp(password),
    async updateMe(change) {
      const signal = core.sessionSignal();
      const answer = await api.updateMe(change);
      if (!answer.ok) return answer;
      if (!signal.aborted) core.dispatch({ type: 'me', me: answer.value });
      return { ok: true, value: undefined };
    },
    async updateSettings(change) {
      const signal = core.sessionSignal();
      const answer = await api.updateSettings(change);
      if (!answer.ok) return answer;
      if (!signal.aborted) core.dispatch({ type: 'settings', settings: answer.value });
      return { ok: true, value: undefined };
    },
  };
}

type AnyFailure = Extract<Awaited<ReturnType<AppStore['signOut']>>, { ok: false }>;

type ConversationActions = Pick<
  AppStore,
  | 'loadMoreInbox'
  | 'openConversation'
  | 'closeConversation'
  | 'loadBefore'
  | 'loadAfter'
  | 'jumpToNewest'
  | 'markRead'
  | 'typed'
>;

function conversationActions(core: Core, { sync, reads, typing }: Parts): ConversationActions {
  return {
    loadMoreInbox: (list) => sync.loadMore(list),
    openConversation: (id) => sync.openConversation(id),
    closeConversation: (id) => core.dispatch({ type: 'closed', conversationId: id }),
    loadBefore: (id) => sync.loadBefore(id),
    loadAfter: (id) => sync.loadAfter(id),
    jumpToNewest: (id) => sync.jumpToNewest(id),
    markRead: (id, seq) => reads.mark(id, seq),
    typed: (id) => typing.typed(id),
  };
}

type MessageActions = Pick<AppStore, 'send' | 'retry' | 'discard' | 'setDraft' | 'takeBackHeld'>;

function messageActions(core: Core, { outbox, held, shelf, typing }: Parts): MessageActions {
  const setDraft = (key: string, text: string) => core.dispatch({ type: 'draft', key, text });
  keepDraftsShelved(core, shelf);
  return {
    send(target, text) {
      const clientId = outbox.add(target, text);
      const key = 'to' in target ? `@${target.to}` : target.conversationId;
      if (core.app.drafts.get(key)?.trim() === text.trim()) setDraft(key, '');
      if ('conversationId' in target) typing.sent(target.conversationId);
      return clientId;
    },
    retry: (clientId) => outbox.retry(clientId),
    discard: (clientId) => outbox.discard(clientId),
    setDraft,
    takeBackHeld: (clientId) => held.takeBack(clientId),
  };
}

/** Whatever changes a draft, typing or a first answer that moves it to its conversation, is kept. */
function keepDraftsShelved(core: Core, shelf: Shelf): void {
  let shelved = core.app.drafts;
  let personId: string | null = null;
  core.subscribe(() => {
    const { drafts, me, session } = core.app;
    if (drafts === shelved) return;
    const before = shelved;
    shelved = drafts;
    // Somebody left or came in: this is no edit.
    const isSamePerson = session === 'signed-in' && me?.id === personId;
    personId = me?.id ?? null;
    if (!isSamePerson) return;
    for (const key of before.keys()) if (!drafts.has(key)) shelf.putDraft(key, '');
    for (const [key, text] of drafts) if (before.get(key) !== text) shelf.putDraft(key, text);
  });
}
