import { describe, expect, it } from 'vitest';
import { createMemoryBrowser, createMemoryPorts } from '../platform/memory.ts';
import { createAccounts } from './accounts.ts';
import { createApi } from './api.ts';
import { createRequester } from './request.ts';

function arrange(fetch: (path: string, init: RequestInit) => Promise<Response>) {
  const browser = createMemoryBrowser();
  const ports = createMemoryPorts(browser, {
    fetch,
    openSocket: () => {
      throw new Error('unused');
    },
  });
  let ended = 0;
  const requester = createRequester(ports, 15_000, () => {
    ended += 1;
  });
  return {
    api: createApi(requester),
    accounts: createAccounts(requester),
    requester,
    ports,
    time: browser.time,
    ended: () => ended,
  };
}

const answering = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  arrange(() =>
    Promise.resolve(new Response(body === null ? null : JSON.stringify(body), { status, headers })),
  );

describe('a request', () => {
  it('that succeeds gives its value, an empty answer too', async () => {
    expect(await answering(200, { reach: 'nobody' }).api.settings()).toEqual({
      ok: true,
      value: { reach: 'nobody' },
    });
    expect(await answering(204, null).api.endOtherSessions()).toEqual({ ok: true, value: null });
  });

  it('that is refused gives the code, the sentence and the wait', async () => {
    const body = { code: 'rate_limited', detail: 'Slower.', retryAfterSeconds: 3 };
    expect(await answering(429, body).api.me()).toEqual({
      ok: false,
      problem: { code: 'rate_limited', detail: 'Slower.', retryAfterMs: 3_000 },
    });
  });

  it.each([
    [502, 'overloaded'],
    [500, 'internal'],
    [418, 'unknown'],
  ])('answered %i by something else than Aside is %s', async (status, code) => {
    expect(await answering(status, 'teapot').api.me()).toMatchObject({ problem: { code } });
  });

  it('answered by a sign-in page of the network counts as no answer', async () => {
    const { api } = arrange(() => Promise.resolve(new Response('<html>', { status: 200 })));
    expect(await api.me()).toMatchObject({ problem: { code: 'offline' } });
  });

  it('without an answer in time is offline, and leaves no timer', async () => {
    const { api, time } = arrange(
      (_path, init) =>
        new Promise((_resolve, reject) => {
          init.signal?.addEventListener('abort', () => reject(new TypeError('aborted')));
        }),
    );
    const asking = api.me();
    await time.advance(15_000);
    expect(await asking).toMatchObject({ problem: { code: 'offline' } });
    expect(time.pendingTimers()).toBe(0);
  });

  it('that was taken but waits is no success', async () => {
    const body = { code: 'held', detail: 'Waiting.', status: 202 };
    expect(await answering(202, body).api.sendTo('sara', { clientId: 'x', text: 'y' })).toEqual({
      ok: false,
      problem: { code: 'held', detail: 'Waiting.' },
    });
  });

  it('that is refused for a while says until when', async () => {
    const until = '2026-12-01T00:00:00.000Z';
    const body = { code: 'bulk_needs_opt_in', detail: 'Too many.', until };
    expect(await answering(403, body).api.me()).toMatchObject({ problem: { until } });
  });

  it('that nobody waits for any more ends', async () => {
    const { api, time } = arrange(
      (_path, init) =>
        new Promise((_resolve, reject) => {
          init.signal?.addEventListener('abort', () => reject(new TypeError('aborted')));
        }),
    );
    const controller = new AbortController();
    const asking = api.check('sara', 'hello', controller.signal);
    controller.abort();
    expect(await asking).toMatchObject({ problem: { code: 'offline' } });
    expect(time.pendingTimers()).toBe(0);
  });

  it('of a session that was replaced meanwhile ends nothing', async () => {
    const { api, requester, ended } = answering(401, { code: 'unauthenticated', detail: '' });
    await api.me();
    expect(ended()).toBe(1);
    const asking = api.me();
    requester.renewSession();
    await asking;
    expect(ended()).toBe(1);
  });

  it('puts names into the path safely', async () => {
    const paths: string[] = [];
    const { api } = arrange((path) => {
      paths.push(path);
      return Promise.resolve(new Response('{}'));
    });
    await api.profile('a/../b');
    await api.searchPeople('ö & co');
    expect(paths).toEqual(['/api/people/a%2F..%2Fb', '/api/people?q=%C3%B6+%26+co']);
  });
});

describe('accounts', () => {
  it.each([
    ['INVALID_EMAIL_OR_PASSWORD', 401, 'wrong_credentials'],
    ['USERNAME_TOO_SHORT', 422, 'wrong_credentials'],
    ['SOMETHING_NEW', 429, 'rate_limited'],
  ])('signing in answered %s is %s', async (code, status, expected) => {
    const { accounts, ended } = answering(status, { code, message: 'x' });
    expect(await accounts.signIn('ab', 'secret')).toMatchObject({ problem: { code: expected } });
    expect(ended()).toBe(0);
  });

  it('asks for the second step when the server does', async () => {
    const { accounts } = answering(200, { twoFactorRedirect: true });
    expect(await accounts.signIn('@sara', 'secret')).toEqual({ ok: true, value: 'totp' });
  });

  it('knows an e-mail address from a username and a code from a backup code', async () => {
    const asked: string[] = [];
    const { accounts } = arrange((path, init) => {
      asked.push(`${path} ${typeof init.body === 'string' ? init.body : ''}`);
      return Promise.resolve(new Response('{}'));
    });
    await accounts.signIn('sara@example.org', 'p');
    await accounts.signIn('@sara', 'p');
    await accounts.verifySecondFactor('123 456');
    await accounts.verifySecondFactor('aBcDe-12345');
    expect(asked).toEqual([
      '/api/auth/sign-in/email {"email":"sara@example.org","password":"p"}',
      '/api/auth/sign-in/username {"username":"sara","password":"p"}',
      '/api/auth/two-factor/verify-totp {"code":"123456"}',
      '/api/auth/two-factor/verify-backup-code {"code":"aBcDe-12345"}',
    ]);
  });

  it('a taken username is named as such', async () => {
    const { accounts } = answering(400, { code: 'USERNAME_IS_ALREADY_TAKEN' });
    const details = { email: 'a@b.c', password: 'p', name: 'n', username: 'sara' };
    expect(await accounts.signUp(details)).toMatchObject({ problem: { code: 'username_taken' } });
  });
});
