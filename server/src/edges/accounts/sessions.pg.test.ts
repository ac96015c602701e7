import { expect, test } from 'vitest';
import { password, startAccounts } from '../../../test/_support/start-accounts.ts';

const dayMs = 86_400_000;

test('a person sees where they are signed in, newest first, and nobody else does', async () => {
  const { call, signUp, clock } = await startAccounts();
  const [alice] = [await signUp('alice'), await signUp('mallory')];
  clock.advance(1_000);
  const headers = { 'user-agent': 'Phone' };
  const phone = await call('/api/auth/sign-in/username', {
    body: { username: 'alice', password },
    headers,
  });
  const { json } = await call('/api/sessions', { bearer: phone.json.token });
  expect(
    json.sessions.map((s: { userAgent: string; current: boolean }) => [s.userAgent, s.current]),
  ).toEqual([
    ['Phone', true],
    ['node', false],
  ]);
  const { sessionId } = (await call('/api/whoami', { bearer: alice.token })).json.viewer;
  expect(json.sessions[1].id).toBe(sessionId);
  expect(Date.parse(json.sessions[0].expiresAt) - Date.parse(json.sessions[0].createdAt)).toBe(
    30 * dayMs,
  );
  expect((await call('/api/sessions')).json.code).toBe('unauthenticated');
});

test('ending one session ends that one at once and says so; somebody else’s is not there', async () => {
  const { call, signUp, ended } = await startAccounts();
  const [alice, mallory] = [await signUp('alice'), await signUp('mallory')];
  const phone = (
    await call('/api/auth/sign-in/username', { body: { username: 'alice', password } })
  ).json.token;
  const { sessionId } = (await call('/api/whoami', { bearer: phone })).json.viewer;
  const end = (bearer: string): ReturnType<typeof call> =>
    call(`/api/sessions/${sessionId}`, { method: 'DELETE', bearer });
  expect((await end(mallory.token)).json.code).toBe('not_found');
  expect((await call('/api/whoami', { bearer: phone })).json.viewer.sessionId).toBe(sessionId);
  expect((await end(alice.token)).status).toBe(204);
  expect((await call('/api/whoami', { bearer: phone })).json.viewer).toBeNull();
  expect((await call('/api/whoami', { bearer: alice.token })).json.viewer.personId).toBe(alice.id);
  // What was tried in another name is told in that name, where it means nothing.
  expect(ended.filter(({ personId }) => personId === alice.id)).toEqual([
    { personId: alice.id, sessionIds: [sessionId] },
  ]);
  expect((await end(alice.token)).json.code).toBe('not_found');
  for (const id of ['0', 'x', '99999999999999999999']) {
    expect(
      (await call(`/api/sessions/${id}`, { method: 'DELETE', bearer: alice.token })).status,
    ).toBe(404);
  }
});

test('ending all others leaves the one that asks', async () => {
  const { call, signUp, ended } = await startAccounts();
  const alice = await signUp('alice');
  const phone = (
    await call('/api/auth/sign-in/username', { body: { username: 'alice', password } })
  ).json.token;
  expect((await call('/api/whoami', { bearer: phone })).json.viewer.personId).toBe(alice.id);
  expect((await call('/api/sessions', { method: 'DELETE', bearer: alice.token })).status).toBe(204);
  expect((await call('/api/whoami', { bearer: phone })).json.viewer).toBeNull();
  expect((await call('/api/whoami', { bearer: alice.token })).json.viewer.personId).toBe(alice.id);
  expect(ended).toHaveLength(1);
});

test('signing out ends the session at once, by cookie and by token', async () => {
  const { call, signUp, ended } = await startAccounts();
  for (const way of ['cookie', 'token'] as const) {
    const person = await signUp(`person_${way}`);
    const as = way === 'cookie' ? { cookie: person.cookie } : { bearer: person.token };
    expect((await call('/api/whoami', as)).json.viewer.personId).toBe(person.id);
    expect((await call('/api/auth/sign-out', { method: 'POST', ...as })).status).toBe(200);
    expect((await call('/api/whoami', { bearer: person.token })).json.viewer).toBeNull();
    expect(ended.at(-1)?.personId).toBe(person.id);
  }
});

test('a session lives thirty days by our clock, longer when it is used', async () => {
  const { call, signUp, clock } = await startAccounts();
  const [used, idle] = [await signUp('used'), await signUp('idle')];
  clock.advance(20 * dayMs);
  expect((await call('/api/whoami', { bearer: used.token })).json.viewer.personId).toBe(used.id);
  clock.advance(11 * dayMs);
  expect((await call('/api/whoami', { bearer: used.token })).json.viewer.personId).toBe(used.id);
  expect((await call('/api/whoami', { bearer: idle.token })).json.viewer).toBeNull();
  // better-auth, which only knows the machine's clock, is not asked either.
  expect((await call('/api/auth/get-session', { cookie: idle.cookie })).json).toBeNull();
  expect((await call('/api/auth/get-session', { cookie: used.cookie })).json.user.id).toBe(used.id);
});

test('somebody who signs in after the clock was moved has a whole month', async () => {
  const { call, signUp, clock } = await startAccounts();
  clock.advance(400 * dayMs);
  const alice = await signUp('alice');
  const { json } = await call('/api/sessions', { bearer: alice.token });
  expect(Date.parse(json.sessions[0].expiresAt) - clock.now()).toBeGreaterThan(29 * dayMs);
});

test('“do not remember me” lasts a day', async () => {
  const { call, signUp, clock } = await startAccounts();
  await signUp('alice');
  const body = { username: 'alice', password, rememberMe: false };
  const { token } = (await call('/api/auth/sign-in/username', { body })).json;
  expect((await call('/api/whoami', { bearer: token })).json.viewer).not.toBeNull();
  clock.advance(dayMs + 1);
  expect((await call('/api/whoami', { bearer: token })).json.viewer).toBeNull();
});

test('a burst of requests of one session asks the database once', async () => {
  const { door, signUp, db } = await startAccounts();
  const alice = await signUp('alice');
  let reads = 0;
  const { query } = db;
  db.query = (text, values) => {
    if (text.includes('from session s')) reads += 1;
    return query(text, values);
  };
  const viewers = await Promise.all(
    Array.from({ length: 50 }, () => door.resolveToken(alice.token)),
  );
  expect(viewers.every((viewer) => viewer?.personId === alice.id)).toBe(true);
  expect(reads).toBe(1);
});

test('a session that ends while it is looked up is not remembered', async () => {
  const { door, signUp, db } = await startAccounts();
  const alice = await signUp('alice');
  const { sessionId } = (await door.resolveToken(alice.token))!;
  door.forget(alice.id, 'all');
  const { query } = db;
  const [wasRead, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  db.query = async (text, values) => {
    const rows = await query(text, values);
    wasRead.resolve();
    await goOn.promise;
    return rows as never;
  };
  const inFlight = door.resolveToken(alice.token);
  await wasRead.promise;
  await query('delete from session where id = $1', [sessionId]);
  door.forget(alice.id, [sessionId]);
  db.query = query;
  expect(await door.resolveToken(alice.token)).toBeNull();
  goOn.resolve();
  await inFlight;
  expect(await door.resolveToken(alice.token)).toBeNull();
});

test('a person keeps at most a hundred sessions; the oldest goes', async () => {
  const { call, signUp, db, ended } = await startAccounts();
  const alice = await signUp('alice');
  await db.query(
    `insert into session (id, token, "userId", "createdAt", "updatedAt", "expiresAt")
     select n::text, 'token' || n, $1, now() + n * interval '1 ms', now(), now() + interval '9 days' from generate_series(1, 99) n`,
    [alice.id],
  );
  expect((await call('/api/whoami', { bearer: alice.token })).json.viewer.personId).toBe(alice.id);
  await call('/api/auth/sign-in/username', { body: { username: 'alice', password } });
  expect((await call('/api/whoami', { bearer: alice.token })).json.viewer).toBeNull();
  expect(ended).toEqual([{ personId: alice.id, sessionIds: [expect.any(String)] }]);
});

test('changing the password can end all other sessions and still leaves one signed in', async () => {
  const { call, signUp } = await startAccounts();
  const alice = await signUp('alice');
  const phone = (
    await call('/api/auth/sign-in/username', { body: { username: 'alice', password } })
  ).json.token;
  expect((await call('/api/whoami', { bearer: phone })).json.viewer.personId).toBe(alice.id);
  const body = {
    currentPassword: password,
    newPassword: 'a new password',
    revokeOtherSessions: true,
  };
  const changed = await call('/api/auth/change-password', { cookie: alice.cookie, body });
  expect((await call('/api/whoami', { bearer: changed.json.token })).json.viewer.personId).toBe(
    alice.id,
  );
  expect((await call('/api/whoami', { bearer: phone })).json.viewer).toBeNull();
  const again = await call('/api/auth/sign-in/username', {
    body: { username: 'alice', password: 'a new password' },
  });
  expect(again.status).toBe(200);
});

test('a reset link leads to our own page, sets a new password once and ends every session', async () => {
  const { call, signUp, mails } = await startAccounts();
  const alice = await signUp('alice');
  expect((await call('/api/whoami', { bearer: alice.token })).json.viewer.personId).toBe(alice.id);
  const headers = { 'x-forwarded-host': 'evil.example' };
  const asked = await call('/api/auth/request-password-reset', {
    body: { email: alice.email },
    headers,
  });
  expect(asked.status).toBe(200);
  expect(mails).toHaveLength(1);
  const link = /https:\S+/.exec(mails[0]!.text)![0];
  expect(link).toMatch(/^https:\/\/aside\.example\/reset\?token=\w+$/);
  const token = new URL(link).searchParams.get('token');
  const reset = (): ReturnType<typeof call> =>
    call('/api/auth/reset-password', { body: { token, newPassword: 'a new password' } });
  expect((await reset()).status).toBe(200);
  expect((await call('/api/whoami', { bearer: alice.token })).json.viewer).toBeNull();
  expect((await reset()).json.code).toBe('INVALID_TOKEN');
  const signIn = async (typed: string): Promise<number> =>
    (await call('/api/auth/sign-in/email', { body: { email: alice.email, password: typed } }))
      .status;
  expect([await signIn(password), await signIn('a new password')]).toEqual([401, 200]);
});

test('a reset link is good for an hour of our clock', async () => {
  const { call, signUp, mails, clock } = await startAccounts();
  const alice = await signUp('alice');
  const resetAfter = async (ms: number): Promise<number> => {
    await call('/api/auth/request-password-reset', { body: { email: alice.email } });
    const token = /token=(\w+)/.exec(mails.at(-1)!.text)![1];
    clock.advance(ms);
    return (
      await call('/api/auth/reset-password', { body: { token, newPassword: 'a new password' } })
    ).status;
  };
  expect(await resetAfter(59 * 60_000)).toBe(200);
  expect(await resetAfter(61 * 60_000)).toBe(400);
});

test('asking for a reset tells nobody whether the address is known', async () => {
  const { call, signUp, mails } = await startAccounts();
  const alice = await signUp('alice');
  const known = await call('/api/auth/request-password-reset', { body: { email: alice.email } });
  const unknown = await call('/api/auth/request-password-reset', {
    body: { email: 'nobody@mail.example' },
  });
  expect([unknown.status, unknown.json]).toEqual([known.status, known.json]);
  expect(mails).toHaveLength(1);
});
