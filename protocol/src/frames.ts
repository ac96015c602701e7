import { Type, type Static } from 'typebox';
import type { Conversation, Message } from './conversations.ts';
import { ClientId, Purpose } from './conversations.ts';
import type { ErrorCode } from './errors.ts';
import type { Me } from './people.ts';
import { Id } from './people.ts';

// The realtime socket: one JSON object per text frame. A client sends `hello` first.

const closed = { additionalProperties: false } as const;

export const ClientFrame = Type.Union([
  Type.Object(
    {
      t: Type.Literal('hello'),
      token: Type.Optional(Type.String({ maxLength: 200 })),
      /** The last `pos` this device has seen; everything that changed since comes as `inbox` frames. */
      pos: Type.Optional(Type.Integer({ minimum: 0 })),
    },
    closed,
  ),
  Type.Object(
    {
      t: Type.Literal('send'),
      clientId: ClientId,
      conversationId: Type.Optional(Id),
      /** A username, for a first message. Exactly one of `to` and `conversationId`. */
      to: Type.Optional(Type.String({ maxLength: 60 })),
      text: Type.String(),
      purpose: Type.Optional(Purpose),
    },
    closed,
  ),
  Type.Object(
    { t: Type.Literal('read'), conversationId: Id, seq: Type.Integer({ minimum: 0 }) },
    closed,
  ),
  Type.Object({ t: Type.Literal('typing'), conversationId: Id }, closed),
  Type.Object({ t: Type.Literal('ping') }, closed),
]);
export type ClientFrame = Static<typeof ClientFrame>;

/** What changed in one inbox row, without its text: enough to see a gap and to keep devices in step. */
export interface Tick {
  conversationId: string;
  headSeq: number;
  readSeq: number;
  folder: Conversation['folder'];
  quiet: boolean;
  muted: boolean;
  lastActivityAt: string;
  pos: number;
}

export type ServerFrame =
  | { t: 'welcome'; me: Me; pos: number }
  | {
      t: 'ack';
      clientId: string;
      conversationId: string;
      seq: number;
      id: string;
      createdAt: string;
      arrived: 'inbox' | 'requests';
    }
  /** Not sent, and why; with the code `held` it waits until I sign in again, and comes as a `message` then. */
  | {
      t: 'refused';
      clientId: string;
      code: ErrorCode;
      detail: string;
      retryAfterSeconds?: number;
      until?: string;
    }
  /**
   * A new message in one of my conversations, my own from any device included. `arrived` says where it came to in
   * the recipient's house; whether a request is quiet follows in the `tick`.
   */
  | {
      t: 'message';
      conversationId: string;
      message: Message;
      arrived: 'inbox' | 'requests';
      pos?: number;
    }
  /**
   * Something about a conversation of mine changed other than by a new message: a message was edited (it is in the
   * frame), or the other accepted (fetch the conversation again). `rev` counts such changes.
   */
  | { t: 'changed'; conversationId: string; rev: number; message?: Message }
  /** Messages of mine that were held back and are not any more, because I took them back or they were refused. */
  | { t: 'dropped'; conversationId: string; clientId: string; code?: ErrorCode }
  /** Catch-up after `hello` with a `pos`, oldest change first, at most 200 rows a frame; `pos` covers all rows sent so far. */
  | { t: 'inbox'; rows: Conversation[]; pos: number; more: boolean }
  /** Inbox rows of mine that changed; follows `message` within a moment and heals one that was lost. */
  | { t: 'tick'; rows: Tick[]; pos: number }
  | { t: 'typing'; conversationId: string; personId: string }
  /** My own profile, settings, follows, blocks or mutes changed on another device: fetch again. */
  | { t: 'me' }
  /** A frame that was not understood or asked for something refused; the socket stays open. */
  | { t: 'error'; code: ErrorCode; detail: string }
  | { t: 'pong' };
