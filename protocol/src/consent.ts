import { Type, type Static } from 'typebox';
import { Purpose } from './conversations.ts';
import { GrantState, Id, PersonCard, Time } from './people.ts';

// Who may write to me and why, and the ledger behind it.

const closed = { additionalProperties: false } as const;

/** Purposes that need a grant. */
export const GrantPurpose = Type.Enum(['service', 'automated', 'promotional']);
export type GrantPurpose = Static<typeof GrantPurpose>;

/** The languages in which wordings are shown and stored. */
export const Language = Type.Enum(['en', 'de']);
export type Language = Static<typeof Language>;

/** How an act was done. `session`: pressing a button on the page or calling the API as oneself. */
export const ActVia = Type.Enum(['session', 'key', 'message', 'keyword', 'link', 'owner']);
export type ActVia = Static<typeof ActVia>;

export const LedgerKind = Type.Enum([
  'wrote_first',
  'replied',
  'accept',
  'unaccept',
  'decline',
  'block',
  'unblock',
  'grant',
  'revoke',
  'reply_credit',
]);
export type LedgerKind = Static<typeof LedgerKind>;

/** One act of mine, never changed afterwards. */
export const LedgerEntry = Type.Object(
  {
    id: Id,
    at: Time,
    kind: LedgerKind,
    /** About whom. */
    person: PersonCard,
    /** What it concerns: `personal` for accepting and declining; left out where all are meant. */
    purpose: Type.Optional(Purpose),
    via: ActVia,
    /** The words on the button, or the sentence that says what was done. */
    wording: Type.Optional(Type.String()),
    /** Where it was done, if in a conversation. */
    conversationId: Type.Optional(Id),
  },
  closed,
);
export type LedgerEntry = Static<typeof LedgerEntry>;

export const LedgerPage = Type.Object(
  { entries: Type.Array(LedgerEntry), nextCursor: Type.Optional(Type.String()) },
  closed,
);
export type LedgerPage = Static<typeof LedgerPage>;

/** One line of “who may write to me”. */
export const Consent = Type.Object(
  {
    person: PersonCard,
    purpose: Purpose,
    /** `granted`: may write; `revoked`: may not, until I allow it again. */
    state: GrantState,
    since: Time,
    /** The act that made it so. */
    why: LedgerKind,
    via: ActVia,
    wording: Type.Optional(Type.String()),
    entryId: Id,
  },
  closed,
);
export type Consent = Static<typeof Consent>;

export const ConsentPage = Type.Object(
  { consents: Type.Array(Consent), nextCursor: Type.Optional(Type.String()) },
  closed,
);
export type ConsentPage = Static<typeof ConsentPage>;

/** The language of the button that was pressed, so that its very words are stored. */
export const GrantBody = Type.Object({ language: Type.Optional(Language) }, closed);
export type GrantBody = Static<typeof GrantBody>;

/** “Why am I seeing this?” */
export const WhyAnswer = Type.Object({ entry: LedgerEntry, unsubscribe: Type.String() }, closed);
export type WhyAnswer = Static<typeof WhyAnswer>;
