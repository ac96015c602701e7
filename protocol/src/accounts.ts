import { Type, type Static } from 'typebox';
import { Id, PersonKind, Time, Username } from './people.ts';
import { limits } from './limits.ts';

// Sessions and API keys as their owner sees them, and the door through which a host application brings its people.

const closed = { additionalProperties: false } as const;

export const SessionView = Type.Object(
  {
    id: Id,
    createdAt: Time,
    expiresAt: Time,
    /** The browser or program, as it named itself when it signed in; may be empty. */
    userAgent: Type.String(),
    /** True for the session that asks. */
    current: Type.Boolean(),
  },
  closed,
);
export type SessionView = Static<typeof SessionView>;

export const KeyBody = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: limits.nameMaxChars }) },
  closed,
);
export type KeyBody = Static<typeof KeyBody>;

/** The only time that the key itself is shown. */
export const NewKey = Type.Object({ id: Id, name: Type.String(), key: Type.String() }, closed);
export type NewKey = Static<typeof NewKey>;

export const KeyView = Type.Object(
  {
    id: Id,
    name: Type.String(),
    createdAt: Time,
    /** Noted at most once an hour; absent while it was never used. */
    lastUsedAt: Type.Optional(Time),
    /** The last four characters of the key. */
    hint: Type.String(),
  },
  closed,
);
export type KeyView = Static<typeof KeyView>;

export const OperatorPerson = Type.Object(
  {
    username: Username,
    name: Type.String({ minLength: 1, maxLength: limits.nameMaxChars }),
    kind: Type.Optional(PersonKind),
    createdAt: Type.Optional(Type.String({ format: 'date-time' })),
    follows: Type.Optional(Type.Array(Username, { maxItems: 5_000 })),
    owner: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  },
  closed,
);
export type OperatorPerson = Static<typeof OperatorPerson>;

export const OperatorPeople = Type.Array(OperatorPerson, { maxItems: limits.operatorBatchMax });

/** One answer per person of the batch, in its order; `token` is a session token of that person. */
export const OperatorPersonAnswer = Type.Object(
  { id: Id, username: Type.String(), token: Type.String() },
  closed,
);
export type OperatorPersonAnswer = Static<typeof OperatorPersonAnswer>;
