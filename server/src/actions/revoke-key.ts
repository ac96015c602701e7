import type { KeyId, PersonId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { keySessionId } from '../domain/ended-sessions.ts';
import { deleteKey } from '../storage/keys.ts';
import type { SessionEnding } from './end-session.ts';

/**
 * Deletes a key of this person; what uses it is refused and its sockets are closed from now on. Refuses `not_found`
 * for one that was not theirs. Safe to repeat: sockets are told also when an earlier try has already deleted it.
 */
export async function revokeKey(
  { db, onSessionsEnded }: Omit<SessionEnding, 'clock'>,
  personId: PersonId,
  id: KeyId,
): Promise<void> {
  const wasThere = await deleteKey(db, personId, id);
  await onSessionsEnded(personId, [keySessionId(id)]);
  if (!wasThere) throw new Refusal('not_found');
}
