import type {
  ConversationPage,
  ConversationView,
  Folder,
  Me,
  MessagePage,
  PersonCard,
  PersonHit,
  ProfileChange,
  ProfileView,
  Report,
  SendAnswer,
  SendBody,
  SessionView,
  Settings,
  SettingsChange,
  Standing,
} from '@aside/protocol';
import type { Outcome } from './outcome.ts';
import { readApiProblem, type RequestOptions, type Requester } from './request.ts';

// Every route of Aside's own API, typed. Accounts (/api/auth) are in accounts.ts.

export type Relation = 'follow' | 'block' | 'mute';
export type Api = ReturnType<typeof createApi>;

export function createApi(requester: Requester) {
  // The server validates what it sends; the page trusts the contract that both compile against.
  const ask = async <T>(path: string, options: RequestOptions = {}): Promise<Outcome<T>> =>
    (await requester.send(path, options, readApiProblem)) as Outcome<T>;
  const conversation = (id: string) => `/api/conversations/${encodeURIComponent(id)}`;
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

    conversations: (folder: Folder, cursor: string | null, limit: number) =>
      ask<ConversationPage>(`/api/conversations${toQuery({ folder, cursor, limit })}`),
    unreadConversations: (limit: number) =>
      ask<ConversationPage>(
        `/api/conversations${toQuery({ folder: 'inbox', unread: 'true', limit })}`,
      ),
    conversation: (id: string) => ask<{ conversation: ConversationView }>(conversation(id)),
    messages: (id: string, range: { before?: number; after?: number; limit: number }) =>
      ask<MessagePage>(`${conversation(id)}/messages${toQuery(range)}`),
    send: (id: string, body: SendBody) =>
      ask<SendAnswer>(`${conversation(id)}/messages`, { method: 'POST', body }),
    sendTo: (username: string, body: SendBody) =>
      ask<SendAnswer>(`/api/conversations/with/${encodeURIComponent(username)}/messages`, {
        method: 'POST',
        body,
      }),
    markRead: (id: string, seq: number) =>
      ask<{ readSeq: number; unread: number }>(`${conversation(id)}/read`, {
        method: 'POST',
        body: { seq },
        keepalive: true,
      }),

    sessions: () => ask<{ sessions: SessionView[] }>('/api/sessions'),
    endSession: (id: string) =>
      ask<null>(`/api/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    endOtherSessions: () => ask<null>('/api/sessions', { method: 'DELETE' }),
  };
}

function toQuery(fields: Record<string, string | number | null | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== null && value !== undefined) query.set(name, String(value));
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}
