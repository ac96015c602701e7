import type {
  CheckAnswer,
  ClientFrame,
  ConsentPage,
  ConversationPage,
  ConversationView,
  EditAnswer,
  Folder,
  GrantPurpose,
  Grants,
  HeldMessage,
  KeyView,
  Language,
  LedgerPage,
  Me,
  MessagePage,
  NewKey,
  PersonCard,
  PersonHit,
  ProfileChange,
  ProfileView,
  Purpose,
  Report,
  RequestAction,
  RequestCounts,
  RequestsAnswer,
  SendAnswer,
  SendBody,
  ServerFrame,
  SessionView,
  Settings,
  SettingsChange,
  Standing,
  WhyAnswer,
} from '@aside/protocol';
import type { Outcome, SignUp } from './model.ts';

// What the store is given. `web/src/platform` and `web/src/net` fit these shapes; a test may bring others.

export type Stop = () => void;

export interface StorePorts {
  clock: { now(): number };
  scheduler: { after(delayMs: number, task: () => void): Stop };
  storage: StoragePort;
  /** Null where the browser has none; client ids keep a double send harmless. */
  locks: {
    hold<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  } | null;
  network: { isOnline(): boolean; watch(listener: (isOnline: boolean) => void): Stop };
  visibility: { isVisible(): boolean; watch(listener: (isVisible: boolean) => void): Stop };
  /** At least 0, below 1. */
  random: () => number;
  newUuid: () => string;
  /** Called once; `owner` hears the socket and every end of the session. */
  net: (owner: NetOwner) => NetPort;
}

/** Survives a reload; shared by the tabs of one browser. `watch` hears the other tabs only. */
export interface StoragePort {
  get(key: string): string | null;
  set(key: string, value: string): boolean;
  remove(key: string): void;
  keys(prefix: string): string[];
  watch(listener: (key: string, value: string | null) => void): Stop;
}

export interface NetOwner {
  helloPos(): number | null;
  frame(frame: ServerFrame, helloPos: number | null): void;
  state(state: 'connecting' | 'online' | 'offline'): void;
  sessionEnded(): void;
  struggling(): void;
}

export interface NetPort {
  api: ApiPort;
  accounts: AccountsPort;
  socket: {
    start(): void;
    stop(): void;
    isLive(): boolean;
    send(frame: ClientFrame, mayWait: boolean): void;
  };
  renewSession(): void;
  abortAll(): void;
}

type Answer<T> = Promise<Outcome<T>>;

export interface ApiPort {
  me(): Answer<Me>;
  updateMe(change: ProfileChange): Answer<Me>;
  deleteMe(): Answer<unknown>;
  settings(): Answer<Settings>;
  updateSettings(change: SettingsChange): Answer<Settings>;
  profile(username: string): Answer<ProfileView>;
  searchPeople(q: string): Answer<{ people: PersonHit[] }>;
  setRelation(username: string, relation: Relation, on: boolean): Answer<Standing>;
  blocks(): Answer<{ people: PersonCard[] }>;
  report(username: string, body: Report): Answer<unknown>;
  /** `quiet` asks for one part of the requests alone. */
  conversations(
    folder: Folder,
    page: { cursor: string | null; limit: number; quiet?: boolean },
  ): Answer<ConversationPage>;
  requestCounts(): Answer<RequestCounts>;
  /** The inbox's rows with something unread, latest first; one page of them. */
  unreadConversations(limit: number): Answer<ConversationPage>;
  conversation(id: string): Answer<{ conversation: ConversationView }>;
  messages(
    id: string,
    range: { before?: number; after?: number; limit: number },
  ): Answer<MessagePage>;
  send(id: string, body: SendBody): Answer<SendAnswer>;
  sendTo(username: string, body: SendBody): Answer<SendAnswer>;
  markRead(id: string, seq: number): Answer<{ readSeq: number; unread: number }>;
  /** My messages that wait until I sign in again; sending one fails with the code `held`. */
  held(): Answer<{ held: HeldMessage[] }>;
  takeBackHeld(clientId: string): Answer<unknown>;
  editMessage(id: string, seq: number, text: string): Answer<EditAnswer>;
  check(username: string, text: string, signal?: AbortSignal): Answer<CheckAnswer>;

  accept(id: string): Answer<{ conversation: ConversationView }>;
  decline(id: string): Answer<unknown>;
  unaccept(id: string): Answer<{ conversation: ConversationView }>;
  decideRequests(ids: readonly string[], action: RequestAction): Answer<RequestsAnswer>;

  why(id: string, seq: number): Answer<WhyAnswer>;
  stopPurpose(username: string, purpose: Purpose | 'all'): Answer<{ grants: Grants }>;
  grantPurpose(
    username: string,
    purpose: GrantPurpose | 'all',
    language: Language,
  ): Answer<{ grants: Grants }>;
  consents(cursor: string | null): Answer<ConsentPage>;
  ledger(cursor: string | null): Answer<LedgerPage>;
  keys(): Answer<{ keys: KeyView[] }>;
  makeKey(name: string): Answer<NewKey>;
  deleteKey(id: string): Answer<unknown>;

  sessions(): Answer<{ sessions: SessionView[] }>;
  endSession(id: string): Answer<unknown>;
  endOtherSessions(): Answer<unknown>;
}

export type Relation = 'follow' | 'block' | 'mute';

export interface AccountsPort {
  signUp(details: SignUp): Answer<unknown>;
  signIn(login: string, password: string): Answer<'done' | 'totp'>;
  verifySecondFactor(code: string): Answer<unknown>;
  signOut(): Answer<unknown>;
  requestPasswordReset(email: string): Answer<unknown>;
  resetPassword(token: string, newPassword: string): Answer<unknown>;
  enableTotp(password: string): Answer<{ totpURI: string; backupCodes: string[] }>;
  disableTotp(password: string): Answer<unknown>;
}
