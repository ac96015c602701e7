import { randomBytes } from 'node:crypto';
import type { OperatorPerson, OperatorPersonAnswer } from '@aside/protocol/schemas';
import type { Clock } from '../base/clock.ts';
import type { IdSource, PersonId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { judgeName } from '../domain/person-name.ts';
import { markPeopleMade } from '../storage/accounts.ts';
import type { Database } from '../storage/database.ts';
import {
  findPersonIdsByUsername,
  upsertOperatorAccounts,
  type OperatorAccount,
} from '../storage/operator-accounts.ts';
import type { NewPerson } from '../storage/people.ts';

export interface PeopleBringing {
  /** Family identity. */
  db: Database;
  clock: Clock;
  ids: IdSource;
  /** Writes or updates people of the person family; idempotent. */
  createPeople(people: readonly NewPerson[]): Promise<void>;
  /** Idempotent. */
  addFollows(pairs: readonly { followerId: PersonId; followeeId: PersonId }[]): Promise<void>;
  /** These people have sessions that they did not have before. */
  onSignedIn(people: readonly PersonId[]): Promise<void>;
}

/**
 * Makes or updates the people and gives each a session. Idempotent by username: the same id, a token that works.
 * Accounts that people made themselves, and retired names, are refused `username_taken`, by name and before
 * anything is written: the operator's key must not silently open the session of somebody who chose a password here.
 * Names that nobody could have chosen, times to come and unknown people to follow are `invalid`.
 */
export async function bringPeople(
  deps: PeopleBringing,
  people: readonly OperatorPerson[],
  sessionMs: number,
): Promise<OperatorPersonAnswer[]> {
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
  await deps.onSignedIn(made.accounts.map(({ id }) => id));
  return people.map(({ username }) => {
    const { id, token } = byName.get(username) as { id: PersonId; token: string };
    return { id, username, token };
  });
}

/** One account per name; of two entries with the same name the later one holds, and the follows of both. */
function toAccounts(
  deps: PeopleBringing,
  people: readonly OperatorPerson[],
  now: number,
): OperatorAccount[] {
  const accounts = people.map((person): OperatorAccount => {
    const { username, kind, owner } = person;
    const judged = judgeName(person.name);
    if (judged.outcome === 'refused') {
      throw new Refusal('invalid', `The name of ${username} is refused: ${judged.sentence}`);
    }
    if (!isStorableOwner(owner)) {
      throw new Refusal(
        'invalid',
        `The owner of ${username} holds characters that cannot be kept.`,
      );
    }
    const createdAt = person.createdAt === undefined ? now : Date.parse(person.createdAt);
    if (!(createdAt <= now) || createdAt < 0) {
      throw new Refusal('invalid', `createdAt of ${username} must lie between 1970 and now.`);
    }
    return {
      username,
      name: judged.name,
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
  deps: PeopleBringing,
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

function isStorableOwner(owner: string | undefined): boolean {
  return owner === undefined || (owner.isWellFormed() && !owner.includes('\0'));
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
