import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../base/clock.ts';
import { createTurns } from '../../base/turns.ts';
import type { Auth } from '../accounts/auth.ts';
import { sessionCookieName } from '../accounts/credential.ts';
import { isOwnOrigin } from '../accounts/origin.ts';
import { addressKey, createWindowLimit, type Attempt } from '../accounts/window-limit.ts';
import '../accounts/viewer.ts';
import type { accountEndpoints } from './describe.ts';

// The door to better-auth: which of its endpoints are open, who may try how often, and what it gets to see.

/**
 * Opens /api/auth. Needs `request.viewer`. Errors have better-auth's form, `{code, message}`. Sign-ins, sign-ups and
 * resets of one address share `signInRate` a minute. Ten wrong passwords under one name (an e-mail address or a
 * username, each for itself, so that nobody can find out which belong together) close that name's sign-in for the
 * rest of 15 minutes: 429 with Retry-After. Sessions that exist are not touched by it. All counts live in memory.
 */
export function authRoutes(
  app: FastifyInstance,
  deps: { auth: Auth; clock: Clock; publicUrl: string; signInRate: number },
): void {
  const addresses = createWindowLimit({
    clock: deps.clock,
    max: deps.signInRate,
    windowMs: 60_000,
  });
  const cookieName = sessionCookieName(deps.publicUrl);

  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // Read as text whatever it claims to be: what is no JSON object is refused below, in better-auth's form.
    scope.addContentTypeParser(
      '*',
      { parseAs: 'string', bodyLimit: bodyMaxBytes },
      (_request, text, done) => done(null, text),
    );
    scope.route({
      method: ['GET', 'POST'],
      url: '/api/auth/*',
      schema: { hide: true },
      handler: answer,
    });
  });

  async function answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    reply.header('cache-control', 'no-store');
    const [path = '', search = ''] = request.url.slice('/api/auth'.length).split('?', 2);
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const rule = (open as Record<string, Rule | undefined>)[`${method} ${path}`];
    if (!rule) return refuse(reply, 404, 'NOT_FOUND', 'Not found');
    if (request.method === 'POST') {
      const sent = { origin: request.headers.origin, host: request.host };
      if (!isOwnOrigin(sent, deps.publicUrl))
        return refuse(reply, 403, 'INVALID_ORIGIN', 'Invalid origin');
    }
    // Security is the person's own; and no cookie that lies beside a key may stand in for it.
    if (request.viewer?.origin === 'automated' && !rule.isPublic)
      return refuse(reply, 403, 'SESSION_REQUIRED', 'An API key cannot do this');
    const body = readBody(request);
    if (!body) return refuse(reply, 400, 'INVALID_BODY', 'The body must be a JSON object.');
    const atDoor = rule.isPublic ? addresses.begin(addressKey(request.ip)) : allowed;
    if (!atDoor.allowed) return refuseTooMany(reply, atDoor.retryAfterMs);
    const key = guessKey(rule, body, request);
    const guess = key === null ? allowed : deps.auth.failures.begin(key);
    if (!guess.allowed) return refuseTooMany(reply, guess.retryAfterMs);
    const forwarded = forward(request, { path, search, body, cookieName });
    const response = await inTurn(rule, () => deps.auth.handle(forwarded));
    if (!response) {
      guess.settle('void');
      return refuseTooMany(reply, 1_000);
    }
    const text = await response.text();
    settle(guess, response.status, text);
    if (response.status >= 500) noteFailure(request, reply, path);
    return pass(reply, response, text);
  }
}

interface Rule {
  /** Open to people without a session: counts against the address. */
  isPublic?: true;
  /** Answers no sooner than this. */
  floorMs?: number;
  /** The body field that names an account whose password is tried, or the session itself. */
  guesses?: 'email' | 'username' | 'session';
  /** Hashes a new password, as costly as trying one. */
  setsPassword?: true;
}

/** What better-auth offers beyond this stays shut: names change through /api/me, sessions through /api/sessions. */
const open: Record<keyof typeof accountEndpoints, Rule> = {
  'POST /sign-up/email': { isPublic: true, setsPassword: true },
  'POST /sign-in/email': { isPublic: true, guesses: 'email' },
  'POST /sign-in/username': { isPublic: true, guesses: 'username' },
  'POST /sign-out': {},
  'GET /get-session': {},
  'POST /change-password': { guesses: 'session' },
  'POST /request-password-reset': { isPublic: true, floorMs: 300 },
  'POST /reset-password': { isPublic: true, setsPassword: true },
  'POST /two-factor/enable': { guesses: 'session' },
  'POST /two-factor/disable': { guesses: 'session' },
  'POST /two-factor/get-totp-uri': { guesses: 'session' },
  'POST /two-factor/generate-backup-codes': { guesses: 'session' },
  // better-auth itself allows five codes per sign-in and ten wrong ones per account and 15 minutes.
  'POST /two-factor/verify-totp': { isPublic: true },
  'POST /two-factor/verify-backup-code': { isPublic: true },
};

/** Null: so many passwords wait to be checked that this one is not. */
async function inTurn(rule: Rule, handle: () => Promise<Response>): Promise<Response | null> {
  const end =
    rule.guesses || rule.setsPassword ? await passwords.begin('all').catch(() => null) : () => {};
  if (!end) return null;
  try {
    // What is done for a known address takes a little longer than the nothing for an unknown one.
    const floor = rule.floorMs === undefined ? null : sleep(rule.floorMs);
    const [response] = await Promise.all([handle(), floor]);
    return response;
  } finally {
    end();
  }
}

/**
 * A password takes a core some 50 ms, by design. Thirty at once, which one address may try, would take all cores from
 * everybody.
 */
const passwords = createTurns({
  atOnce: Math.max(1, Math.min(4, availableParallelism() >> 1)),
  waitingMax: 200,
});

const bodyMaxBytes = 16 * 1024;
const nameKeyMaxChars = 320;
const allowed: Attempt = { allowed: true, settle: () => {} };

/** Null: not an object, or with text that no database takes. An empty body is an empty object. */
function readBody(request: FastifyRequest): Record<string, unknown> | null {
  const text = typeof request.body === 'string' ? request.body : '';
  if (text === '') return {};
  const type = request.headers['content-type'] ?? '';
  // A form of another site cannot send this type without asking first (CORS).
  if (!/^application\/json\b/i.test(type)) return null;
  try {
    const body: unknown = JSON.parse(text, (_key, value: unknown) => {
      if (typeof value === 'string' && value.includes('\0')) throw new Error('NUL');
      return value;
    });
    const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
    return isObject ? (body as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Only what better-auth needs; so no header of a client can pose as one of a proxy. */
function forward(
  request: FastifyRequest,
  asked: { path: string; search: string; body: object; cookieName: string },
): Request {
  const { path, search, body, cookieName } = asked;
  const headers = new Headers({ 'content-type': 'application/json' });
  const { cookie, authorization } = request.headers;
  const agent = request.headers['user-agent'];
  if (agent !== undefined) headers.set('user-agent', agent);
  // A session that the door did not accept (ended, or run out by our clock) is not shown to better-auth, nor a key.
  const hasSession = request.viewer?.origin === 'interactive';
  if (authorization !== undefined && hasSession) headers.set('authorization', authorization);
  if (cookie !== undefined)
    headers.set('cookie', hasSession ? cookie : withoutSession(cookie, cookieName));
  const url = `http://localhost/api/auth${path}`;
  if (request.method !== 'POST') return new Request(`${url}?${search}`, { headers });
  // Without its query: a reset token there would pass by the checks of the body, and end in proxy logs.
  return new Request(url, { method: 'POST', headers, body: JSON.stringify(body) });
}

function guessKey(
  rule: Rule,
  body: Record<string, unknown>,
  request: FastifyRequest,
): string | null {
  if (rule.guesses === undefined) return null;
  if (rule.guesses === 'session') return request.viewer && `person:${request.viewer.personId}`;
  const name = body[rule.guesses];
  if (typeof name !== 'string') return null;
  const kind = rule.guesses === 'email' ? 'email' : 'name';
  return `${kind}:${name.toLowerCase().slice(0, nameKeyMaxChars)}`;
}

function settle(guess: Attempt, status: number, text: string): void {
  if (!guess.allowed) return;
  const isWrong = status === 401 || text.includes('"INVALID_PASSWORD"');
  if (!isWrong) guess.settle(status < 300 ? 'succeeded' : 'void');
}

/** better-auth has written its own line by then, which does not know the request. */
function noteFailure(request: FastifyRequest, reply: FastifyReply, path: string): void {
  reply.header('x-request-id', request.id);
  request.log.error({ path }, 'an account request failed, as said above');
}

function pass(reply: FastifyReply, response: Response, text: string): FastifyReply {
  reply.code(response.status);
  for (const [name, value] of response.headers) {
    if (name !== 'set-cookie' && name !== 'content-length') reply.header(name, value);
  }
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) reply.header('set-cookie', cookies);
  reply.header('cache-control', 'no-store');
  return reply.send(text);
}

function refuse(reply: FastifyReply, status: number, code: string, message: string): FastifyReply {
  return reply.code(status).type('application/json').send(JSON.stringify({ code, message }));
}

function refuseTooMany(reply: FastifyReply, retryAfterMs: number): FastifyReply {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  reply.header('retry-after', seconds);
  return refuse(
    reply,
    429,
    'TOO_MANY_REQUESTS',
    `Too many attempts. Try again in ${inWords(seconds)}.`,
  );
}

function inWords(seconds: number): string {
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes === 1 ? 'a minute' : `${minutes} minutes`;
}

function withoutSession(cookie: string, cookieName: string): string {
  return cookie
    .split(';')
    .filter((part) => part.split('=', 1)[0]?.trim() !== cookieName)
    .join(';');
}
