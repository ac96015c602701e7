import { expect, test } from 'vitest';
import { password, startAccounts, totpCode } from '../../../test/_support/start-accounts.ts';

const wrong = 'wrong password';

test('one signs in with the e-mail address or the username, in any case', async () => {
  const { call, signUp } = await startAccounts();
  const alice = await signUp('alice');
  const byEmail = await call('/api/auth/sign-in/email', {
    body: { email: 'ALICE@mail.example', password },
  });
  const byName = await call('/api/auth/sign-in/username', {
    body: { username: 'Alice', password },
  });
  for (const { status, json, headers } of [byEmail, byName]) {
    expect([status, json.user.id]).toEqual([200, alice.id]);
    expect(headers.get('set-auth-token')).toContain(json.token);
    expect((await call('/api/whoami', { bearer: json.token })).json.viewer.personId).toBe(alice.id);
  }
});

test('a wrong password and an unknown name get the same words, and about the same time', async () => {
  const { call, signUp } = await startAccounts();
  await signUp('alice');
  const attempts: [string, Record<string, string>, Record<string, string>][] = [
    ['email', { email: 'alice@mail.example' }, { email: 'nobody@mail.example' }],
    ['username', { username: 'alice' }, { username: 'nobody' }],
  ];
  for (const [door, known, unknown] of attempts) {
    const right = await call(`/api/auth/sign-in/${door}`, { body: { ...known, password } });
    expect(right.status).toBe(200);
    const [first, firstMs] = await timed(() =>
      call(`/api/auth/sign-in/${door}`, { body: { ...known, password: wrong } }),
    );
    const [second, secondMs] = await timed(() =>
      call(`/api/auth/sign-in/${door}`, { body: { ...unknown, password: wrong } }),
    );
    expect([first.status, first.json]).toEqual([second.status, second.json]);
    expect(first.status).toBe(401);
    // Both pay for one hash, which is nearly all of it.
    expect(secondMs).toBeGreaterThan(firstMs / 4);
  }
});

test('after ten wrong passwords a name is closed for a while, and nobody who is in is put out', async () => {
  const { call, signUp, clock } = await startAccounts();
  const alice = await signUp('alice');
  const tryIn = (typed: string): ReturnType<typeof call> =>
    call('/api/auth/sign-in/username', { body: { username: 'alice', password: typed } });
  const answers = [];
  for (let n = 0; n < 10; n += 1) answers.push((await tryIn(wrong)).status);
  expect(answers).toEqual(Array(10).fill(401));
  const closed = await tryIn(password);
  expect([closed.status, closed.json.code]).toEqual([429, 'TOO_MANY_REQUESTS']);
  expect(Number(closed.headers.get('retry-after'))).toBeGreaterThan(800);
  expect((await call('/api/whoami', { cookie: alice.cookie })).json.viewer.personId).toBe(alice.id);
  // A stranger who knows the public name has not closed the private way in.
  const byEmail = { email: alice.email, password };
  expect((await call('/api/auth/sign-in/email', { body: byEmail })).status).toBe(200);
  clock.advance(15 * 60_000);
  expect((await tryIn(password)).status).toBe(200);
});

test('guesses in parallel are counted like guesses in a row', async () => {
  const { call, signUp } = await startAccounts();
  await signUp('alice');
  const body = { username: 'alice', password: wrong };
  const answers = await Promise.all(
    Array.from({ length: 14 }, () => call('/api/auth/sign-in/username', { body })),
  );
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
});

test('an unknown name closes like a known one', async () => {
  const { call } = await startAccounts();
  const body = { username: 'nobody', password: wrong };
  for (let n = 0; n < 10; n += 1) await call('/api/auth/sign-in/username', { body });
  expect((await call('/api/auth/sign-in/username', { body })).status).toBe(429);
});

test('one address may try so often a minute, whatever it claims its address to be', async () => {
  const { call, clock } = await startAccounts({ signInRate: 3 });
  const tryAs = async (n: number): Promise<number> => {
    const headers = {
      'x-forwarded-for': `10.0.0.${n}`,
      'x-real-ip': `10.0.0.${n}`,
      forwarded: `for=10.0.0.${n}`,
    };
    const body = { username: `user${n}`, password: wrong };
    return (await call('/api/auth/sign-in/username', { body, headers })).status;
  };
  expect([await tryAs(1), await tryAs(2), await tryAs(3)]).toEqual([401, 401, 401]);
  expect(await tryAs(4)).toBe(429);
  clock.advance(60_000);
  expect(await tryAs(5)).toBe(401);
});

test('a page of another site can neither sign anybody in nor use the cookie', async () => {
  const { call, signUp, url } = await startAccounts();
  const alice = await signUp('alice');
  const body = { username: 'alice', password };
  const from = (origin: string): { origin: string } => ({ origin });
  const signIn = async (origin: string): Promise<number> =>
    (await call('/api/auth/sign-in/username', { body, headers: from(origin) })).status;
  const end = async (origin: string): Promise<string | number> => {
    const answer = await call('/api/sessions', {
      method: 'DELETE',
      cookie: alice.cookie,
      headers: from(origin),
    });
    return answer.json?.code ?? answer.status;
  };
  expect([await signIn(url), await end(url)]).toEqual([200, 204]);
  for (const foreign of ['https://evil.example', 'null', url.replace('127.0.0.1', 'localhost')]) {
    expect([await signIn(foreign), await end(foreign)]).toEqual([403, 'wrong_origin']);
  }
  // A program with a token is no browser that was tricked.
  const asProgram = {
    method: 'DELETE',
    bearer: alice.token,
    headers: from('https://evil.example'),
  };
  expect((await call('/api/sessions', asProgram)).status).toBe(204);
});

test('a form of another site is not read', async () => {
  const { call, signUp } = await startAccounts();
  await signUp('alice');
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const asForm = await call('/api/auth/sign-in/username', {
    body: `username=alice&password=${password}`,
    headers,
  });
  expect(asForm.status).toBe(400);
  const asText = { 'content-type': 'text/plain' };
  const body = { username: 'alice', password };
  expect((await call('/api/auth/sign-in/username', { body, headers: asText })).status).toBe(400);
});

test('what better-auth offers beyond our list is not there', async () => {
  const { call, signUp } = await startAccounts();
  const { cookie } = await signUp('alice');
  expect((await call('/api/auth/get-session', { cookie })).status).toBe(200);
  for (const path of [
    'list-sessions',
    'delete-user/callback',
    'error',
    'ok',
    'reset-password/x',
    '..%2fsessions',
  ]) {
    const { status } = await call(`/api/auth/${path}`, { cookie });
    expect({ path, status }).toEqual({ path, status: 404 });
  }
  for (const path of [
    'update-user',
    'delete-user',
    'change-email',
    'sign-in/social',
    'revoke-sessions',
  ]) {
    const { status } = await call(`/api/auth/${path}`, { cookie, body: {} });
    expect({ path, status }).toEqual({ path, status: 404 });
  }
});

test('with TOTP switched on a password alone opens nothing; a code or a backup code does', async () => {
  const { call, signUp } = await startAccounts();
  const alice = await signUp('alice');
  const enabled = await call('/api/auth/two-factor/enable', {
    cookie: alice.cookie,
    body: { password },
  });
  const { totpURI, backupCodes } = enabled.json;
  const verify = { cookie: alice.cookie, body: { code: totpCode(totpURI, Date.now()) } };
  expect((await call('/api/auth/two-factor/verify-totp', verify)).status).toBe(200);

  const signIn = (): ReturnType<typeof call> =>
    call('/api/auth/sign-in/username', { body: { username: 'alice', password } });
  const half = await signIn();
  expect(half.json).toMatchObject({ twoFactorRedirect: true });
  expect(half.headers.get('set-auth-token')).toBeNull();
  expect((await call('/api/whoami', { cookie: half.cookie })).json.viewer).toBeNull();
  const badCode = { cookie: half.cookie, body: { code: '000000' } };
  expect((await call('/api/auth/two-factor/verify-totp', badCode)).status).toBe(401);
  const goodCode = { cookie: half.cookie, body: { code: totpCode(totpURI, Date.now()) } };
  const whole = await call('/api/auth/two-factor/verify-totp', goodCode);
  expect((await call('/api/whoami', { cookie: whole.cookie })).json.viewer.personId).toBe(alice.id);

  const backup = async (): Promise<number> => {
    const body = { code: backupCodes[0] };
    return (
      await call('/api/auth/two-factor/verify-backup-code', {
        cookie: (await signIn()).cookie,
        body,
      })
    ).status;
  };
  expect([await backup(), await backup()]).toEqual([200, 401]);
});

test('who holds a session still cannot guess the password behind it', async () => {
  const { call, signUp } = await startAccounts();
  const { cookie } = await signUp('alice');
  const body = { currentPassword: wrong, newPassword: 'another password' };
  const statuses = [];
  for (let n = 0; n < 11; n += 1)
    statuses.push((await call('/api/auth/change-password', { cookie, body })).status);
  expect(statuses).toEqual([...Array<number>(10).fill(400), 429]);
});

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const before = performance.now();
  const result = await work();
  return [result, performance.now() - before];
}
