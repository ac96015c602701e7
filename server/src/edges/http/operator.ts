import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { OperatorPeople, OperatorPersonAnswer, type OperatorPerson } from '@aside/protocol/schemas';
import type { Clock } from '../../base/clock.ts';
import type { IdSource, PersonId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { markPeopleMade } from '../../storage/accounts.ts';
import type { Database } from '../../storage/database.ts';
import {
  findPersonIdsByUsername,
  upsertOperatorAccounts,
  type OperatorAccount,
} from '../../storage/operator-accounts.ts';
import type { NewPerson } from '../../storage/people.ts';
import { sessionMs } from '../accounts/auth.ts';
import { isName } from '../accounts/sign-up-rules.ts';

export interface OperatorDeps {
  /** Family identity. */
  db: Database;
  clock: Clock;
  ids: IdSource;
  /** Null: the routes answer like unknown ones. */
  operatorKey: string | null;
  /** ASIDE_TEST_CLOCK. */
  testClock: boolean;
  /** Writes or updates people of the person family; idempotent. */
  createPeople(people: readonly NewPerson[]): Promise<void>;
  /** Idempotent. */
  addFollows(pairs: readonly { followerId: PersonId; followeeId: PersonId }[]): Promise<void>;
}

const tenYearsMs = 10 * 365.25 * 86_400_000;
const ClockBody = Type.Object(
  { advanceMs: Type.Integer({ minimum: 0, maximum: tenYearsMs }) },
  { additionalProperties: false },
);
/** 1,000 people with a few hundred follows each. */
const peopleBodyMaxBytes = 16 * 1024 * 1024;

/**
 * What the host application may do with ASIDE_OPERATOR_KEY. Without the key or with a wrong one these routes are
 * `not_found`, before anything of the request is read.
 */
export function operatorRoutes(app: FastifyInstance, deps: OperatorDeps): void {
  const { operatorKey, clock } = deps;
  if (operatorKey === null) return;
  const requireKey = async (request: FastifyRequest): Promise<void> => {
    const given = /^bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (!isSameSecret(given.trim(), operatorKey)) throw new Refusal('not_found');
  };

  app.post<{ Body: OperatorPerson[] }>(
    '/api/operator/people',
    {
      bodyLimit: peopleBodyMaxBytes,
      onRequest: requireKey,
      preValidation: async (request) => foldUsernames(request.body),
      schema: {
        summary: 'Bring people and whom they follow',
        body: { ...OperatorPeople, minItems: 1 },
        response: { 200: Type.Array(OperatorPersonAnswer) },
      },
    },
    (request) => bringPeople(deps, request.body),
  );

  if (!deps.testClock) return;
  app.post<{ Body: Static<typeof ClockBody> }>(
    '/api/operator/clock',
    {
      onRequest: requireKey,
      schema: { summary: 'Move every clock of this server forward', body: ClockBody },
    },
    async (request) => {
      clock.advance(request.body.advanceMs);
      return { now: new Date(clock.now()).toISOString() };
    },
  );
}

/**
 * Makes or updates the people and gives each a session. Idempotent by username: the same id, a token that works.
 * Accounts that people made themselves, and retired names, are refused `username_taken`, by name and before
 * anything is written: the operator's key must not silently open the session of somebody who chose a password here.
 */
async function bringPeople(
  deps: OperatorDeps,
  people: readonly OperatorPerson[],
): Promise<Static<typeof OperatorPersonAnswer>[]> {
  const now = deps.clock.now();
  const accounts = toAccounts(deps, people, now);
  const strangers = await findFollowed(deps, people);
  const times = { now, sessionEndsAt: now + sessionMs };
  const made = await upsertOperatorAccounts(deps.db, accounts, times);
  if (made.outcome === 'taken') {
    throw new Refusal(
      'username_taken',
      `These usernames belong to people who signed up themselves, or did once: ${listed(made.usernames)}.`,
    );
  }
  await deps.createPeople(made.accounts.map(({ token: _token, ...person }) => person));
  const byName = new Map(made.accounts.map((account) => [account.username, account]));
  const idOf = (username: string): PersonId =>
    (byName.get(username)?.id ?? strangers.get(username)) as PersonId;
  await deps.addFollows(followPairs(people, idOf));
  await markPeopleMade(
    deps.db,
    made.accounts.map(({ id }) => id),
  );
  return people.map(({ username }) => {
    const { id, token } = byName.get(username) as { id: PersonId; token: string };
    return { id, username, token };
  });
}

/** One account per name; of two entries with the same name the later one holds, and the follows of both. */
function toAccounts(
  deps: OperatorDeps,
  people: readonly OperatorPerson[],
  now: number,
): OperatorAccount[] {
  const accounts = people.map((person): OperatorAccount => {
    const { username, name, kind, owner } = person;
    if (!isName(name) || !isStorableOwner(owner)) {
      throw new Refusal(
        'invalid',
        `The name or owner of ${username} holds characters that cannot be kept or shown.`,
      );
    }
    const createdAt = person.createdAt === undefined ? now : Date.parse(person.createdAt);
    if (!(createdAt <= now) || createdAt < 0) {
      throw new Refusal('invalid', `createdAt of ${username} must lie between 1970 and now.`);
    }
    return {
      username,
      name,
      kind: kind ?? null,
      owner: owner ?? null,
      createdAt: new Date(createdAt),
      newId: deps.ids.next(),
      newSession: { id: deps.ids.next(), token: randomBytes(24).toString('base64url') },
    };
  });
  return [...new Map(accounts.map((account) => [account.username, account])).values()];
}

/** Those who are followed and are not in the batch; refuses `invalid` with the names nobody has. */
async function findFollowed(
  deps: OperatorDeps,
  people: readonly OperatorPerson[],
): Promise<Map<string, PersonId>> {
  const batch = new Set(people.map(({ username }) => username));
  const others = new Set(
    people.flatMap(({ follows }) => follows ?? []).filter((name) => !batch.has(name)),
  );
  if (others.size === 0) return new Map();
  const found = await findPersonIdsByUsername(deps.db, [...others]);
  const unknown = [...others].filter((name) => !found.has(name));
  if (unknown.length > 0) {
    throw new Refusal(
      'invalid',
      `Nobody here or in this batch is called ${listed(unknown)}; nothing was written.`,
    );
  }
  return found;
}

function followPairs(
  people: readonly OperatorPerson[],
  idOf: (username: string) => PersonId,
): { followerId: PersonId; followeeId: PersonId }[] {
  return people.flatMap(({ username, follows }) =>
    [...new Set(follows)]
      .filter((followed) => followed !== username)
      .map((followed) => ({ followerId: idOf(username), followeeId: idOf(followed) })),
  );
}

/** Upper case in usernames is folded before the schema looks; anything else is left for it to refuse. */
function foldUsernames(body: unknown): void {
  if (!Array.isArray(body)) return;
  for (const person of body as unknown[]) {
    if (typeof person !== 'object' || person === null) continue;
    const entry = person as { username?: unknown; follows?: unknown };
    if (typeof entry.username === 'string') entry.username = entry.username.toLowerCase();
    if (Array.isArray(entry.follows)) {
      entry.follows = entry.follows.map((name: unknown) =>
        typeof name === 'string' ? name.toLowerCase() : name,
      );
    }
  }
}

function isStorableOwner(owner: string | undefined): boolean {
  return owner === undefined || (owner.isWellFormed() && !owner.includes('\0'));
}

/** Compares hashes, so that neither content nor length shows in the time it takes. */
function isSameSecret(given: string, expected: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(expected));
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
