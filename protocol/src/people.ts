import { Type, type Static } from 'typebox';
import { limits, usernamePattern } from './limits.ts';

// People as they look on the wire: the short card in lists, the profile, the settings.

const closed = { additionalProperties: false } as const;

/** 63-bit ids travel as decimal strings, because JSON numbers lose digits above 2^53. */
export const Id = Type.String({
  pattern: '^[1-9][0-9]{0,18}$',
  description: 'A 63-bit id in decimal.',
});
export const Time = Type.String({ description: 'ISO 8601, UTC, milliseconds.' });
export const Username = Type.String({
  pattern: usernamePattern,
  description: '3 to 30 of a–z, 0–9, underscore and full stop; upper case is folded.',
});

export const PersonKind = Type.Enum(['person', 'brand', 'bot']);
export type PersonKind = Static<typeof PersonKind>;

/** The short form of a person, as in a list of members. */
export const PersonCard = Type.Object(
  { id: Id, username: Type.String(), name: Type.String(), kind: PersonKind },
  closed,
);
export type PersonCard = Static<typeof PersonCard>;

/** Whether the viewer may write to this person now, where it will arrive, and if not, why. */
export const Contact = Type.Object(
  {
    allowed: Type.Boolean(),
    arrives: Type.Union([Type.Literal('inbox'), Type.Literal('requests'), Type.Null()]),
    code: Type.Optional(Type.String()),
    sentence: Type.Optional(Type.String()),
    until: Type.Optional(Time),
  },
  closed,
);
export type Contact = Static<typeof Contact>;

export const Relationship = Type.Object(
  {
    following: Type.Boolean(),
    followedBy: Type.Boolean(),
    blocking: Type.Boolean(),
    muting: Type.Boolean(),
  },
  closed,
);
export type Relationship = Static<typeof Relationship>;

export const Profile = Type.Object(
  {
    id: Id,
    username: Type.String(),
    name: Type.String(),
    bio: Type.String(),
    website: Type.String(),
    kind: PersonKind,
    createdAt: Time,
  },
  closed,
);
export type Profile = Static<typeof Profile>;

/** What a person lets one sender do with one purpose. */
export const GrantState = Type.Enum(['off', 'granted', 'revoked']);
export type GrantState = Static<typeof GrantState>;
export const Grants = Type.Object(
  { service: GrantState, automated: GrantState, promotional: GrantState },
  closed,
);
export type Grants = Static<typeof Grants>;

/** A profile as one viewer sees it. */
export const ProfileView = Type.Object(
  {
    ...Profile.properties,
    relationship: Relationship,
    contact: Contact,
    /** What the viewer lets this person send besides personal messages. */
    grants: Grants,
    /** The direct conversation of the two, once there is one. */
    conversationId: Type.Optional(Id),
  },
  closed,
);
export type ProfileView = Static<typeof ProfileView>;

/** What follow, block and mute answer: how the two stand afterwards. */
export const Standing = Type.Object({ relationship: Relationship, contact: Contact }, closed);
export type Standing = Static<typeof Standing>;

/** One row of the new-message box. */
export const PersonHit = Type.Object({ ...PersonCard.properties, contact: Contact }, closed);
export type PersonHit = Static<typeof PersonHit>;

export const Me = Type.Object({ ...Profile.properties, email: Type.String() }, closed);
export type Me = Static<typeof Me>;

export const ProfileChange = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: limits.nameMaxChars })),
    bio: Type.Optional(Type.String({ maxLength: limits.bioMaxChars })),
    website: Type.Optional(Type.String({ maxLength: limits.websiteMaxChars })),
  },
  closed,
);
export type ProfileChange = Static<typeof ProfileChange>;

export const Reach = Type.Enum(['nobody', 'following', 'everyone']);
export type Reach = Static<typeof Reach>;

export const Settings = Type.Object(
  {
    reach: Reach,
    readReceipts: Type.Boolean({
      description:
        'Others see what I have read, and I see theirs. Stored only, until receipts are shown.',
    }),
    typing: Type.Boolean({ description: 'Others see that I write, and I see that they do.' }),
  },
  closed,
);
export type Settings = Static<typeof Settings>;
export const SettingsChange = Type.Partial(Settings, closed);
export type SettingsChange = Static<typeof SettingsChange>;

export const Report = Type.Object(
  {
    reason: Type.String({ minLength: 1, maxLength: limits.reportReasonMaxChars }),
    conversationId: Type.Optional(Id),
    seqs: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1 }), { maxItems: limits.reportMessagesMax }),
    ),
  },
  closed,
);
export type Report = Static<typeof Report>;
