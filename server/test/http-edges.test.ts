import { errorCatalogue, type Problem } from '@aside/protocol';
import { describe, expect, onTestFinished, test } from 'vitest';
import { families, type FamilyUrls } from '../src/base/family.ts';
import { cuttingProxy } from './_support/cutting-proxy.ts';
import { freshSplitDatabases } from './_support/database.ts';
import { aliceBobMallory, bringPeople, call, until } from './_support/people.ts';
import { rawHead, rawRequest } from './_support/raw-http.ts';
import { openSocket } from './_support/spy-socket.ts';
import { appForTest } from './_support/start-app.ts';

// The HTTP door as programs find it: upgrades, numbers, health, its own description, and how much one may ask for.

test('a client that offers HTTP/2 with its first request is answered in HTTP/1.1, sockets still open', async () => {
  const { url } = await appForTest();
  const { alice } = await aliceBobMallory(url);
  const offer = {
    connection: 'Upgrade, HTTP2-Settings, close',
    upgrade: 'h2c',
    'http2-settings': 'AAMAAABkAAQAoAAAAAIAAAAA',
  };
  const answer = await rawRequest(url, [rawHead('GET', '/api/me', alice.token, offer)]);
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body)).toMatchObject({ username: 'alice' });
  const body = '{"bio":"over h2c"}';
  const typed = { 'content-type': 'application/json', 'content-length': body.length, ...offer };
  const change = await rawRequest(url, [rawHead('PATCH', '/api/me', alice.token, typed), body]);
  expect(JSON.parse(change.body)).toMatchObject({ bio: 'over h2c' });
  await (await openSocket(url, alice.token)).close();
});

test('the largest safe number is a place in a conversation, the next one is not', async () => {
  const { url } = await appForTest();
  const { alice } = await aliceBobMallory(url);
  const { body } = await alice.write('bob', 'Hello');
  const path = `/api/conversations/${body.message.conversationId}/messages`;
  const before = await alice.get<{ messages: unknown[] }>(`${path}?before=9007199254740991`);
  expect(before.status).toBe(200);
  expect(before.body.messages).toHaveLength(1);
  expect((await alice.get(`${path}?after=9007199254740991`)).status).toBe(200);
  expect((await alice.get(`${path}?before=9007199254740992`)).status).toBe(400);
});

describe('health', () => {
  test.each(families)(
    'is a problem while the database of the family %s is gone',
    async (family) => {
      const split = await freshSplitDatabases();
      const proxy = await cuttingProxy(split.urls[family]);
      const urls: FamilyUrls = { ...split.urls, [family]: proxy.url };
      const app = await appForTest({ urls });
      onTestFinished(async () => {
        await proxy.stop();
        await split.drop();
      });
      expect((await call(app.url, null, 'GET', '/healthz')).status).toBe(200);
      proxy.setDown(true);
      // Many ask, as balancers do; each family is still asked once at a time.
      const answers = await Promise.all(
        Array.from({ length: 30 }, () => call<Problem>(app.url, null, 'GET', '/healthz')),
      );
      for (const { status, body, headers } of answers) {
        expect(status).toBe(503);
        expect(body).toMatchObject({ code: 'overloaded', detail: expect.stringContaining(family) });
        expect(headers.get('content-type')).toContain('application/problem+json');
        expect(headers.get('retry-after')).toBe('1');
      }
      proxy.setDown(false);
      await until(async () => (await call(app.url, null, 'GET', '/healthz')).status === 200);
    },
  );
});

test('every endpoint that openapi.json names exists, the operator’s too where no key is set', async () => {
  const { url } = await appForTest({ env: { ASIDE_OPERATOR_KEY: '' } });
  const { body } = await call<{ paths: Record<string, object> }>(
    url,
    null,
    'GET',
    '/api/openapi.json',
  );
  const named = Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(named).toEqual(expect.arrayContaining(['GET /healthz', 'GET /api/socket']));
  expect(named).toEqual(expect.arrayContaining(['POST /api/operator/people']));
  const accounts = named.filter((route) => route.includes('/api/auth/'));
  expect(accounts.length).toBeGreaterThan(10);
  for (const route of accounts) {
    const [method = '', path = ''] = route.split(' ');
    const answer = await call(url, null, method, path, method === 'GET' ? undefined : {});
    expect([route, answer.status]).not.toEqual([route, 404]);
  }
  for (const path of ['/api/operator/people', '/api/operator/clock']) {
    expect((await call(url, '', 'POST', path, [])).status).toBe(404);
    expect((await call(url, 'undefined', 'POST', path, [])).status).toBe(404);
  }
});

test('the type of a problem leads to a page that explains its code', async () => {
  const { url } = await appForTest();
  const { body } = await call<Problem>(url, null, 'GET', '/api/me');
  const page = new URL(body.type, url);
  const answer = await fetch(page);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toContain('text/html');
  const text = await answer.text();
  expect(text).toContain(`id="${page.hash.slice(1)}"`);
  for (const code of Object.keys(errorCatalogue)) expect(text).toContain(`id="${code}"`);
  expect(text).toContain(errorCatalogue.unauthenticated.remedy);
});

describe('one person may change', () => {
  const changes: [method: string, path: string, body?: object][] = [
    ['PUT', '/api/people/bob/follow'],
    ['PUT', '/api/people/bob/block'],
    ['DELETE', '/api/people/bob/block'],
    ['PUT', '/api/people/bob/mute'],
    ['PATCH', '/api/me', { bio: 'Hello' }],
    ['PATCH', '/api/settings', { typing: true }],
    ['POST', '/api/people/bob/report', { reason: 'spam' }],
    ['POST', '/api/conversations/1/read', { seq: 1 }],
  ];

  test('so much at once, then so much a second; reading, sending and others go on', async () => {
    const { url } = await appForTest({
      env: { WRITE_RATE: '1', WRITE_BURST: String(changes.length) },
    });
    const { alice, bob } = await aliceBobMallory(url);
    for (const [method, path, body] of changes) {
      expect((await alice.call(method, path, body)).status).not.toBe(429);
    }
    const all = await Promise.all(changes.map((change) => alice.call<Problem>(...change)));
    // A second may have passed, and given one back.
    const refused = all.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(changes.length - 2);
    expect(refused[0]!.body.code).toBe('rate_limited');
    expect(Number(refused[0]!.headers.get('retry-after'))).toBe(1);
    expect((await alice.get('/api/settings')).status).toBe(200);
    expect((await alice.write('bob', 'Still here')).status).toBe(201);
    expect((await bob.call('PATCH', '/api/me', { bio: 'Hi' })).status).toBe(200);
    await until(async () => (await alice.call('PATCH', '/api/me', { bio: 'On' })).status === 200);
  });

  test('and look up so many people, not the whole directory', async () => {
    const { url } = await appForTest();
    const { alice, bob } = await bringPeople(url, ['alice', 'bob']);
    const some = await Promise.all(
      Array.from({ length: 100 }, () => alice.get('/api/people?q=bo')),
    );
    expect(some.every(({ status }) => status === 200)).toBe(true);
    const seen = new Set<number>();
    await until(async () => {
      const batch = Array.from({ length: 400 }, () => alice.get('/api/people/bob'));
      for (const { status } of await Promise.all(batch)) seen.add(status);
      return seen.has(429);
    });
    expect(seen).toEqual(new Set([200, 429]));
    expect((await bob.get('/api/people/alice')).status).toBe(200);
  });
});

describe('addresses', () => {
  test.each(['0.0.0.0', '::'])(
    'a server on %s names one that a browser can go to',
    async (host) => {
      const { url } = await appForTest({ env: { HOST: host } });
      expect(url).toMatch(/^http:\/\/(127\.0\.0\.1|localhost):\d+$/);
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
    },
  );

  test('behind a proxy the server knows both its own address and the people’s', async () => {
    const { app, url } = await appForTest({ env: { PUBLIC_URL: 'https://aside.example' } });
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(app.publicUrl).toBe('https://aside.example');
  });
});
