import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../base/clock.ts';
import type { PersonId } from '../../base/ids.ts';
import { hasEnded, type EndedSessions } from '../../domain/ended-sessions.ts';
import { findSessionByToken, renewSession } from '../../storage/accounts.ts';
import type { Queries } from '../../storage/database.ts';
import type { NewPerson } from '../../storage/people.ts';
import { dayMs } from './auth.ts';
import {
  readBearer,
  readCredential,
  sessionCookieName,
  type CredentialHeaders,
} from './credential.ts';
import type { Viewer } from './viewer.ts';

export interface SessionDoor {
  /** Who a request comes from: by its Authorization header if it has one, else by its cookie. Null: nobody. */
  resolve(headers: CredentialHeaders): Promise<Viewer | null>;
  /** The same for a token that came in a socket's first frame, raw or signed. */
  resolveToken(token: string): Promise<Viewer | null>;
  /** Call when sessions ended: nothing that is answered from now on remembers them. */
  forget(personId: PersonId, ended: EndedSessions): void;
}

/** For how long this node may still believe in a session that another node ended. */
const leaseMs = 2_000;
const rememberedMax = 50_000;

type Found = Omit<Viewer, 'via'>;
interface Remembered {
  lookup: Promise<Found | null>;
  found?: Found;
}

/**
 * One indexed read per session and two seconds, however many requests come; parallel ones share it. Expiry is by
 * `clock`, also for what is remembered. A session used after a day since its last renewal is renewed by its own
 * span. `makePerson` is called for an account that the person family may not know yet, before it may act.
 */
export function createSessionDoor(deps: {
  db: Queries;
  clock: Clock;
  publicUrl: string;
  secret: string;
  makePerson(person: NewPerson): Promise<void>;
}): SessionDoor {
  const cookieName = sessionCookieName(deps.publicUrl);
  const remembered = new LRUCache<string, Remembered>({ max: rememberedMax, ttl: leaseMs });
  // A lookup that began before a session ended must not be remembered after it.
  let endings = 0;

  const find = async (token: string): Promise<Found | null> => {
    // A hash, so that what is remembered is of no use to whoever reads this memory.
    const key = createHash('sha256').update(token).digest('base64');
    let entry = remembered.get(key);
    if (!entry) {
      entry = begin(key, token);
      remembered.set(key, entry);
    }
    const found = await entry.lookup;
    return found && found.expiresAt > deps.clock.now() ? found : null;
  };

  const begin = (key: string, token: string): Remembered => {
    const endingsBefore = endings;
    const entry: Remembered = { lookup: lookUp(deps, token) };
    const settled = (found: Found | null): void => {
      if (found) entry.found = found;
      const isStale = found === null || endings !== endingsBefore;
      if (isStale && remembered.peek(key) === entry) remembered.delete(key);
    };
    entry.lookup.then(settled, () => settled(null));
    return entry;
  };

  return {
    async resolve(headers) {
      const credential = readCredential(headers, cookieName, deps.secret);
      const found = credential && (await find(credential.token));
      return found ? { ...found, via: credential.via } : null;
    },
    async resolveToken(given) {
      const token = readBearer(given, deps.secret);
      const found = token === null ? null : await find(token);
      return found ? { ...found, via: 'bearer' } : null;
    },
    forget(personId, ended) {
      endings += 1;
      for (const [key, { found }] of remembered.entries()) {
        // A lookup still under way may have read the session while it lived; the next request asks anew.
        const isEnded = !found || (found.personId === personId && hasEnded(ended, found.sessionId));
        if (isEnded) remembered.delete(key);
      }
    },
  };
}

async function lookUp(
  deps: Pick<Parameters<typeof createSessionDoor>[0], 'db' | 'clock' | 'makePerson'>,
  token: string,
): Promise<Found | null> {
  const session = await findSessionByToken(deps.db, token);
  const now = deps.clock.now();
  if (!session || session.expiresAt <= now) return null;
  if (session.unmadePerson) await deps.makePerson(session.unmadePerson);
  const { sessionId, personId, renewedAt } = session;
  const spanMs = session.expiresAt - renewedAt;
  if (now - renewedAt < Math.min(dayMs, spanMs / 2))
    return { sessionId, personId, expiresAt: session.expiresAt };
  await renewSession(deps.db, sessionId, now, now + spanMs);
  return { sessionId, personId, expiresAt: now + spanMs };
}
