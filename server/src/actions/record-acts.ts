import { budgetRule } from '../domain/decide-send.ts';
import { markAnswered } from '../storage/budget.ts';
import type { Queries } from '../storage/database.ts';
import { recordActs, type Act } from '../storage/ledger.ts';
import { findPerson } from '../storage/people.ts';
import type { World } from './world.ts';

// Acts of people go into the person family while the conversation is locked and before it commits: what the ledger
// says may be a moment ahead of what holds, never behind it.

/** What writing a message means for its writer's ledger, and for the budget of the one who is answered. */
export async function recordWriting(world: World, act: Act): Promise<void> {
  await world.families.person.transaction(async (tx) => {
    await recordActs(tx, [act]);
    await giveBudgetBack(world, tx, act);
  });
}

/**
 * Being accepted gives the sender's budget back, if a person did it in a session of their own and their account is at
 * least 7 days old: fresh accounts and programs could accept each other all day.
 */
export async function giveBudgetBack(world: World, tx: Queries, act: Act): Promise<void> {
  if (act.via === 'key') return;
  const recipient = await findPerson(tx, act.personId);
  if (!recipient) return;
  if (world.clock.now() - recipient.createdAt.getTime() < budgetRule.youngMs) return;
  await markAnswered(tx, act.otherId, act.personId);
}
