import { listStaleIntents, type Intent } from '../storage/relations.ts';
import { finishDeleteAccount } from './delete-account.ts';
import { reconcileConsent } from './reconcile-consent.ts';
import { finishBlockIntents } from './set-block.ts';
import type { World } from './world.ts';

const intentsAtOnce = 100;

/**
 * Finishes changes over two families that a crash interrupted: those written down before `olderThan`. Safe to
 * run on every node at once. One that fails is logged, kept for the next run and holds up no other. Answers how
 * many it found.
 */
export async function finishIntents(world: World, olderThan: Date): Promise<number> {
  let found = 0;
  let last: Intent | null = null;
  for (;;) {
    const page: Intent[] = await listStaleIntents(
      world.families.person,
      olderThan,
      last,
      intentsAtOnce,
    );
    for (const intent of page) await finishOrLog(world, intent);
    found += page.length;
    if (page.length < intentsAtOnce) return found;
    last = page.at(-1)!;
  }
}

async function finishOrLog(world: World, intent: Intent): Promise<void> {
  try {
    await finish(world, intent);
  } catch (error) {
    const { intentId, kind } = intent;
    world.log.error({ err: error, intentId, kind }, 'an intent could not be finished');
  }
}

async function finish(world: World, intent: Intent): Promise<void> {
  switch (intent.kind) {
    case 'delete-account':
      return finishDeleteAccount(world, intent);
    case 'block':
    case 'unblock':
      return finishBlockIntents(world, intent.personId, intent.otherId!);
    case 'accept':
    case 'decline':
    case 'unaccept':
    case 'grant':
    case 'revoke':
      return reconcileConsent(world, intent);
  }
}
