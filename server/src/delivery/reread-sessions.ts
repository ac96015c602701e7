import type { SessionId } from '../base/ids.ts';
import type { Queries } from '../storage/database.ts';
import { findStandingSessions } from '../storage/live-sessions.ts';
import type { LiveSocket } from './live-sockets.ts';

const sessionsAtOnce = 1_000;

/** Reads the session of every one of these sockets again and closes those for which it has ended or changed. */
export async function rereadSessions(
  identity: Queries,
  sockets: Iterable<LiveSocket>,
): Promise<void> {
  const bySession = new Map<SessionId, LiveSocket[]>();
  for (const socket of sockets) {
    const others = bySession.get(socket.sessionId);
    if (others) others.push(socket);
    else bySession.set(socket.sessionId, [socket]);
  }
  const ids = [...bySession.keys()];
  for (let from = 0; from < ids.length; from += sessionsAtOnce) {
    const some = ids.slice(from, from + sessionsAtOnce);
    const standing = await findStandingSessions(identity, some);
    for (const id of some) {
      const now = standing.get(id);
      for (const socket of bySession.get(id) ?? []) {
        if (!now) socket.close('signInAgain');
        else if (now.suspended !== socket.suspended) socket.close('renew');
      }
    }
  }
}
