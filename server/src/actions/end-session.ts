import type { Clock } from '../base/clock.ts';
import type { PersonId, SessionId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import type { EndedSessions } from '../domain/ended-sessions.ts';
import { deleteOtherSessions, deleteSession, listSessions } from '../storage/accounts.ts';
import type { Queries } from '../storage/database.ts';

export interface SessionEnding {
  /** Family identity. */
  db: Queries;
  clock: Clock;
  /** Makes doors and sockets forget these sessions of this person; awaited before the answer. */
  onSessionsEnded(personId: PersonId, ended: EndedSessions): Promise<void> | void;
}

// A delete whose answer was lost with its connection is repeated and then finds nothing. So neither function
// believes what the delete answers: whoever may have ended is told so, and a living session just looks itself up again.

/** Ends one session of this person everywhere. Refuses `not_found` for one that was not theirs, or had ended. */
export async function endSession(
  { db, clock, onSessionsEnded }: SessionEnding,
  personId: PersonId,
  id: SessionId,
): Promise<void> {
  const living = await listSessions(db, personId, clock.now());
  await deleteSession(db, personId, id);
  await onSessionsEnded(personId, [id]);
  if (!living.some((session) => session.id === id)) throw new Refusal('not_found');
}

/** Ends all sessions of this person but one. Safe to repeat. */
export async function endOtherSessions(
  { db, onSessionsEnded }: Omit<SessionEnding, 'clock'>,
  personId: PersonId,
  keep: SessionId,
): Promise<void> {
  await deleteOtherSessions(db, personId, keep);
  await onSessionsEnded(personId, { allBut: keep });
}
