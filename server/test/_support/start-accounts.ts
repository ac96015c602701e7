// The account routes on a real socket and a real database, without the rest of the server.

import { createHmac } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { systemClock, type Clock } from '../../src/base/clock.ts';
import { idSource, type PersonId } from '../../src/base/ids.ts';
import type { EndedSessions } from '../../src/domain/ended-sessions.ts';
import { silentLog } from '../../src/base/log.ts';
import { createAuth, type Auth } from '../../src/edges/accounts/auth.ts';
import { refuseForeignOrigin } from '../../src/edges/accounts/origin.ts';
import { createSessionDoor, type SessionDoor } from '../../src/edges/accounts/session-door.ts';
import { authRoutes } from '../../src/edges/http/auth-routes.ts';
import { keyRoutes } from '../../src/edges/http/keys.ts';
import { operatorRoutes } from '../../src/edges/http/operator.ts';
import { createHttpServer } from '../../src/edges/http/server.ts';
import { sessionRoutes } from '../../src/edges/http/sessions.ts';
import type { AccountMail } from '../../src/edges/accounts/reset-mail.ts';
import { openDatabase, type Database } from '../../src/storage/database.ts';
import { insertMissingPerson, upsertPeople } from '../../src/storage/people.ts';
import { insertFollows } from '../../src/storage/relations.ts';
import { freshDatabase } from './database.ts';

export interface AccountsHouse {
  url: string;
  clock: Clock;
  db: Database;
  person: Database;
  auth: Auth;
  door: SessionDoor;
  mails: AccountMail[];
  ended: { personId: PersonId; sessionIds: EndedSessions }[];
  /** Set it, and telling the person family fails. */
  personFamily: { isDown: boolean };
  call: (path: string, options?: Call) => Promise<Answer>;
  signUp: (username: string, more?: Partial<SignUp>) => Promise<Person>;
}

export interface Call {
  method?: string;
  body?: unknown;
  /** A whole Cookie header. */
  cookie?: string;
  bearer?: string;
  headers?: Record<string, string>;
}

export interface Answer {
  status: number;
  headers: Headers;
  /** The body as JSON, or null. */
  json: any; // eslint-disable-line typescript/no-explicit-any -- whatever the server says
  /** All cookies it sets, as a Cookie header. */
  cookie: string;
}

interface SignUp {
  email: string;
  password: string;
  name: string;
  username: string;
}

export interface Person extends SignUp {
  id: PersonId;
  cookie: string;
  token: string;
  signedToken: string;
}

export const operatorKey = 'operator-key-of-the-tests';
export const password = 'correct horse';

export async function startAccounts(
  options: { signInRate?: number; publicUrl?: string } = {},
): Promise<AccountsHouse> {
  const { signInRate = 100_000, publicUrl = '' } = options;
  const { urls, drop } = await freshDatabase();
  const [db, personDb] = [openDatabase(urls.identity, 5), openDatabase(urls.person, 5)];
  const clock = systemClock(true);
  const ids = idSource(clock, () => 1);
  const log = silentLog();
  const mails: AccountMail[] = [];
  const ended: AccountsHouse['ended'] = [];
  const personFamily = { isDown: false };
  const onSessionsEnded = (personId: PersonId, sessionIds: EndedSessions): void => {
    door.forget(personId, sessionIds);
    ended.push({ personId, sessionIds });
  };
  const auth = createAuth({
    db,
    publicUrl,
    linkOrigin: () => 'https://aside.example',
    clock,
    ids,
    log,
    secret: 'a secret of the tests, long enough to sign with',
    enqueueMail: async (mail) => void mails.push(mail),
    onPersonCreated: async (person) => {
      if (personFamily.isDown) throw new Error('person family is down');
      await insertMissingPerson(personDb, person);
    },
    onSessionsEnded,
    onSignedIn: async () => {},
  });
  const door = createSessionDoor({
    db,
    clock,
    publicUrl,
    secret: auth.secret,
    makePerson: auth.makePerson,
  });

  const app = await createHttpServer({ log, trustProxy: false });
  app.decorateRequest('viewer', null);
  app.addHook('onRequest', async (request) => {
    request.viewer = await door.resolve(request.headers);
  });
  app.addHook('onRequest', refuseForeignOrigin(publicUrl));
  authRoutes(app, { auth, clock, publicUrl, signInRate });
  sessionRoutes(app, { db, clock, onSessionsEnded });
  keyRoutes(app, { db, clock, ids, onSessionsEnded });
  operatorRoutes(app, {
    db,
    clock,
    ids,
    operatorKey,
    testClock: true,
    createPeople: (people) => upsertPeople(personDb, people),
    addFollows: (pairs) => insertFollows(personDb, pairs, new Date(clock.now())),
    onSuspensionChanged: (personId) => door.forget(personId, 'all'),
    onSignedIn: async () => {},
  });
  app.get('/api/whoami', async (request) => ({ viewer: request.viewer }));
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(async () => {
    await app.close();
    await Promise.all([db.end(), personDb.end()]);
    await drop();
  });

  const call = (path: string, asked: Call = {}): Promise<Answer> => ask(`${url}${path}`, asked);
  const signUp = async (username: string, more: Partial<SignUp> = {}): Promise<Person> => {
    const body = { username, name: username, email: `${username}@mail.example`, password, ...more };
    const answer = await call('/api/auth/sign-up/email', { body });
    if (answer.status !== 200)
      throw new Error(`sign-up: ${answer.status} ${JSON.stringify(answer.json)}`);
    return {
      ...body,
      id: answer.json.user.id,
      cookie: answer.cookie,
      token: answer.json.token,
      signedToken: answer.headers.get('set-auth-token') ?? '',
    };
  };
  return { url, clock, db, person: personDb, auth, door, mails, ended, personFamily, call, signUp };
}

/** The six digits of RFC 6238 for a secret as an otpauth:// address carries it. */
export function totpCode(totpUri: string, atMs: number): string {
  const secret = fromBase32(new URL(totpUri).searchParams.get('secret') ?? '');
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(atMs / 30_000)));
  const hash = createHmac('sha1', secret).update(counter).digest();
  const offset = hash[19]! & 0xf;
  return String((hash.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

async function ask(url: string, { method, body, cookie, bearer, headers }: Call): Promise<Answer> {
  const response = await fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(cookie === undefined ? {} : { cookie }),
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const cookies = response.headers.getSetCookie().map((line) => line.split(';', 1)[0] as string);
  return {
    status: response.status,
    headers: response.headers,
    json: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : null,
    cookie: cookies.filter((pair) => !pair.endsWith('=')).join('; '),
  };
}

function fromBase32(text: string): Buffer {
  const bits = Array.from(text.replace(/=+$/, ''), (letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  );
  const bytes = bits.join('').match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}
