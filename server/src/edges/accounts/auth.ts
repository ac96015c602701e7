import { betterAuth, type BetterAuthOptions } from 'better-auth';
import { APIError, createAuthMiddleware } from 'better-auth/api';
import { hashPassword } from 'better-auth/crypto';
import { bearer, twoFactor, username } from 'better-auth/plugins';
import { limits } from '@aside/protocol';
import type { Clock } from '../../base/clock.ts';
import type { IdSource, PersonId, SessionId } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { EndedSessions } from '../../domain/ended-sessions.ts';
import {
  deleteOldestSessions,
  hasPassword,
  isRetiredUsername,
  markPeopleMade,
  toNewPerson,
  verificationExpiresAt,
  type UserRow,
} from '../../storage/accounts.ts';
import type { Database } from '../../storage/database.ts';
import { indexNames } from '../../storage/directory.ts';
import { placeholderDomain } from '../../storage/operator-accounts.ts';
import type { NewPerson } from '../../storage/people.ts';
import { resetMail, type AccountMail } from './reset-mail.ts';
import { judgeSignUp, type AuthProblem } from './sign-up-rules.ts';
import { createWindowLimit, type WindowLimit } from './window-limit.ts';

// Accounts by better-auth: passwords, usernames, TOTP, sessions in our identity family. Its endpoints are opened one
// by one in http/auth-routes.ts; here is how it is set up and where it meets the rest of the server.

export interface AuthDeps {
  /** Family identity. */
  db: Database;
  /** PUBLIC_URL or empty: decides about secure cookies. */
  publicUrl: string;
  /** Where links in mails lead. Never taken from a request, whose Host anyone can choose. */
  linkOrigin: () => string;
  clock: Clock;
  ids: IdSource;
  log: Log;
  secret: string;
  enqueueMail(mail: AccountMail): Promise<void>;
  /** Tells the person family; must be idempotent. */
  onPersonCreated(person: NewPerson): Promise<void>;
  /** After sessions ended for whatever reason; awaited before the answer. */
  onSessionsEnded: OnSessionsEnded;
  /** A session began; a second factor may still end it in the same request. */
  onSignedIn(personId: PersonId, sessionId: SessionId): Promise<void>;
}

export type OnSessionsEnded = (personId: PersonId, ended: EndedSessions) => Promise<void> | void;

export interface Auth {
  /** Answers one request below /api/auth. */
  handle(request: Request): Promise<Response>;
  secret: string;
  /** Makes an account findable and tells the person family. Idempotent; the repair of a crash in between. */
  makePerson(person: NewPerson): Promise<void>;
  /** Failed sign-ins by the name that was typed, and failed passwords by person. */
  failures: WindowLimit;
}

export const dayMs = 86_400_000;
export const sessionMs = 30 * dayMs;
const sessionsPerPerson = 100;
const failuresMax = 10;
const failuresWindowMs = 15 * 60_000;
const userAgentMaxChars = 300;

export function createAuth(deps: AuthDeps): Auth {
  const failures = createWindowLimit({
    clock: deps.clock,
    max: failuresMax,
    windowMs: failuresWindowMs,
  });
  const makePerson = async (person: NewPerson): Promise<void> => {
    await deps.db.transaction((tx) => indexNames(tx, [person]));
    await deps.onPersonCreated(person);
    await markPeopleMade(deps.db, [person.id]);
  };
  const auth = betterAuth(authOptions({ ...deps, failures, makePerson }));
  return { handle: (request) => auth.handler(request), secret: deps.secret, makePerson, failures };
}

type Wiring = AuthDeps & Pick<Auth, 'failures' | 'makePerson'>;

/** Exported for the test that asks better-auth whether our tables have all it needs. */
export function authOptions(wiring: Wiring): BetterAuthOptions {
  const secure = wiring.publicUrl.startsWith('https://');
  return {
    appName: 'Aside',
    baseURL: wiring.publicUrl || 'http://localhost',
    basePath: '/api/auth',
    secret: wiring.secret,
    database: wiring.db.pool,
    telemetry: { enabled: false },
    // Both limits are ours (auth-routes): by our clock, with Retry-After, and by an address that cannot be forged.
    rateLimit: { enabled: false },
    emailAndPassword: {
      enabled: true,
      minPasswordLength: limits.passwordMinChars,
      maxPasswordLength: limits.passwordMaxChars,
      revokeSessionsOnPasswordReset: true,
      sendResetPassword: async ({ user, token }) => sendReset(wiring, user.email, token),
      onPasswordReset: async ({ user }) => forgetFailures(wiring.failures, user),
    },
    user: {
      additionalFields: {
        kind: { type: 'string', input: false, defaultValue: 'person' },
        owner: { type: 'string', input: false, required: false },
      },
    },
    // Only the cookie takes this span (browsers cap it at 400 days); how long a session lives and when it is renewed
    // is decided by our clock, in the hook below and in the session door.
    session: { expiresIn: 400 * 86_400, disableSessionRefresh: true },
    verification: { storeIdentifier: 'hashed' },
    advanced: {
      cookiePrefix: 'aside',
      useSecureCookies: secure,
      database: { generateId: () => wiring.ids.next() },
      // We keep no addresses.
      ipAddress: { disableIpTracking: true },
      // auth-routes refuses foreign origins for every endpoint, also without a cookie.
      disableCSRFCheck: true,
      disableOriginCheck: false,
    },
    logger: { log: (level, _message, ...rest) => logFailure(wiring.log, level, rest) },
    onAPIError: {
      // Without this better-auth prints every refusal, with what was typed, to the console.
      onError: (error) => {
        if (!(error instanceof APIError) || error.statusCode >= 500)
          logFailure(wiring.log, 'error', [error]);
      },
    },
    plugins: [username({ displayUsername: false }), twoFactor({ issuer: 'Aside' }), bearer()],
    hooks: { before: createAuthMiddleware(async (ctx) => checkBefore(wiring, ctx.path, ctx.body)) },
    databaseHooks: databaseHooks(wiring),
  };
}

function databaseHooks(wiring: Wiring): NonNullable<BetterAuthOptions['databaseHooks']> {
  const { clock, db } = wiring;
  return {
    user: {
      create: {
        before: async (user) => {
          const now = new Date(clock.now());
          return { data: { ...user, createdAt: now, updatedAt: now } };
        },
        after: async (user) => makePersonSoon(wiring, user as unknown as UserRow),
      },
    },
    session: {
      create: {
        // better-auth dates by the machine; ours may have been moved, and "do not remember me" means one day.
        before: async (session) => {
          const now = clock.now();
          const isBrief = session.expiresAt.getTime() - Date.now() < 2 * dayMs;
          return {
            data: {
              ...session,
              createdAt: new Date(now),
              updatedAt: new Date(now),
              expiresAt: new Date(now + (isBrief ? dayMs : sessionMs)),
              userAgent: (session.userAgent ?? '').slice(0, userAgentMaxChars),
            },
          };
        },
        after: async (session) => {
          const personId = session.userId as PersonId;
          const ended = await deleteOldestSessions(db, personId, sessionsPerPerson);
          if (ended.length > 0) await wiring.onSessionsEnded(personId, ended);
          await wiring.onSignedIn(personId, session.id as SessionId);
        },
      },
      delete: {
        after: async ({ userId, id }) => {
          const ended: SessionId[] = [id as SessionId];
          await wiring.onSessionsEnded(userId as PersonId, ended);
        },
      },
    },
    verification: {
      create: {
        before: async (verification) => {
          const aheadMs = clock.now() - Date.now();
          const expiresAt = new Date(verification.expiresAt.getTime() + aheadMs);
          return { data: { ...verification, expiresAt } };
        },
      },
    },
  };
}

/** Runs before better-auth looks at the body; `body` is whatever JSON object came. */
async function checkBefore(wiring: Wiring, path: string | undefined, body: unknown): Promise<void> {
  const given = (body ?? {}) as Record<string, unknown>;
  if (path === '/sign-up/email') {
    refuseIf(judgeSignUp(given), 'BAD_REQUEST');
    given['name'] = String(given['name']).trim();
    if (await isRetiredUsername(wiring.db, String(given['username']).toLowerCase())) {
      refuseIf(usernameTaken, 'BAD_REQUEST');
    }
  }
  if (path === '/sign-in/username') await evenOutSignIn(wiring, given);
  if (path === '/reset-password' && typeof given['token'] === 'string') {
    // better-auth compares with the machine's time only.
    const expiresAt = await verificationExpiresAt(wiring.db, `reset-password:${given['token']}`);
    if (expiresAt !== null && expiresAt <= wiring.clock.now())
      refuseIf(invalidToken, 'BAD_REQUEST');
  }
}

const usernameTaken = {
  code: 'USERNAME_IS_ALREADY_TAKEN',
  message: 'Username is already taken. Please try another.',
};
const invalidToken = { code: 'INVALID_TOKEN', message: 'Invalid token' };
const wrongPassword = {
  code: 'INVALID_USERNAME_OR_PASSWORD',
  message: 'Invalid username or password',
};

/**
 * better-auth answers at once for an account without a password, which tells a stranger by the clock that it
 * is one. Here it costs a hash like every other failure.
 */
async function evenOutSignIn(wiring: Wiring, body: Record<string, unknown>): Promise<void> {
  const { username: name, password } = body;
  if (typeof name !== 'string' || typeof password !== 'string' || name.includes('\0')) return;
  if (
    password.length > limits.passwordMaxChars ||
    (await hasPassword(wiring.db, name.toLowerCase()))
  )
    return;
  await hashPassword(password);
  refuseIf(wrongPassword, 'UNAUTHORIZED');
}

function refuseIf(problem: AuthProblem | null, status: 'BAD_REQUEST' | 'UNAUTHORIZED'): void {
  if (problem) throw APIError.from(status, problem);
}

/** A failure here is healed by the first request of the new session, so the sign-up stands. */
async function makePersonSoon(wiring: Wiring, user: UserRow): Promise<void> {
  try {
    await wiring.makePerson(toNewPerson(user));
  } catch (error) {
    wiring.log.warn({ kind: nameOf(error) }, 'person not made at sign-up; the session door will');
  }
}

async function sendReset(wiring: Wiring, to: string, token: string): Promise<void> {
  if (to.endsWith(`@${placeholderDomain}`)) return;
  await wiring.enqueueMail(resetMail(to, `${wiring.linkOrigin()}/reset?token=${token}`));
}

/** Whoever could read the mail is the owner: earlier guesses must not keep them out. */
function forgetFailures(failures: WindowLimit, user: Record<string, unknown>): void {
  failures.forget(`email:${String(user['email'])}`);
  failures.forget(`name:${String(user['username'])}`);
}

/** better-auth's own lines carry addresses; only the kind of an error is kept. */
function logFailure(log: Log, level: string, rest: unknown[]): void {
  if (level !== 'error') return;
  const error = rest.find((part) => part instanceof Error);
  const at = error?.stack
    ?.split('\n')
    .slice(1, 6)
    .map((line) => line.trim());
  log.error({ kind: nameOf(error), at }, 'an account request failed');
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : error.name;
}
