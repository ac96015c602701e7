import type {
  CheckAnswer,
  ConsentPage,
  Conversation,
  ConversationView,
  ErrorCode,
  GrantPurpose,
  Grants,
  KeyView,
  Language,
  LedgerPage,
  Me,
  Message,
  NewKey,
  PersonHit,
  ProfileChange,
  ProfileView,
  Purpose,
  RequestAction,
  RequestCounts,
  SessionView,
  Settings,
  SettingsChange,
  Standing,
  WhyAnswer,
  Contact,
} from '@aside/protocol';

// What the page knows and what it can ask for. Views read `AppState` and call `AppStore`; nothing else.
// Every change makes a new state object; parts that did not change keep their identity.

/** A refusal or failure as the page shows it; `code` picks the sentence, `detail` is the server's own. */
export interface Problem {
  code: ErrorCode | 'offline' | 'wrong_credentials' | 'unknown';
  detail: string;
  retryAfterMs?: number;
  /** With `slow_down` and `bulk_needs_opt_in`: when it will be possible again if nobody answers before. */
  until?: string;
}

/** A message of mine that the server has not acknowledged yet. Survives reload. */
export interface OutboxItem {
  clientId: string;
  /** Null while the first message to `to` has not been answered. */
  conversationId: string | null;
  to: string | null;
  text: string;
  createdAt: string;
  /**
   * `held`: the server keeps it back until I sign in again. It is not tried again from here; the message takes its
   * place when it is released, or `takeBackHeld` ends it.
   */
  status: 'queued' | 'sending' | 'failed' | 'held';
  /** With `failed` the reason, with `held` the sentence that says what it waits for. */
  problem?: Problem;
}

export interface Timeline {
  status: 'loading' | 'ready' | 'failed';
  /** Ascending and dense by seq: a contiguous stretch of the conversation. */
  messages: readonly Message[];
  hasBefore: boolean;
  /** True while the stretch does not reach the newest message. */
  hasAfter: boolean;
  loadingBefore: boolean;
  contact: Contact | null;
  problem?: Problem;
}

/**
 * The lists a conversation can stand in, one at a time. `offers` are those of the inbox whose latest message is an
 * offer of somebody else's; `quiet` are the requests without a badge. A request that was decided stands in none.
 */
export type ListName = 'inbox' | 'offers' | 'requests' | 'quiet' | 'archive';

export interface InboxList {
  /** `loading` also before it was first asked for, which for `quiet` is up to whoever shows it: `loadMoreInbox`. */
  status: 'loading' | 'ready' | 'failed';
  /** Conversation ids, latest activity first. */
  order: readonly string[];
  nextCursor: string | null;
  loadingMore: boolean;
}

export interface AppState {
  session: 'unknown' | 'signed-out' | 'signed-in' | 'ended-elsewhere';
  connection: 'connecting' | 'online' | 'offline';
  me: Me | null;
  settings: Settings | null;
  conversations: ReadonlyMap<string, Conversation>;
  /** `inbox` and `offers` come by the same pages: their status and `nextCursor` are always the same. */
  folders: Readonly<Record<ListName, InboxList>>;
  /** Conversations of the inbox with something unread, not muted, offers left out. */
  unreadConversations: number;
  /** The same for offers; never part of a badge. */
  unreadOffers: number;
  /** How many requests wait for a decision: `waiting` for the badge, `quiet` for the line that leads to those. */
  requestCounts: RequestCounts;
  timelines: ReadonlyMap<string, Timeline>;
  outbox: readonly OutboxItem[];
  /** By username. */
  profiles: ReadonlyMap<string, ProfileView>;
  /** Text not sent yet, by conversation id or `@username`. Survives reload. */
  drafts: ReadonlyMap<string, string>;
  /** Who is typing, by conversation id; empties itself after a few seconds. */
  typing: ReadonlyMap<string, readonly string[]>;
}

/** What became of several requests decided at once; those in neither list were decided. */
export interface Decided {
  /** No request any more: decided elsewhere, or its time was over. */
  gone: readonly string[];
  /** Back in the list. */
  failed: readonly string[];
}

export type Outcome<T = void> = { ok: true; value: T } | { ok: false; problem: Problem };

export interface SignUp {
  email: string;
  password: string;
  name: string;
  username: string;
}

/** Everything a view may ask for. Promises settle with an Outcome and never reject. */
export interface AppStore {
  getState(): AppState;
  subscribe(listener: () => void): () => void;

  /** Asks who is signed in, then loads the inbox and opens the socket. */
  start(): Promise<void>;
  stop(): void;

  signUp(details: SignUp): Promise<Outcome>;
  /** `login` is an e-mail address or a username. Resolves to 'totp' when a second factor is asked for. */
  signIn(login: string, password: string): Promise<Outcome<'done' | 'totp'>>;
  verifyTotp(code: string): Promise<Outcome>;
  signOut(): Promise<Outcome>;
  requestPasswordReset(email: string): Promise<Outcome>;
  resetPassword(token: string, newPassword: string): Promise<Outcome>;
  listSessions(): Promise<Outcome<SessionView[]>>;
  endSession(id: string): Promise<Outcome>;
  endOtherSessions(): Promise<Outcome>;
  deleteAccount(): Promise<Outcome>;
  enableTotp(password: string): Promise<Outcome<{ totpURI: string; backupCodes: string[] }>>;
  confirmTotp(code: string): Promise<Outcome>;
  disableTotp(password: string): Promise<Outcome>;

  /** The next page of a list, its first one if there is none yet. `offers` loads on with `inbox`. */
  loadMoreInbox(list: ListName): Promise<void>;
  /** Loads the newest page if the conversation is not on screen yet; keeps it current from then on. */
  openConversation(id: string): Promise<Outcome<ConversationView>>;
  closeConversation(id: string): void;
  loadBefore(id: string): Promise<void>;
  /** The next page downwards, while `hasAfter`: for whoever scrolled up beyond what is kept. */
  loadAfter(id: string): Promise<void>;
  jumpToNewest(id: string): Promise<void>;
  /** Optimistic: the inbox row changes at once. Only ever moves forward. Does nothing while it is a request. */
  markRead(id: string, seq: number): void;
  typed(id: string): void;

  /** Puts a message into the outbox and shows it at once; returns its client id. */
  send(target: { conversationId: string } | { to: string }, text: string): string;
  retry(clientId: string): void;
  discard(clientId: string): void;
  setDraft(key: string, text: string): void;
  /** Ends a message that is `held`; gone from the outbox once the server has agreed. */
  takeBackHeld(clientId: string): Promise<Outcome>;
  /**
   * Changes a message of mine; the server lets the unanswered first message be changed once. Optimistic: the new text
   * shows at once, and the old one again if it is refused.
   */
  editMessage(conversationId: string, seq: number, text: string): Promise<Outcome<Message>>;
  /** What would become of this text as a message to this person; not kept. Call it with a delay after typing. */
  checkFirstMessage(
    username: string,
    text: string,
    signal?: AbortSignal,
  ): Promise<Outcome<CheckAnswer>>;

  /**
   * Decide a request. Optimistic: it leaves its list at once and an accepted one stands in the inbox; it comes back if
   * it fails. Nothing of it is fetched or marked as read for that. `not_found`: it was no request any more.
   */
  acceptRequest(id: string): Promise<Outcome<ConversationView>>;
  declineRequest(id: string): Promise<Outcome>;
  blockRequest(id: string): Promise<Outcome>;
  /** Reports it with a copy of the message, and declines it. */
  reportRequest(id: string): Promise<Outcome>;
  /** The same for many. An Outcome that is not ok means that all of them are back. */
  decideRequests(ids: readonly string[], action: RequestAction): Promise<Outcome<Decided>>;
  /** Takes acceptance back: the conversation moves to the requests. Optimistic as well. */
  unacceptConversation(id: string): Promise<Outcome<ConversationView>>;

  /** “Why am I seeing this?” of a message that is not personal. */
  whyMessage(conversationId: string, seq: number): Promise<Outcome<WhyAnswer>>;
  /** Ends a purpose of this sender; `all` is every one but personal, `personal` takes acceptance back. */
  stopPurpose(username: string, purpose: Purpose | 'all'): Promise<Outcome<Grants>>;
  /** Allows a purpose; `language` is that of the button that was pressed, whose words the server stores. */
  grantPurpose(
    username: string,
    purpose: GrantPurpose | 'all',
    language: Language,
  ): Promise<Outcome<Grants>>;
  /** Who may write to me and who may not, page by page; not kept. */
  loadConsents(cursor?: string): Promise<Outcome<ConsentPage>>;
  /** My acts, the latest first, page by page; not kept. */
  loadLedger(cursor?: string): Promise<Outcome<LedgerPage>>;
  loadKeys(): Promise<Outcome<KeyView[]>>;
  makeKey(name: string): Promise<Outcome<NewKey>>;
  deleteKey(id: string): Promise<Outcome>;

  searchPeople(query: string): Promise<Outcome<PersonHit[]>>;
  /** Fetches and keeps the profile in `profiles`; also finds the existing conversation, if any. */
  loadProfile(username: string): Promise<Outcome<ProfileView>>;
  /** The id of my direct conversation with this person, when the page knows one. */
  conversationWith(username: string): string | null;
  setFollowing(username: string, on: boolean): Promise<Outcome<Standing>>;
  setBlocking(username: string, on: boolean): Promise<Outcome<Standing>>;
  setMuting(username: string, on: boolean): Promise<Outcome<Standing>>;
  report(username: string, reason: string, conversationId?: string): Promise<Outcome>;
  listBlocks(): Promise<
    Outcome<
      {
        username: string;
        name: string;
        id: string;
        kind: Conversation['members'][number]['kind'];
      }[]
    >
  >;
  updateMe(change: ProfileChange): Promise<Outcome>;
  updateSettings(change: SettingsChange): Promise<Outcome>;
}
