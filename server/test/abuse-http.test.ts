import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { until } from './_support/people.ts';
import { rawHead } from './_support/raw-http.ts';
import { laySiege, type Line, type Siege } from './_support/siege.ts';

// Somebody who wants the HTTP door to fall: it answers 4xx or closes, holds no more memory afterwards, and others are
// served meanwhile. What is merely wrong is in hostile-http.test.ts.

let siege: Siege;

beforeAll(async () => {
  siege = await laySiege({ READ_BURST: '300' });
});
afterEach(() => siege.expectOthersServed());
afterAll(() => siege.stop());

const mega = 1024 * 1024;

test('who sends a thousand messages at once is told when to come back, and others write on', async () => {
  const { mallory, conversationId } = siege;
  const all = Promise.all(
    Array.from({ length: 1_000 }, () => mallory.writeIn(conversationId, 'Buy!')),
  );
  await siege.expectOthersServed();
  const answers = await all;
  const refused = answers.filter(({ status }) => status === 429);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 429]));
  expect(refused.length).toBeGreaterThan(100);
  for (const { headers, body } of refused) {
    expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(body).toMatchObject({ code: 'rate_limited', retryAfterSeconds: expect.any(Number) });
  }
});

test('who asks for hundreds of pages at once gets some of them, and others write on', async () => {
  const all = Promise.all(
    Array.from({ length: 700 }, () => siege.mallory.get('/api/conversations')),
  );
  await siege.expectOthersServed();
  const answers = await all;
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]));
  const refused = answers.find(({ status }) => status === 429)!;
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  await siege.expectUnharmed();
}, 60_000);

test('a thousand requests in one packet are answered in order, few of them begun at once', async () => {
  const line = await siege.line();
  const head = rawHead('GET', '/api/me', siege.mallory.token, { connection: 'keep-alive' });
  line.socket.write(head.repeat(1_000));
  await siege.expectOthersServed();
  await until(() => statuses(line).length === 1_000, 20_000);
  expect(new Set(statuses(line))).toEqual(new Set([200, 429]));
  line.socket.destroy();
  await siege.expectUnharmed();
}, 60_000);

describe('a request', () => {
  afterAll(() => siege.expectUnharmed());

  const filled = (count: number, line: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => line(i)).join('');
  const get = (path: string, more = ''): string =>
    `GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer TOKEN\r\n${more}\r\n`;

  test.each([
    [
      '10,000 headers',
      () =>
        get(
          '/api/me',
          filled(10_000, (i) => `x-${i}: 1\r\n`),
        ),
      413,
    ],
    [
      '3,000 headers of a byte',
      () =>
        get(
          '/api/me',
          filled(3_000, () => 'a:\r\n'),
        ),
      [200, 413],
    ],
    ['a header of a megabyte', () => get('/api/me', `x: ${'y'.repeat(mega)}\r\n`), 413],
    [
      'a cookie of a megabyte',
      () => get('/api/me', `cookie: ${'a=b; '.repeat(mega / 5)}\r\n`),
      413,
    ],
    ['an address of a megabyte', () => get(`/${'y'.repeat(mega)}`), 413],
    [
      '10,000 parameters',
      () => get(`/api/conversations?${filled(10_000, (i) => `a${i}=1&`)}`),
      413,
    ],
    ['3,000 parameters', () => get(`/api/conversations?${filled(3_000, () => 'a=&')}`), 400],
  ])('with %s is refused', async (_, bytes, expected) => {
    const line = await siege.line();
    line.socket.write(bytes().replace('TOKEN', siege.mallory.token));
    await until(() => statuses(line).length > 0);
    expect([expected].flat()).toContain(statuses(line)[0]);
    line.socket.destroy();
  });

  const digits = '9'.repeat(250_000);
  const keys = (count: number): string =>
    `{${Array.from({ length: count }, (_, i) => `"k${i}":1`).join(',')}}`;
  test.each([
    ['a million levels deep', () => '['.repeat(1_000_000), [413, 0]],
    ['a quarter of a million levels deep', () => '['.repeat(260_000), 400],
    ['objects as deep as fit', () => '{"a":'.repeat(43_000) + '1' + '}'.repeat(43_000), 400],
    // 0: the line was cut while the rest was still being sent, which may take the answer with it.
    ['a million keys', () => keys(1_000_000), [413, 0]],
    ['as many keys as fit', () => keys(22_000), 400],
    ['a number of 250,000 digits', () => `{"seq":${digits}}`, 400],
    ['a fraction of 250,000 digits', () => `{"seq":1.${digits}5}`, [200, 400]],
    ['an endless exponent', () => `{"seq":1e${digits}}`, 400],
    ['escapes alone', () => `{"seq":"${'\\u0000'.repeat(43_000)}"}`, 400],
  ])('whose JSON is %s is refused', async (_, body, expected) => {
    const path = `/api/conversations/${siege.conversationId}/read`;
    const answer = await send('POST', path, Buffer.from(body()));
    expect([expected].flat()).toContain(answer);
  });

  test.each(['gzip', 'deflate', 'br', 'gzip, gzip'])(
    'whose body says it is compressed (%s) is not unpacked',
    async (encoding) => {
      const bomb = gzipSync(Buffer.alloc(50 * mega));
      const path = `/api/conversations/${siege.conversationId}/messages`;
      for (const type of ['application/json', 'text/plain']) {
        const status = await send('POST', path, bomb, {
          'content-encoding': encoding,
          'content-type': type,
        });
        expect([400, 415]).toContain(status);
      }
    },
  );

  test.each([
    ['GET', '/api/me'],
    ['DELETE', '/api/people/carol/follow'],
    ['PUT', '/api/people/carol/follow'],
    ['POST', '/api/auth/sign-out'],
    ['POST', '/api/auth/sign-in/username'],
    ['GET', '/healthz'],
    ['POST', '/healthz'],
    ['GET', '/'],
    ['POST', '/nothing'],
  ])('that uploads ten megabytes to %s %s is refused or cut short', async (method, path) => {
    const status = await send(method, path, Buffer.alloc(10 * mega, '{'));
    expect([0, 200, 400, 403, 404, 413, 415]).toContain(status);
  });
});

describe('a request whose end is told in two ways', () => {
  afterAll(() => siege.expectUnharmed());

  const hidden =
    'PUT /api/people/bob/block HTTP/1.1\r\nhost: x\r\nauthorization: Bearer TOKEN\r\n\r\n';
  const length = hidden.length + 64;
  test.each([
    ['a length and chunks', `content-length: ${length}\r\ntransfer-encoding: chunked`],
    ['chunks and a length', `transfer-encoding: chunked\r\ncontent-length: ${length}`],
    ['chunks that are something else', 'transfer-encoding: chunked, identity'],
    ['something that is no chunks', 'transfer-encoding: xchunked'],
    ['chunks behind a tab', 'transfer-encoding:\tchunked\r\ncontent-length: 4'],
    ['chunks with a space before the colon', 'transfer-encoding : chunked'],
    ['chunks on a folded line', 'transfer-encoding:\r\n chunked\r\ncontent-length: 4'],
    ['chunks after a vertical tab', 'transfer-encoding: \u000bchunked'],
    ['two lengths in one', 'content-length: 5, 6'],
    ['a length with a sign', 'content-length: +5'],
    ['a length in hexadecimal', 'content-length: 0x5'],
    ['a length beyond all numbers', `content-length: ${'9'.repeat(40)}`],
    ['a length and a bare line feed', 'content-length: 5\ntransfer-encoding: chunked'],
  ])('(%s) does not carry another one in', async (_, headers) => {
    const line = await siege.line();
    const { token } = siege.mallory;
    const first = `POST /api/conversations/1/read HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n${headers}\r\n\r\n`;
    line.socket.write(`${first}0\r\n\r\n${hidden.replace('TOKEN', token)}`);
    line.socket.end();
    await until(() => line.isClosed, 20_000);
    expect(statuses(line).filter((status) => status !== 400)).toEqual([]);
    const { body } = await siege.mallory.get<{ people: unknown[] }>('/api/blocks');
    expect(body.people).toEqual([]);
  });
});

describe('a line that is closed from one side', () => {
  afterAll(() => siege.expectUnharmed());

  test('before its answer came is closed from the other as well', async () => {
    const lines = await Promise.all(
      Array.from({ length: 50 }, () => siege.line({ allowHalfOpen: true })),
    );
    const head = rawHead('GET', '/api/me', siege.mallory.token, { connection: 'keep-alive' });
    for (const { socket } of lines) socket.end(head);
    await until(() => lines.every((line) => line.isClosed), 20_000);
  });

  test('in the middle of a body is closed from the other as well', async () => {
    const line = await siege.line({ allowHalfOpen: true });
    const head = { 'content-type': 'application/json', 'content-length': 100 };
    line.socket.end(`${rawHead('PATCH', '/api/me', siege.mallory.token, head)}{"bio":`);
    await until(() => line.isClosed, 20_000);
    expect(statuses(line).filter((status) => status !== 400)).toEqual([]);
  });

  test('and refused before, but never by its other end, is cut', async () => {
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket' };
    const refused = [
      rawHead('GET', '/api/elsewhere', null, upgrade),
      'no HTTP at all\r\n\r\n',
      `GET /${'x'.repeat(40_000)} HTTP/1.1\r\n\r\n`,
    ];
    const lines = await Promise.all(
      Array.from({ length: 60 }, () => siege.line({ allowHalfOpen: true })),
    );
    lines.forEach(({ socket }, i) => socket.write(refused[i % 3]!));
    await until(() => lines.every((line) => line.isClosed), 20_000);
    // Our side is still open; only a line that was really cut takes no more.
    await until(() => {
      for (const { socket } of lines) if (!socket.destroyed) socket.write('x');
      return lines.every(({ socket }) => socket.destroyed);
    }, 20_000);
    for (const line of lines) expect(statuses(line)[0]).toBeGreaterThanOrEqual(400);
  });
});

test('who is slow, or says nothing, is closed in the end, and others are served meanwhile', async () => {
  const { token } = siege.mallory;
  const typed = { 'content-type': 'application/json' };
  const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
  const begun: string[] = [
    '',
    'GET /api/me HTTP/1.1\r\nhost: x\r\n',
    rawHead('GET', '/api/socket', null, upgrade).slice(0, -2),
    rawHead('PATCH', '/api/me', token, { ...typed, 'content-length': 1_000 }),
    rawHead('PATCH', '/api/me', token, { ...typed, 'transfer-encoding': 'chunked' }),
  ];
  const lines = await Promise.all(Array.from({ length: 1_000 }, () => siege.line()));
  lines.forEach(({ socket }, i) => socket.write(begun[i % begun.length]!));
  const drips = ['', 'x-slow: 1\r\n', 'x-slow: 1\r\n', ' ', '1\r\n \r\n'];
  const dripping = setInterval(() => {
    lines.forEach(({ socket }, i) => {
      if (!socket.destroyed) socket.write(drips[i % drips.length]!);
    });
  }, 1_000);
  const from = performance.now();
  await siege.expectUnharmed();
  await until(async () => {
    await siege.expectOthersServed();
    await new Promise((resolve) => setTimeout(resolve, 250));
    return lines.every((line) => line.isClosed);
  }, 90_000);
  clearInterval(dripping);
  console.log(
    `a thousand slow lines were gone after ${Math.round((performance.now() - from) / 1000)} s`,
  );
  await siege.expectUnharmed();
  // 429: more slow changes of one person than one may ask for.
  const answers = lines.flatMap((line) => statuses(line).slice(0, 1));
  expect(new Set(answers)).toEqual(new Set([400, 429]));
}, 120_000);

function statuses({ text }: Line): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
}

/** The status of the answer; 0: the server closed without a word. */
async function send(
  method: string,
  path: string,
  body: Buffer,
  headers: Record<string, string> = {},
): Promise<number> {
  const line = await siege.line();
  const all = { 'content-type': 'application/json', 'content-length': body.length, ...headers };
  line.socket.write(rawHead(method, path, siege.mallory.token, all));
  line.socket.write(body);
  await until(() => line.isClosed || statuses(line).length > 0, 20_000);
  line.socket.destroy();
  return statuses(line)[0] ?? 0;
}
