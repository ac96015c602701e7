import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeCodes } from '@aside/protocol';
import { befriend, bringPeople, until, type TestPerson } from './_support/people.ts';
import { snapshot } from './_support/snapshot.ts';
import { openSocket, rawSocket, type SpySocket } from './_support/spy-socket.ts';
import { startTestApp, type TestApp } from './_support/start-app.ts';

// Whatever comes through the socket: an error frame with a sentence, or the documented close code; nothing stored.

let app: TestApp;
let alice: TestPerson;
let id: string;
let socket: SpySocket;
let before: Record<string, string>;

beforeAll(async () => {
  app = await startTestApp();
  const people = await bringPeople(app.url, ['alice', 'bob'], { alice: ['bob'], bob: ['alice'] });
  alice = people.alice;
  id = await befriend(alice, people.bob);
  // All is read, so that no mark beyond it stores anything.
  await alice.call('POST', `/api/conversations/${id}/read`, { seq: 2 });
  await alice.inbox();
  before = await snapshot(app.urls);
});
afterAll(() => app.stop());

const clientId = randomUUID();
const deep = '{"t":'.repeat(5_000) + '1' + '}'.repeat(5_000);
const malformed: unknown[] = [
  '',
  ' ',
  'hello',
  '{',
  'null',
  '1',
  '"ping"',
  'true',
  '[]',
  '[{"t":"ping"}]',
  '{}',
  deep,
  'a\0b',
  { t: 'nope' },
  { t: null },
  { t: 1 },
  { t: ['ping'] },
  { t: '__proto__' },
  { t: 'constructor' },
  { t: 'ping', more: 1 },
  '{"t":"ping","__proto__":{"x":1}}',
  '{"t":"ping","constructor":{"prototype":{"x":1}}}',
  ...[
    {},
    { text: 'x' },
    { clientId, text: null },
    { clientId, text: 7 },
    { clientId: 'x', text: 'x' },
  ].map((rest) => ({ t: 'send', to: 'bob', ...rest })),
  ...[0, '0', '-1', 'abc', null, '1' + '0'.repeat(30)].flatMap((conversationId) => [
    { t: 'send', clientId, text: 'x', conversationId },
    { t: 'read', conversationId, seq: 1 },
    { t: 'typing', conversationId },
  ]),
  ...[-1, 1.5, '1', null, [], {}].map((seq) => ({ t: 'read', conversationId: '1', seq })),
];

describe('on a greeted socket', () => {
  beforeAll(async () => {
    socket = await openSocket(app.url, alice.token);
  });
  afterAll(() => socket.close());

  test.each(malformed.map((frame) => [shown(frame), frame]))(
    '%s is answered with an error, and the socket stays open',
    async (_, frame) => {
      const error = await answerTo(frame);
      expect(error).toMatchObject({ t: 'error', code: 'invalid' });
    },
  );

  test('bytes in a binary frame are no frame of ours', async () => {
    const from = socket.frames.length;
    socket.sendBytes(Buffer.from('{"t":"ping"}'), true);
    await until(() => socket.frames.slice(from).find((f) => f.t === 'error'));
  });

  test('a second hello is an error, and the socket stays open', async () => {
    expect(await answerTo({ t: 'hello', token: alice.token })).toMatchObject({
      t: 'error',
      code: 'invalid',
    });
  });

  test.each([
    ['NUL', { text: 'a\0b' }, 'invalid'],
    [
      'half a character',
      '{"t":"send","to":"bob","clientId":"CLIENT","text":"a\\ud800"}',
      'invalid',
    ],
    ['nothing visible', { text: '\u200b ' }, 'empty'],
    ['too much', { text: 'x'.repeat(10_001) }, 'too_long'],
    ['neither a person nor a conversation', { to: undefined, text: 'x' }, 'invalid'],
    ['a person and a conversation', { conversationId: '1', text: 'x' }, 'invalid'],
    ['an unknown person', { to: 'nobody.here', text: 'x' }, 'not_found'],
    ['a username that is none', { to: "' or 1=1", text: 'x' }, 'not_found'],
    ['an unknown conversation', { to: undefined, conversationId: '1', text: 'x' }, 'not_found'],
    [
      'an id beyond 63 bits',
      { to: undefined, conversationId: '9223372036854775808', text: 'x' },
      'not_found',
    ],
  ])('a send with %s is refused under its client id', async (_, rest, code) => {
    const own = randomUUID();
    const frame =
      typeof rest === 'string'
        ? rest.replace('CLIENT', own)
        : { t: 'send', to: 'bob', clientId: own, ...rest };
    expect(await answerTo(frame)).toMatchObject({ t: 'refused', clientId: own, code });
  });

  test.each([
    { t: 'read', conversationId: '1', seq: 1 },
    { t: 'read', conversationId: '9223372036854775808', seq: 1e20 },
    { t: 'typing', conversationId: '1' },
  ])('%j is answered as not found', async (frame) => {
    expect(await answerTo(frame)).toMatchObject({ t: 'error', code: 'not_found' });
  });

  test('a seq beyond every number is no error of ours', async () => {
    const from = socket.frames.length;
    socket.send({ t: 'read', conversationId: id, seq: 1e300 });
    await pong();
    expect(socket.frames.slice(from).filter((f) => f.t === 'error')).toEqual([]);
  });
});

describe('the socket is closed, with the code that says what to do,', () => {
  const closed = async (act: (s: SpySocket) => void, url = app.url): Promise<number> => {
    const one = rawSocket(url);
    act(one);
    return (await until(() => one.closed)).code;
  };

  test.each(malformed.map((frame) => [shown(frame), frame]))(
    'when the first frame is %s',
    async (_, frame) => {
      expect(await closed((s) => s.send(frame as object))).toBe(closeCodes.badFrame.code);
    },
  );

  test('when something comes before the hello', async () => {
    for (const frame of [{ t: 'ping' }, { t: 'send', to: 'bob', clientId, text: 'x' }]) {
      expect(await closed((s) => s.send(frame))).toBe(closeCodes.badFrame.code);
    }
    expect(await closed((s) => s.sendBytes(Buffer.from('{"t":"hello"}'), true))).toBe(
      closeCodes.badFrame.code,
    );
  });

  test('when the hello names no session, or none that lives', async () => {
    for (const token of [undefined, '', 'x', 'x'.repeat(200), 'a b', '\u{1f600}', 'a\0b']) {
      expect(await closed((s) => s.send({ t: 'hello', token }))).toBe(closeCodes.signInAgain.code);
    }
  });

  test('when the hello has a position that is none', async () => {
    for (const pos of [-1, 1.5, '1', null]) {
      expect(await closed((s) => s.send({ t: 'hello', token: alice.token, pos }))).toBe(
        closeCodes.badFrame.code,
      );
    }
  });

  test('when frames follow a refused hello, and none of them is carried out', async () => {
    const code = await closed((s) => {
      s.send({ t: 'hello', token: 'unknown' });
      s.send({ t: 'send', to: 'bob', clientId, text: 'too early' });
    });
    expect(code).toBe(closeCodes.signInAgain.code);
  });

  test('when a frame is larger than a body may be', async () => {
    const one = await openSocket(app.url, alice.token);
    one.send('x'.repeat(300_000));
    expect((await until(() => one.closed)).code).toBe(closeCodes.tooBig.code);
  });

  test('when a text frame is not UTF-8, as RFC 6455 wants it', async () => {
    const one = await openSocket(app.url, alice.token);
    one.sendBytes(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]));
    expect((await until(() => one.closed)).code).toBe(1007);
  });

  test.each([{ t: 'ping' }, { t: 'typing', conversationId: '1' }, 'garbage'])(
    'when %j comes in a flood',
    async (frame) => {
      const one = await openSocket(app.url, alice.token);
      for (let i = 0; i < 2_000; i += 1) one.send(frame);
      expect((await until(() => one.closed)).code).toBe(closeCodes.tooMany.code);
    },
  );
});

test('nothing of all this was stored, and the server goes on', async () => {
  expect(await snapshot(app.urls)).toEqual(before);
  const one = await openSocket(app.url, alice.token);
  expect(await one.write({ conversationId: id }, 'still here')).toMatchObject({ t: 'ack', seq: 3 });
  await one.close();
});

/** The one frame that answers; a ping behind it proves that the socket lives. */
async function answerTo(frame: unknown): Promise<unknown> {
  const from = socket.frames.length;
  socket.send(frame as object);
  const answersSoFar = (): unknown[] =>
    socket.frames.slice(from).filter((f) => f.t !== 'pong' && f.t !== 'tick');
  // A send is answered after its batch; the ping behind it may be answered first.
  await until(() => answersSoFar().length > 0);
  await pong();
  expect(answersSoFar()).toHaveLength(1);
  const [answer] = answersSoFar();
  expect((answer as { detail: string }).detail).toMatch(/^\S.+\.$/);
  return answer;
}

async function pong(): Promise<void> {
  const seen = socket.frames.filter((f) => f.t === 'pong').length;
  socket.send({ t: 'ping' });
  await until(() => socket.frames.filter((f) => f.t === 'pong').length > seen);
}

function shown(frame: unknown): string {
  return JSON.stringify(frame).slice(0, 60);
}
