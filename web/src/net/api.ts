import type {
  CheckAnswer,
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
  SessionView,
  Settings,
  SettingsChange,
  Standing,
  WhyAnswer,
} from '@aside/protocol';
import type { Outcome } from './outcome.ts';
import { readApiProblem, type RequestOptions, type Requester } from './request.ts';

// Every route of Aside's own API, typed. Accounts (/api/auth) are in accounts.ts.

export type Relation = 'follow' | 'block' | 'mute';
export type Api = ReturnType<typeof createApi>;

export function createApi(requester: Requester) {
  // The server validates what it sends; the page trusts the contract that both compile against.
  const ask: Ask = async <T>(path: string, options: RequestOptions = {}) =>
    (await requester.send(path, options, readApiProblem)) as Outcome<T>;
  return {
    ...personRoutes(ask),
    ...conversationRoutes(ask),
    ...messageRoutes(ask),
    ...consentRoutes(ask),
    ...sessionRoutes(ask),
  };
}

type Ask = <T>(path: string, options?: RequestOptions) => Promise<Outcome<T>>;

function personRoutes(ask: Ask) {
  const person = (username: string) => `/api/people/${encodeURIComponent(username)}`;
  return {
    me: () => ask<Me>('/api/me'),
    updateMe: (change: ProfileChange) => ask<Me>('/api/me', { method: 'PATCH', body: change }),
    deleteMe: () => ask<null>('/api/me', { method: 'DELETE' }),
    settings: () => ask<Settings>('/api/settings'),
    updateSettings: (change: SettingsChange) =>
      ask<Settings>('/api/settings', { method: 'PATCH', body: change }),

    profile: (username: string) => ask<ProfileView>(person(username)),
    searchPeople: (q: string) => ask<{ people: PersonHit[] }>(`/api/people${toQuery({ q })}`),
    setRelation: (username: string, relation: Relation, on: boolean) =>
      ask<Standing>(`${person(username)}/${relation}`, { method: on ? 'PUT' : 'DELETE' }),
    blocks: () => ask<{ people: PersonCard[] }>('/api/blocks'),
    report: (username: string, body: Report) =>
      ask<unknown>(`${person(username)}/report`, { method: 'POST', body }),
  };
}

function conversationRoutes(ask: Ask) {
  return {
    conversations: (
      folder: Folder,
      page: { cursor: string | null; limit: number; quiet?: boolean },
    ) => ask<ConversationPage>(`/api/conversations${toQuery({ folder, ...page })}`),
    unreadConversations: (limit: number) =>
      ask<ConversationPage>(
        `/api/conversations${toQuery({ folder: 'inbox', unread: 'true', limit })}`,
      ),
    /** Every first page carries them; this is the smallest one. */
    async requestCounts(): Promise<Outcome<RequestCounts>> {
      const page = await ask<ConversationPage>('/api/conversations?folder=requests&limit=1');
      if (!page.ok) return page;
      return { ok: true, value: page.value.requests ?? { waiting: 0, quiet: 0 } };
    },
    conversation: (id: string) => ask<{ conversation: ConversationView }>(conversation(id)),
    markRead: (id: string, seq: number) =>
      ask<{ readSeq: number; unread: number }>(`${conversation(id)}/read`, {
        method: 'POST',
        body: { seq },
        keepalive: true,
      }),
    accept: (id: string) =>
      ask<{ conversation: ConversationView }>(`${conversation(id)}/accept`, { method: 'POST' }),
    decline: (id: string) => ask<null>(`${conversation(id)}/decline`, { method: 'POST' }),
    unaccept: (id: string) =>
      ask<{ conversation: ConversationView }>(`${conversation(id)}/unaccept`, { method: 'POST' }),
    decideRequests: (ids: readonly string[], action: RequestAction) =>
      ask<RequestsAnswer>('/api/requests', { method: 'POST', body: { ids, action } }),
  };
}

function messageRoutes(ask: Ask) {
  const message = (id: string, seq: number) => `${conversation(id)}/messages/${seq}`;
  return {
    messages: (id: string, range: { before?: number; after?: number; limit: number }) =>
      ask<MessagePage>(`${conversation(id)}/messages${toQuery(range)}`),
    send: (id: string, body: SendBody) =>
      ask<SendAnswer>(`${conversation(id)}/messages`, { method: 'POST', body }),
    sendTo: (username: string, body: SendBody) =>
      ask<SendAnswer>(`${withPerson(username)}/messages`, { method: 'POST', body }),
    check: (username: string, text: string, signal?: AbortSignal) =>
      ask<CheckAnswer>(`${withPerson(username)}/check`, {
        method: 'POST',
        body: { text },
        ...(signal !== undefined && { signal }),
      }),
    editMessage: (id: string, seq: number, text: string) =>
      ask<EditAnswer>(message(id, seq), { method: 'PATCH', body: { text } }),
    why: (id: string, seq: number) => ask<WhyAnswer>(`${message(id, seq)}/why`),
    held: () => ask<{ held: HeldMessage[] }>('/api/held'),
    takeBackHeld: (clientId: string) =>
      ask<null>(`/api/held/${encodeURIComponent(clientId)}`, { method: 'DELETE' }),
  };
}

function consentRoutes(ask: Ask) {
  const consent = (username: string, purpose: Purpose | 'all') =>
    `/api/consent/${encodeURIComponent(username)}/${purpose}`;
  return {
    consents: (cursor: string | null) => ask<ConsentPage>(`/api/consent${toQuery({ cursor })}`),
    ledger: (cursor: string | null) => ask<LedgerPage>(`/api/consent/ledger${toQuery({ cursor })}`),
    grantPurpose: (username: string, purpose: GrantPurpose | 'all', language: Language) =>
      ask<{ grants: Grants }>(consent(username, purpose), { method: 'PUT', body: { language } }),
    stopPurpose: (username: string, purpose: Purpose | 'all') =>
      ask<{ grants: Grants }>(consent(username, purpose), { method: 'DELETE' }),
  };
}

function sessionRoutes(ask: Ask) {
  return {
    sessions: () => ask<{ sessions: SessionView[] }>('/api/sessions'),
    endSession: (id: string) =>
      ask<null>(`/api/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    endOtherSessions: () => ask<null>('/api/sessions', { method: 'DELETE' }),
    keys: () => ask<{ keys: KeyView[] }>('/api/keys'),
    makeKey: (name: string) => ask<NewKey>('/api/keys', { method: 'POST', body: { name } }),
    deleteKey: (id: string) =>
      ask<null>(`/api/keys/${encodeURIComponent(id)}`, { method: 'DELETE' }),
  };
}

function conversation(id: string): string {
  return `/api/conversations/${encodeURIComponent(id)}`;
}

function withPerson(username: string): string {
  return `/api/conversations/with/${encodeURIComponent(username)}`;
}

function toQuery(fields: Record<string, string | number | boolean | null | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== null && value !== undefined) query.set(name, String(value));
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}
