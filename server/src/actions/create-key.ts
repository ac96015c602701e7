import { createHash, randomBytes } from 'node:crypto';
import { limits, type NewKey } from '@aside/protocol';
import type { Clock } from '../base/clock.ts';
import type { IdSource, KeyId, PersonId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { judgeName } from '../domain/person-name.ts';
import type { Database } from '../storage/database.ts';
import { countKeys, insertKey, lockAccount } from '../storage/keys.ts';

export interface KeyMaking {
  /** Family identity. */
  db: Database;
  clock: Clock;
  ids: IdSource;
}

const hintChars = 4;

/**
 * Makes an API key for this person; the answer is the only place it is ever shown. Refuses `invalid` for a name that
 * cannot be shown and for one key too many.
 */
export async function createKey(
  { db, clock, ids }: KeyMaking,
  personId: PersonId,
  givenName: string,
): Promise<NewKey> {
  const judged = judgeName(givenName);
  if (judged.outcome === 'refused') throw new Refusal('invalid', judged.sentence);
  const { name } = judged;
  const key = `aside_${randomBytes(32).toString('base64url')}`;
  const id = ids.next<KeyId>();
  await db.transaction(async (tx) => {
    // Two at once would both count the keys before either is there.
    if (!(await lockAccount(tx, personId))) throw new Refusal('unauthenticated');
    if ((await countKeys(tx, personId)) >= limits.keysPerPersonMax) {
      throw new Refusal(
        'invalid',
        `You have ${limits.keysPerPersonMax} keys, which is the most one person may have; delete one first.`,
      );
    }
    await insertKey(tx, {
      id,
      personId,
      name,
      // 256 random bits need no slow hash: nobody can try them all.
      hash: createHash('sha256').update(key).digest(),
      hint: key.slice(-hintChars),
      createdAt: new Date(clock.now()),
    });
  });
  return { id, name, key };
}
