import type {
  Conversation,
  ConversationView,
  ErrorCode,
  Folder,
  Me,
  Message,
  PersonHit,
  ProfileChange,
  ProfileView,
  SessionView,
  Settings,
  SettingsChange,
  Standing,
  Contact,
} from '@aside/protocol';

// What the page knows and what it can ask for. Views read `AppState` and call `AppStore`; nothing else.
// Every change makes a new state object; parts that did not change keep their identity.

/** A refusal or failure as the page shows it; `code` picks the sentence, `detail` is the server's own. */
export interface Problem {
  code: ErrorCode | 'offline' | 'wrong_credentials' | 'unknown';
  detail: string;
  retryAfterMs?: number;
}

/** A message of mine that the server has not acknowledged yet. Survives reload. */
export interface OutboxItem {
  clientId: string;
  /** Null while the first message to `to` has not been answered. */
  conversationId: string | null;
  to: string | null;
  text: string;
  createdAt: string;
  status: 'queued' | 'sending' | 'failed';
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

export interface InboxList {
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
  folders: Readonly<Record<Folder, InboxList>>;
  /** Conversations of the inbox folder with something unread and not muted. */
  unreadConversations: number;
  timelines: ReadonlyMap<string, Timeline>;
  outbox: readonly OutboxItem[];
  /** By username. */
  profiles: ReadonlyMap<string, ProfileView>;
  /** Text not sent yet, by conversation id or `@username`. Survives reload. */
  drafts: ReadonlyMap<string, string>;
  /** Who is typing, by conversation id; empties itself after a few seconds. */
  typing: ReadonlyMap<string, readonly string[]>;
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

  loadMoreInbox(folder: Folder): Promise<void>;
  /** Loads the newest page if the conversation is not on screen yet; keeps it current from then on. */
  openConversation(id: string): Promise<Outcome<ConversationView>>;
  closeConversation(id: string): void;
  loadBefore(id: string): Promise<void>;
  /** The next page downwards, while `hasAfter`: for whoever scrolled up beyond what is kept. */
  loadAfter(id: string): Promise<void>;
  jumpToNewest(id: string): Promise<void>;
  /** Optimistic: the inbox row changes at once. Only ever moves forward. */
  markRead(id: string, seq: number): void;
  typed(id: string): void;

  /** Puts a message into the outbox and shows it at once; returns its client id. */
  send(target: { conversationId: string } | { to: string }, text: string): string;
  retry(clientId: string): void;
  discard(clientId: string): void;
  setDraft(key: string, text: string): void;

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
