import { Type, type Static } from 'typebox';
import { limits } from './limits.ts';
import { Contact, Id, PersonCard, Time } from './people.ts';

// Conversations and messages on the wire.

const closed = { additionalProperties: false } as const;

export const Origin = Type.Enum(['interactive', 'automated']);
export type Origin = Static<typeof Origin>;
export const Purpose = Type.Enum(['personal', 'service', 'automated', 'promotional']);
export type Purpose = Static<typeof Purpose>;
export const Folder = Type.Enum(['inbox', 'requests', 'archive']);
export type Folder = Static<typeof Folder>;

/** One entry of a conversation; (conversationId, seq) names it for every member and device. */
export const Message = Type.Object(
  {
    id: Id,
    conversationId: Id,
    seq: Type.Integer({ minimum: 1 }),
    senderId: Id,
    text: Type.String(),
    createdAt: Time,
    /** The sender's own id for it; kept for at least three days. */
    clientId: Type.Optional(Type.String()),
    origin: Origin,
    purpose: Purpose,
  },
  closed,
);
export type Message = Static<typeof Message>;

/** How the other's messages stand with the viewer: `accepted` once the viewer has written here. */
export const State = Type.Enum(['none', 'pending', 'accepted']);
export type State = Static<typeof State>;

/** One row of the inbox. `unread` is headSeq − readSeq; `pos` orders this person's changes. */
export const Conversation = Type.Object(
  {
    id: Id,
    kind: Type.Enum(['direct', 'group']),
    folder: Folder,
    /** Everyone in it, the viewer included; a note to oneself has one member. */
    members: Type.Array(PersonCard),
    headSeq: Type.Integer(),
    readSeq: Type.Integer(),
    unread: Type.Integer(),
    lastMessage: Type.Optional(Message),
    state: State,
    muted: Type.Boolean(),
    lastActivityAt: Time,
    pos: Type.Integer(),
  },
  closed,
);
export type Conversation = Static<typeof Conversation>;

/** A conversation opened on its own: the row plus whether the viewer may write. */
export const ConversationView = Type.Object(
  { ...Conversation.properties, contact: Contact },
  closed,
);
export type ConversationView = Static<typeof ConversationView>;

export const ConversationPage = Type.Object(
  { conversations: Type.Array(Conversation), nextCursor: Type.Optional(Type.String()) },
  closed,
);
export type ConversationPage = Static<typeof ConversationPage>;

export const MessagePage = Type.Object(
  { messages: Type.Array(Message), hasMore: Type.Boolean() },
  closed,
);
export type MessagePage = Static<typeof MessagePage>;

export const ClientId = Type.String({
  pattern: '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$',
  description: 'A uuid made by the client; the same one makes a retry safe.',
});

export const SendBody = Type.Object({ clientId: ClientId, text: Type.String() }, closed);
export type SendBody = Static<typeof SendBody>;

export const SendAnswer = Type.Object(
  { message: Message, arrived: Type.Enum(['inbox', 'requests']) },
  closed,
);
export type SendAnswer = Static<typeof SendAnswer>;

export const ReadBody = Type.Object({ seq: Type.Integer({ minimum: 0 }) }, closed);
export const ReadAnswer = Type.Object({ readSeq: Type.Integer(), unread: Type.Integer() }, closed);

export const PageLimit = Type.Integer({
  minimum: 1,
  maximum: limits.pageMax,
  default: limits.pageDefault,
});
