import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operatorKey, startTestApp, type TestApp } from './_support/start-app.ts';
import { befriend, bringPeople, type TestPerson } from './_support/people.ts';
import { expectProblem } from './_support/problems.ts';
import { rawHead, rawRequest } from './_support/raw-http.ts';
import { snapshot } from './_support/snapshot.ts';

// Whatever comes through the HTTP door: a problem with a sentence, nothing stored, and the server goes on.

let app: TestApp;
let alice: TestPerson;
let id: string;
let before: Record<string, string>;

beforeAll(async () => {
  app = await startTestApp({ env: { SEND_RATE: '100000', SEND_BURST: '100000' } });
  const people = await bringPeople(app.url, ['alice', 'bob'], { alice: ['bob'], bob: ['alice'] });
  alice = people.alice;
  id = await befriend(alice, people.bob);
  await alice.inbox();
  before = await snapshot(app.urls);
});
afterAll(() => app.stop());

const routes: Record<string, [method: string, path: () => string, token: () => string]> = {
  'sending to a person': ['POST', () => '/api/conversations/with/bob/messages', () => alice.token],
  'sending to a conversation': [
    'POST',
    () => `/api/conversations/${id}/messages`,
    () => alice.token,
  ],
  'marking read': ['POST', () => `/api/conversations/${id}/read`, () => alice.token],
  'changing a profile': ['PATCH', () => '/api/me', () => alice.token],
  'changing settings': ['PATCH', () => '/api/settings', () => alice.token],
  reporting: ['POST', () => '/api/people/bob/report', () => alice.token],
  'making a key': ['POST', () => '/api/keys', () => alice.token],
  'bringing people': ['POST', () => '/api/operator/people', () => operatorKey],
};

describe.each(Object.entries(routes))('%s', (_, [method, path, token]) => {
  test.each([
    ['nothing', ''],
    ['white space', '  \n'],
    ['null', 'null'],
    ['a number', '17'],
    ['a string', '"text"'],
    ['true', 'true'],
    ['an array', '[1]'],
    ['half an object', '{"text":'],
    ['two objects', '{}{}'],
    ['an unknown field', '{"admin":true}'],
    ['__proto__', '{"__proto__":{"admin":true}}'],
    ['constructor', '{"constructor":{"prototype":{"admin":true}}}'],
    ['a comment', '{/* x */}'],
    ['a NUL byte', '{"text":"a\0b"}'],
    ['a hundred thousand brackets', '['.repeat(100_000)],
    ['a hundred thousand nested objects', '{"a":'.repeat(20_000) + '1' + '}'.repeat(20_000)],
  ])('refuses %s as a body', async (_name, body) => {
    expect(expectProblem(await put(method, path(), token(), body)).code).toBe('invalid');
  });

  test.each([
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['multipart/form-data; boundary=x', 415],
    ['application/xml', 415],
    ['garbage', 415],
    ['', 415],
  ])('refuses a body of type “%s”', async (type, status) => {
    const answer = await put(method, path(), token(), '{"text":"hi"}', type);
    expectProblem(answer);
    expect(answer.status).toBe(status);
  });

  test('refuses bytes that are not UTF-8, with and without a length', async () => {
    const start = `{"clientId":"${randomUUID()}","text":"`;
    const bytes = Buffer.concat([
      Buffer.from(start),
      Buffer.from([0xff, 0xc0, 0xaf]),
      Buffer.from('"}'),
    ]);
    expectProblem(
      await putRaw(method, path(), token(), [bytes], { 'content-length': bytes.length }),
    );
    const chunk = [
      Buffer.from(`${bytes.length.toString(16)}\r\n`),
      bytes,
      Buffer.from('\r\n0\r\n\r\n'),
    ];
    expectProblem(await putRaw(method, path(), token(), chunk, { 'transfer-encoding': 'chunked' }));
  });
});

const uuid = randomUUID();
const long = (count: number): string => 'x'.repeat(count);
const notText = [null, 1, true, [], {}, ['x']];
const notStorable = ['a\0b', 'a\ud800', '\udc00b'];
const fields: [route: string, field: string, rest: Record<string, unknown>, values: unknown[]][] = [
  [
    'sending to a person',
    'text',
    { clientId: uuid },
    [...notText, ...notStorable, '', ' \u200b', '\ufe0f', long(10_001), '𐍈'.repeat(10_001)],
  ],
  [
    'sending to a conversation',
    'text',
    { clientId: uuid },
    [...notText, ...notStorable, '', long(10_001)],
  ],
  [
    'sending to a person',
    'clientId',
    { text: 'hi' },
    [
      ...notText,
      '',
      '1',
      'not-a-uuid',
      `${uuid} `,
      ` ${uuid}`,
      uuid.replaceAll('-', ''),
      `${uuid}\n`,
      `{${uuid}}`,
    ],
  ],
  ['marking read', 'seq', {}, [null, '1', 1.5, -1, [], {}, true, '1e3']],
  ['changing a profile', 'name', {}, [...notText, ...notStorable, '', '   ', '\u200b', long(51)]],
  ['changing a profile', 'bio', {}, [...notText, ...notStorable, long(501)]],
  [
    'changing a profile',
    'website',
    {},
    [
      ...notText,
      ...notStorable,
      long(201),
      'javascript:alert(1)',
      'ftp://a.b',
      'data:text/html,x',
      'no address',
      '//a.b',
    ],
  ],
  [
    'changing settings',
    'reach',
    {},
    [null, 1, true, [], {}, '', 'friends', 'EVERYONE', '__proto__'],
  ],
  ['reporting', 'reason', {}, [...notText, ...notStorable, '', long(1_001)]],
  [
    'reporting',
    'conversationId',
    { reason: 'spam' },
    [
      null,
      1,
      [],
      {},
      '',
      '0',
      '-1',
      'abc',
      '9223372036854775808',
      '9999999999999999999',
      '1' + '0'.repeat(30),
    ],
  ],
  [
    'reporting',
    'seqs',
    { reason: 'spam' },
    [
      null,
      1,
      {},
      '1',
      ['1'],
      [0],
      [-1],
      [1.5],
      [null],
      Array.from({ length: 51 }, (_, i) => i + 1),
    ],
  ],
];

describe.each(fields)('%s with a wrong %s', (route, field, rest, values) => {
  test.each(values.map((value) => [JSON.stringify(value)?.slice(0, 40), value]))(
    '%s',
    async (_, value) => {
      const [method, path, token] = routes[route]!;
      expectProblem(
        await put(method, path(), token(), JSON.stringify({ ...rest, [field]: value })),
      );
    },
  );
});

describe('an address', () => {
  const ids = [
    '0',
    '-1',
    '9223372036854775808',
    `1${'0'.repeat(30)}`,
    'abc',
    '1.5',
    '%00',
    '%20',
    '1%2F2',
    '\u0661',
  ];
  test.each(ids)('with the id %s is not found, read or written', async (bad) => {
    const known = `/api/conversations/${encodeURI(bad)}`;
    for (const path of [known, `${known}/messages`]) {
      expect(expectProblem(await put('GET', path, alice.token)).code).toBe('not_found');
    }
    const body = JSON.stringify({ clientId: uuid, text: 'hi' });
    expect(expectProblem(await put('POST', `${known}/messages`, alice.token, body)).code).toBe(
      'not_found',
    );
    expect(expectProblem(await put('POST', `${known}/read`, alice.token, '{"seq":1}')).code).toBe(
      'not_found',
    );
  });

  test.each([
    '%',
    '%E0%A4%A',
    '%zz',
    '%ff%fe',
    'a%00b',
    '../../etc/passwd',
    long(150),
    long(5_000),
    '<script>',
    "' or 1=1 --",
  ])('with the username %s is a problem', async (bad) => {
    for (const path of [`/api/people/${bad}`, `/api/people/${bad}/follow`]) {
      const method = path.endsWith('follow') ? 'PUT' : 'GET';
      const answer = await rawRequest(app.url, [
        rawHead(method, path.replaceAll(' ', '%20'), alice.token),
      ]);
      const problem = expectProblem(parsed(answer));
      expect(['not_found', 'invalid']).toContain(problem.code);
    }
  });

  const badQueries = [
    ...[
      '0',
      '201',
      'abc',
      '1e3',
      '-1',
      '',
      '1.5',
      '%00',
      '99999999999999999999',
      '0x10',
      '1&limit=2',
    ].map((v) => `limit=${v}`),
    ...['-1', 'abc', '1e20', '99999999999999999999', '', '1.5'].flatMap((v) => [
      `before=${v}`,
      `after=${v}`,
    ]),
    'unknown=1',
    '__proto__=1',
    'limit[]=5',
  ];
  test.each(badQueries)('of a page with ?%s is refused', async (query) => {
    expect(
      expectProblem(await put('GET', `/api/conversations/${id}/messages?${query}`, alice.token))
        .code,
    ).toBe('invalid');
  });

  test.each([
    ...[
      '',
      'abc',
      '1',
      '1-',
      '-1',
      '1-0',
      '-1-1',
      '1-9223372036854775808',
      '1.5-1',
      '1-1-1',
      long(61),
      '%00',
      '1-1%00',
    ].map((v) => `cursor=${v}`),
    'cursor=1-1&cursor=2-2',
    'folder=spam',
    'folder=',
    'folder=inbox&folder=archive',
    'limit=0',
  ])('of the inbox with ?%s is refused', async (query) => {
    expect(expectProblem(await put('GET', `/api/conversations?${query}`, alice.token)).code).toBe(
      'invalid',
    );
  });

  test.each(['0-1', '999999999999999-9223372036854775807', '253402300800000-1'])(
    'of the inbox with the made-up cursor %s is a page or a problem',
    async (cursor) => {
      const answer = await put('GET', `/api/conversations?cursor=${cursor}`, alice.token);
      if (answer.status !== 200) expectProblem(answer);
    },
  );

  test('of the people search without a question or with too long a one is refused', async () => {
    for (const query of ['', '?q=a&q=b', `?q=${long(61)}`, '?x=1']) {
      expect(expectProblem(await put('GET', `/api/people${query}`, alice.token)).code).toBe(
        'invalid',
      );
    }
    for (const q of ['%00', '%25', '_', '%5C', '', '%F0%9F%98%80', '@', '%ff']) {
      expect((await put('GET', `/api/people?q=${q}`, alice.token)).status).toBe(200);
    }
  });

  test.each([
    ['GET', '/api/nothing'],
    ['DELETE', '/api/conversations'],
    ['TRACE', '/api/me'],
    ['PUT', '/api'],
    ['POST', '/api/me'],
  ])('that nobody has (%s %s) is not found', async (method, path) => {
    const answer = parsed(await rawRequest(app.url, [rawHead(method, path, alice.token)]));
    expect(['not_found', 'invalid']).toContain(expectProblem(answer).code);
  });
});

describe('a request', () => {
  test.each(['length', 'chunked'] as const)('of ten megabytes (%s) is too large', async (kind) => {
    const body = Buffer.alloc(10 * 1024 * 1024, 'x');
    const [headers, parts] =
      kind === 'length'
        ? [{ 'content-length': body.length }, [body]]
        : [
            { 'transfer-encoding': 'chunked' },
            [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')],
          ];
    const answer = await putRaw(
      'POST',
      `/api/conversations/${id}/messages`,
      alice.token,
      parts,
      headers,
    );
    expect(expectProblem(answer).code).toBe('too_large');
  });

  test('whose header is a flood is refused', async () => {
    const flood = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, i) => [`x-flood-${i}`, 'y'.repeat(20)]),
    );
    expectProblem(
      parsed(await rawRequest(app.url, [rawHead('GET', '/api/me', alice.token, flood)])),
    );
    expectProblem(
      parsed(await rawRequest(app.url, [rawHead('GET', `/${long(40_000)}`, alice.token)])),
    );
  });

  test.each([
    ['no HTTP at all', 'hello\r\n\r\n'],
    ['another protocol', '\x16\x03\x01\x02\x00\x01\x00\x01'],
    [
      'two lengths',
      'POST /api/me HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx',
    ],
    [
      'a length and chunks',
      'POST /api/me HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'a bad chunk',
      'POST /api/me HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
    ],
  ])('that is %s is refused', async (_, bytes) => {
    expectProblem(parsed(await rawRequest(app.url, [bytes])));
  });

  test('of nobody, or with a made-up session, is unauthenticated before its body is looked at', async () => {
    for (const token of [null, 'x', '', long(1_000), 'é', 'a b', '../..']) {
      const answer = parsed(
        await rawRequest(app.url, [
          rawHead('PATCH', '/api/me', token, { 'content-length': 1 }),
          '{',
        ]),
      );
      expect(expectProblem(answer).code).toBe('unauthenticated');
    }
  });

  test('with a body where none belongs is refused or ignored, never an error', async () => {
    for (const body of ['{"x":1}', '[', 'null', '']) {
      const answer = await put('PUT', '/api/people/bob/follow', alice.token, body);
      if (answer.status !== 200) expectProblem(answer);
    }
  });
});

describe('an upgrade', () => {
  const head = (path: string, token: string | null, more: Record<string, string> = {}): string =>
    rawHead('GET', path, token, {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...more,
    });

  test.each([
    ['to another path', '/api/elsewhere', 'not_found'],
    ['with the token in the address', '/api/socket?token=abc', 'invalid'],
    ['to an address that is none', '//', 'not_found'],
    ['to an address with half a host', '//[', 'not_found'],
    ['to a port that is none', 'http://a:99999/api/socket', 'not_found'],
  ])('%s is refused', async (_, path, code) => {
    const answer = parsed(await rawRequest(app.url, [head(path, alice.token)]));
    expect(expectProblem(answer).code).toBe(code);
  });

  test('that is broken off at once does no harm', async () => {
    const { hostname, port } = new URL(app.url);
    for (let i = 0; i < 50; i += 1) {
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), hostname, () => {
          socket.write(head('/api/socket', `unknown-${i}`), () => socket.resetAndDestroy());
        });
        socket.on('error', () => {});
        socket.on('close', () => resolve());
      });
    }
    expect((await alice.get('/api/me')).status).toBe(200);
  });
});

// From here on something is stored, so this stands in the middle of the file.
test('nothing of all this was stored, and the server goes on', async () => {
  expect((await fetch(`${app.url}/healthz`)).status).toBe(200);
  expect(await snapshot(app.urls)).toEqual(before);
  expect((await alice.writeIn(id, 'still here')).status).toBe(201);
  await alice.inbox();
  expect(await snapshot(app.urls)).not.toEqual(before);
});

test('a seq beyond every number is no error of ours', async () => {
  for (const seq of [2 ** 53, 1e20, 1e300]) {
    expect((await alice.call('POST', `/api/conversations/${id}/read`, { seq })).status).toBe(200);
    const report = await alice.call('POST', '/api/people/bob/report', {
      reason: 'spam',
      conversationId: id,
      seqs: [seq],
    });
    expect([201, 400]).toContain(report.status);
  }
});

test('of a key that stands twice the last holds, as everywhere in JSON', async () => {
  const body = `{"clientId":"${randomUUID()}","text":"first","text":"second"}`;
  const answer = await put('POST', `/api/conversations/${id}/messages`, alice.token, body);
  expect(answer.status).toBe(201);
  expect((answer.body as { message: { text: string } }).message.text).toBe('second');
});

interface Parsed {
  status: number;
  contentType: string | null;
  body: unknown;
}

async function put(
  method: string,
  path: string,
  token: string,
  body?: string,
  type = 'application/json',
): Promise<Parsed> {
  if (body === undefined) return parsed(await rawRequest(app.url, [rawHead(method, path, token)]));
  const bytes = Buffer.from(body);
  return putRaw(method, path, token, [bytes], { 'content-length': bytes.length }, type);
}

async function putRaw(
  method: string,
  path: string,
  token: string,
  parts: Buffer[],
  headers: Record<string, string | number>,
  type = 'application/json',
): Promise<Parsed> {
  const typed = type === '' ? headers : { 'content-type': type, ...headers };
  return parsed(await rawRequest(app.url, [rawHead(method, path, token, typed), ...parts]));
}

function parsed(answer: { status: number; headers: Record<string, string>; body: string }): Parsed {
  const chunked = answer.headers['transfer-encoding'] === 'chunked';
  const text = chunked
    ? answer.body.replace(/^[0-9a-f]+\r\n|\r\n[0-9a-f]+\r\n(\r\n)?/g, '')
    : answer.body;
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {
    // Shown as it is by the assertion that fails.
  }
  return { status: answer.status, contentType: answer.headers['content-type'] ?? null, body };
}
