import type { SettingsChange } from '@aside/protocol';
import type { PersonId } from '../base/ids.ts';
import { updateReach } from '../storage/people.ts';
import type { World } from './world.ts';

/** Changes who may write to this person; what is not named stays. In force for every send decided after it is answered. */
export async function changeSettings(
  world: World,
  personId: PersonId,
  change: SettingsChange,
): Promise<void> {
  if (change.reach !== undefined) await updateReach(world.families.person, personId, change.reach);
  world.wake.personChanged(personId);
}
