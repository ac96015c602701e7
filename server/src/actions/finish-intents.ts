import { listStaleIntents } from '../storage/relations.ts';
import { finishDeleteAccount } from './delete-account.ts';
import { finishBlockIntents } from './set-block.ts';
import type { World } from './world.ts';

const intentsAtOnce = 100;

/**
 * Finishes changes over two families that a crash interrupted: those written down before `olderThan`. Safe to
 * run on every node at once. Answers how many it found.
 */
export async function finishIntents(world: World, olderThan: Date): Promise<number> {
  const stale = await listStaleIntents(world.families.person, olderThan, intentsAtOnce);
  for (const intent of stale) {
    if (intent.kind === 'delete-account') await finishDeleteAccount(world, intent);
    else if (intent.otherId !== null) {
      await finishBlockIntents(world, intent.personId, intent.otherId);
    }
  }
  return stale.length;
}
