import type { SettingsChange } from '@aside/protocol';
import type { PersonId } from '../base/ids.ts';
import { updateSettings } from '../storage/settings.ts';
import type { World } from './world.ts';

/**
 * Changes who may write to this person and what others notice of them; what is not named stays. `reach` is in force
 * for every send decided after it is answered, `typing` for every mark that comes after it. `readReceipts` is only
 * kept so far: receipts are not shown to anybody yet.
 */
export async function changeSettings(
  world: World,
  personId: PersonId,
  change: SettingsChange,
): Promise<void> {
  await updateSettings(world.families.person, personId, change);
  world.wake.personChanged(personId);
}
