import type { ConversationId, PersonId } from '../base/ids.ts';
import { insertDirect } from '../storage/conversations.ts';
import { registerPair } from '../storage/people.ts';
import { lowHigh } from '../storage/standing.ts';
import type { World } from './world.ts';

/**
 * The direct conversation of two people, or of one with themselves; created if it is missing. Two callers at
 * once get the same one. A crash between the registry and the conversation is healed by the next call.
 */
export async function openDirect(
  world: World,
  members: readonly [PersonId] | readonly [PersonId, PersonId],
): Promise<ConversationId> {
  const [one, other = one] = members;
  const [low, high] = lowHigh(one, other);
  const id = await registerPair(world.families.person, low, high, world.ids.next<ConversationId>());
  await insertDirect(world.families.conversation, id, members, new Date(world.clock.now()));
  return id;
}
