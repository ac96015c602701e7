import type { PersonId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { setInboxMuted } from '../storage/inbox.ts';
import { findPair } from '../storage/people.ts';
import { setMute } from '../storage/relations.ts';
import { lowHigh } from '../storage/standing.ts';
import type { World } from './world.ts';

/**
 * Mutes or unmutes a person: their messages still arrive, but count for nothing on the badge. The other side
 * learns nothing of it. Refuses `invalid` for oneself.
 */
export async function setMuting(
  world: World,
  personId: PersonId,
  otherId: PersonId,
  on: boolean,
): Promise<void> {
  if (personId === otherId) throw new Refusal('invalid', 'You cannot mute yourself.');
  const { person } = world.families;
  const conversationId = await findPair(person, ...lowHigh(personId, otherId));
  const row = await person.transaction(async (tx) => {
    await setMute(tx, personId, otherId, on, new Date(world.clock.now()));
    return conversationId && setInboxMuted(tx, personId, otherId, conversationId, on);
  });
  if (row) world.wake.inboxChanged([row]);
  world.wake.personChanged(personId);
}
