import { Type, type Static } from 'typebox';
import { limits } from './limits.ts';
import { Contact, Id, PersonCard, Profile, Time } from './people.ts';

// Conversations and messages on the wire.

const closed = { additionalProperties: false } as const;

export const Origin = Type.Enum(['interactive', 'automated']);
export type Origin = Static<typeof Origin>;
export const Purpose = Type.Enum(['personal', 'service', 'automated', 'promotional']);
export type Purpose = Static<typeof Purpose>;
export const Folder = Type.Enum(['inbox', 'requests', 'archive']);
export type Folder = Static<typeof Folder>;
/** Where a row of the inbox stands; `closed` is in no folder: a request that was declined or has expired. */
export const Place = Type.Enum(['inbox', 'requests', 'archive', 'closed']);
export type Place = Static<typeof Place>;

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
    /** When its text was last changed by its sender. */
    editedAt: Type.Optional(Time),
    /** Not personal: the entry of the recipient's ledger that allowed it. */
    allowedBy: Type.Optional(Id),
    /** Not personal, to its recipient alone: a POST to this path ends this purpose of this sender, signed in or not. */
    unsubscribe: Type.Optional(Type.String()),
  },
  closed,
);
export type Message = Static<typeof Message>;

/** How the other's messages stand with the viewer: `accepted` once the viewer has written here. */
export const State = Type.Enum(['none', 'pending', 'accepted']);
export type State = Static<typeof State>;

/** Why a request came without a badge. */
export const QuietReason = Type.Enum(['similar', 'link', 'new_account', 'reports']);
export type QuietReason = Static<typeof QuietReason>;

/** “Do I know you?”: what helps to judge a request, nothing that the viewer could not look up. */
export const RequestCard = Type.Object(
  {
    person: Profile,
    /** People the viewer and the sender both follow: how many, and up to three of them. */
    followedByBoth: Type.Object({ count: Type.Integer(), people: Type.Array(PersonCard) }, closed),
    /** Whether the viewer follows the sender. */
    following: Type.Boolean(),
    /** About how many people got near-identical text within 30 days; left out below 5. */
    similar: Type.Optional(Type.Integer()),
    /** When the request goes away by itself. */
    expiresAt: Time,
  },
  closed,
);
export type RequestCard = Static<typeof RequestCard>;

/** One row of the inbox. `unread` is headSeq − readSeq; `pos` orders this person's changes. */
export const Conversation = Type.Object(
  {
    id: Id,
    kind: Type.Enum(['direct', 'group']),
    folder: Place,
    /** The latest message is an offer: it is listed apart and never pushed. */
    section: Type.Optional(Type.Enum(['offers'])),
    /** Everyone in it, the viewer included; a note to oneself has one member. */
    members: Type.Array(PersonCard),
    headSeq: Type.Integer(),
    readSeq: Type.Integer(),
    unread: Type.Integer(),
    lastMessage: Type.Optional(Message),
    state: State,
    /** A request without a badge; shown to its recipient alone. */
    quiet: Type.Optional(Type.Boolean()),
    quietReasons: Type.Optional(Type.Array(QuietReason)),
    /** While `state` is `pending`. */
    request: Type.Optional(RequestCard),
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

/** How many requests wait; at most 1,000 of each are counted. */
export const RequestCounts = Type.Object(
  { waiting: Type.Integer(), quiet: Type.Integer() },
  closed,
);
export type RequestCounts = Static<typeof RequestCounts>;

export const ConversationPage = Type.Object(
  {
    conversations: Type.Array(Conversation),
    nextCursor: Type.Optional(Type.String()),
    /** On the first page of any folder. */
    requests: Type.Optional(RequestCounts),
  },
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

export const SendBody = Type.Object(
  {
    clientId: ClientId,
    text: Type.String(),
    /** What the message is for; the server may move it to the stricter side, never back. */
    purpose: Type.Optional(Purpose),
  },
  closed,
);
export type SendBody = Static<typeof SendBody>;

export const EditBody = Type.Object({ text: Type.String() }, closed);
export type EditBody = Static<typeof EditBody>;
export const EditAnswer = Type.Object({ message: Message }, closed);
export type EditAnswer = Static<typeof EditAnswer>;

/** Asks what would become of a text before it is sent. */
export const CheckBody = Type.Object(
  { text: Type.String(), purpose: Type.Optional(Purpose) },
  closed,
);
export type CheckBody = Static<typeof CheckBody>;
export const CheckAnswer = Type.Object(
  {
    contact: Contact,
    purpose: Purpose,
    /** How many people got near-identical text from me as a first message within 30 days. */
    similar: Type.Integer(),
  },
  closed,
);
export type CheckAnswer = Static<typeof CheckAnswer>;

export const RequestAction = Type.Enum(['accept', 'decline', 'block', 'report']);
export type RequestAction = Static<typeof RequestAction>;
export const RequestsBody = Type.Object(
  { ids: Type.Array(Id, { minItems: 1, maxItems: limits.requestsMax }), action: RequestAction },
  closed,
);
export type RequestsBody = Static<typeof RequestsBody>;
/** One result per id, in order; `not_found` for what is not a request of the viewer (any more). */
export const RequestsAnswer = Type.Object(
  {
    results: Type.Array(
      Type.Object({ id: Id, outcome: Type.Enum(['done', 'not_found', 'failed']) }, closed),
    ),
  },
  closed,
);
export type RequestsAnswer = Static<typeof RequestsAnswer>;

/** A message that the brake holds back until its sender signs in again. */
export const HeldMessage = Type.Object(
  { clientId: Type.String(), conversationId: Id, text: Type.String(), heldAt: Time },
  closed,
);
export type HeldMessage = Static<typeof HeldMessage>;

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
