import type { PersonId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { deleteFollow, findRelationships, insertFollows } from '../storage/relations.ts';
import type { World } from './world.ts';

/**
 * Follows a person; repeating it changes nothing. Allows the follower nothing, but lets the followed one write
 * to the follower. Refuses `invalid` for oneself and `you_blocked` while the follower blocks the other.
 */
export async function followPerson(
  world: World,
  personId: PersonId,
  otherId: PersonId,
): Promise<void> {
  if (personId === otherId) throw new Refusal('invalid', 'You cannot follow yourself.');
  const relationships = await findRelationships(world.families.person, personId, [otherId]);
  if (relationships.get(otherId)?.blocking) throw new Refusal('you_blocked');
  await addFollows(world, [{ followerId: personId, followeeId: otherId }]);
  world.wake.personChanged(personId);
}

export async function unfollowPerson(
  world: World,
  personId: PersonId,
  otherId: PersonId,
): Promise<void> {
  await deleteFollow(world.families.person, personId, otherId);
  world.wake.personChanged(personId);
}

/** Follows brought along by a host application; the pairs name existing people. */
export async function addFollows(
  world: World,
  pairs: readonly { followerId: PersonId; followeeId: PersonId }[],
): Promise<void> {
  const toOthers = pairs.filter((pair) => pair.followerId !== pair.followeeId);
  await insertFollows(world.families.person, toOthers, new Date(world.clock.now()));
}
