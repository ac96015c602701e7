import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../base/clock.ts';
import type { PersonId } from '../../base/ids.ts';
import { hasEnded, keySessionId, type EndedSessions } from '../../domain/ended-sessions.ts';
import { findSessionByToken, renewSession } from '../../storage/accounts.ts';
import type { Queries } from '../../storage/database.ts';
import { findKeyByHash, markKeyUsed } from '../../storage/keys.ts';
import type { NewPerson } from '../../storage/people.ts';
import { dayMs } from './auth.ts';
import {
  readBearer,
  readCredential,
  sessionCookieName,
  type Credential,
  type CredentialHeaders,
} from './credential.ts';
import type { Viewer } from './viewer.ts';

export interface SessionDoor {
  /** Who a request comes from: by its Authorization header if it has one, else by its cookie. Null: nobody. */
  resolve(headers: CredentialHeaders): Promise<Viewer | null>;
  /** The same for a key, or a token raw or signed, that came in a socket's first frame. */
  resolveToken(token: string): Promise<Viewer | null>;
  /** Call when sessions ended, or when a person was suspended: nothing answered from now on remembers them. */
  forget(personId: PersonId, ended: EndedSessions): void;
}

/** For how long this node may still believe in a session that another node ended. */
const leaseMs = 2_000;
/** How often the last use of a key is noted, however often it is used. */
const keyUseNotedMs = 3_600_000;
const rememberedMax = 50_000;

type Found = Omit<Viewer, 'via'>;
interface Remembered {
  lookup: Promise<Found | null>;
  found?: Found;
}

/**
 * One indexed read per session or key and two seconds, however many requests come; parallel ones share it. Expiry is by
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
  // Without a resolution the cache believes in the time it looked up last, also after the process was paused.
  const age = { ttl: leaseMs, ttlResolution: 0 };
  const remembered = new LRUCache<string, Remembered>({ max: rememberedMax, ...age });
  // A lookup that began before a session ended must not be remembered after it.
  let endings = 0;

  const find = async (credential: Credential | null): Promise<Viewer | null> => {
    if (!credential) return null;
    const { token, via } = credential;
    // A hash, so that what is remembered is of no use to whoever reads this memory.
    const hash = createHash('sha256').update(token).digest();
    const key = `${via === 'key' ? 'key' : 'session'}:${hash.toString('base64')}`;
    let entry = remembered.get(key);
    if (!entry) {
      entry = begin(key, via === 'key' ? lookUpKey(deps, hash) : lookUpSession(deps, token));
      remembered.set(key, entry);
    }
    const found = await entry.lookup;
    return found && found.expiresAt > deps.clock.now() ? { ...found, via } : null;
  };

  const begin = (key: string, lookup: Remembered['lookup']): Remembered => {
    const endingsBefore = endings;
    const entry: Remembered = { lookup };
    const settled = (found: Found | null): void => {
      if (found) entry.found = found;
      const isStale = found === null || endings !== endingsBefore;
      if (isStale && remembered.peek(key) === entry) remembered.delete(key);
    };
    entry.lookup.then(settled, () => settled(null));
    return entry;
  };

  return {
    resolve: (headers) => find(readCredential(headers, cookieName, deps.secret)),
    resolveToken: (given) => find(readBearer(given, deps.secret)),
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

type LookUpDeps = Pick<Parameters<typeof createSessionDoor>[0], 'db' | 'clock' | 'makePerson'>;

async function lookUpSession(deps: LookUpDeps, token: string): Promise<Found | null> {
  const session = await findSessionByToken(deps.db, token);
  const now = deps.clock.now();
  if (!session || session.expiresAt <= now) return null;
  if (session.unmadePerson) await deps.makePerson(session.unmadePerson);
  const { sessionId, personId, renewedAt, suspended, kind } = session;
  const found = { sessionId, personId, suspended, kind, origin: 'interactive' } as const;
  const spanMs = session.expiresAt - renewedAt;
  if (now - renewedAt < Math.min(dayMs, spanMs / 2))
    return { ...found, expiresAt: session.expiresAt };
  await renewSession(deps.db, sessionId, now, now + spanMs);
  return { ...found, expiresAt: now + spanMs };
}

async function lookUpKey(deps: LookUpDeps, hash: Buffer): Promise<Found | null> {
  const key = await findKeyByHash(deps.db, hash);
  if (!key) return null;
  if (key.unmadePerson) await deps.makePerson(key.unmadePerson);
  const { keyId, personId, suspended, kind } = key;
  const now = deps.clock.now();
  const notedBefore = now - keyUseNotedMs;
  if (key.lastUsedAt === null || key.lastUsedAt <= notedBefore)
    await markKeyUsed(deps.db, keyId, now, notedBefore);
  return {
    sessionId: keySessionId(keyId),
    personId,
    suspended,
    kind,
    origin: 'automated',
    expiresAt: Number.POSITIVE_INFINITY,
  };
}
