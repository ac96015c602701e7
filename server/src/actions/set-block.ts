import type { MessageId, PersonId } from '../base/ids.ts';
import { createKeyedQueue } from '../base/keyed-queue.ts';
import { Refusal } from '../base/refusal.ts';
import { lockConversations, setMemberBlocks } from '../storage/conversations.ts';
import { findPerson, lockPeople } from '../storage/people.ts';
import {
  deleteBlock,
  deleteFollow,
  deleteIntents,
  findIntents,
  insertBlock,
  insertIntent,
  isBlocking,
} from '../storage/relations.ts';
import { lowHigh } from '../storage/standing.ts';
import { openDirect } from './open-direct.ts';
import type { World } from './world.ts';

// A block lives in two families: in the conversation, where a send sees it under its lock, and in the
// person's own list. An intent written first lets the sweeper finish what a crash interrupts.

/**
 * Changes of one pair wait for each other here, where they hold nothing, and not for the conversation's lock, where
 * each would hold a connection of the pool that everybody shares.
 */
const changesUnderWay = createKeyedQueue({ perKeyMax: 20, max: 1_000 });

/**
 * Blocks a person. When it is answered, no message of theirs can arrive any more: the mark is set under the
 * lock that their send must take. Ends the blocker's own follow. Repeating it changes nothing.
 * Refuses `invalid` for oneself and `rate_limited` beyond 20 changes under way for one pair.
 */
export async function blockPerson(
  world: World,
  personId: PersonId,
  otherId: PersonId,
): Promise<void> {
  await changeBlock(world, personId, otherId, 'block');
}

/** Takes a block back. Follows that ended by it stay ended. */
export async function unblockPerson(
  world: World,
  personId: PersonId,
  otherId: PersonId,
): Promise<void> {
  await changeBlock(world, personId, otherId, 'unblock');
}

async function changeBlock(
  world: World,
  personId: PersonId,
  otherId: PersonId,
  kind: 'block' | 'unblock',
): Promise<void> {
  if (personId === otherId) throw new Refusal('invalid', 'You cannot block yourself.');
  await changesUnderWay.run(lowHigh(personId, otherId).join(' '), async () => {
    if (await isAsWished(world, personId, otherId, kind)) return;
    const intent = { personId, intentId: world.ids.next<MessageId>(), kind, otherId };
    await insertIntent(world.families.person, intent, new Date(world.clock.now()));
    await finishBlockIntents(world, personId, otherId);
    world.wake.personChanged(personId);
  });
}

/**
 * Nothing to change, and nothing to create. The list is read before the intents: what it says reached the
 * conversation as well if no intent is left after that.
 */
async function isAsWished(
  { families }: World,
  personId: PersonId,
  otherId: PersonId,
  kind: 'block' | 'unblock',
): Promise<boolean> {
  if ((await isBlocking(families.person, personId, otherId)) !== (kind === 'block')) return false;
  return (await findIntents(families.person, personId, otherId)).length === 0;
}

/**
 * Carries out the newest block or unblock that is written down between the two and forgets the older ones.
 * The person family is written while the conversation is locked, so that two devices at once leave both
 * families saying the same.
 */
export async function finishBlockIntents(
  world: World,
  personId: PersonId,
  otherId: PersonId,
): Promise<void> {
  const { conversation, person } = world.families;
  const id = await openDirect(world, [personId, otherId]);
  const finished = await conversation.transaction(async (tx) => {
    await lockConversations(tx, [id]);
    const intents = await findIntents(person, personId, otherId);
    const newest = intents.at(-1);
    if (!newest) return [];
    const blocks = newest.kind === 'block';
    await setMemberBlocks(tx, id, personId, blocks);
    await person.transaction(async (personTx) => {
      await lockPeople(personTx, [personId]);
      if (blocks && (await findPerson(personTx, personId)) !== null) {
        await insertBlock(personTx, personId, otherId, new Date(world.clock.now()));
        await deleteFollow(personTx, personId, otherId);
      } else {
        await deleteBlock(personTx, personId, otherId);
      }
    });
    return intents;
  });
  // Only what was read under the lock: an intent written since is for its own call to carry out.
  await deleteIntents(person, finished);
}
