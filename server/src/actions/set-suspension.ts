import type { Clock } from '../base/clock.ts';
import type { PersonId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { updateSuspension } from '../storage/accounts.ts';
import type { Database } from '../storage/database.ts';

export interface SuspensionSetting {
  /** Family identity. */
  db: Database;
  clock: Clock;
  /** Makes doors and sockets look this person up again; awaited before the answer. */
  onSuspensionChanged(personId: PersonId): Promise<void> | void;
}

/**
 * Suspends the account of this name, or lifts that: who is suspended reads but cannot send. Refuses `not_found` for
 * nobody's name. Safe to repeat; an account that is suspended already keeps the time it was.
 */
export async function setSuspension(
  { db, clock, onSuspensionChanged }: SuspensionSetting,
  username: string,
  suspended: boolean,
): Promise<void> {
  const since = suspended ? new Date(clock.now()) : null;
  const personId = await updateSuspension(db, username, since);
  if (personId === null) throw new Refusal('not_found');
  await onSuspensionChanged(personId);
}
