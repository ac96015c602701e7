import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { closeCodes } from '@aside/protocol';
import { until } from './_support/people.ts';
import { rawHead } from './_support/raw-http.ts';
import { laySiege, type Line, type Siege } from './_support/siege.ts';
import { openSocket } from './_support/spy-socket.ts';

// Somebody who wants the socket to fall: they are refused or closed with a code, no more memory is held afterwards, and
// others are served meanwhile. What is merely wrong is in hostile-socket.test.ts.

let siege: Siege;

beforeAll(async () => {
  siege = await laySiege();
});
afterEach(() => siege.expectOthersServed());
afterAll(() => siege.stop());

const many = 100_000;

test('who sends twenty thousand messages at once hears of each, and others write on', async () => {
  const { url, mallory, conversationId } = siege;
  const socket = await openSocket(url, mallory.token);
  const count = 20_000;
  for (let i = 0; i < count; i += 1) {
    socket.send({ t: 'send', clientId: randomUUID(), conversationId, text: 'Buy!' });
  }
  await siege.expectOthersServed();
  const answers = (): typeof socket.frames =>
    socket.frames.filter(({ t }) => t === 'ack' || t === 'refused');
  await until(() => socket.closed ?? answers().length === count, 60_000);
  expect(socket.closed).toBeNull();
  const refused = answers().filter((frame) => frame.t === 'refused');
  expect(refused.length).toBeGreaterThan(count / 2);
  for (const frame of refused) {
    expect(frame).toMatchObject({ code: 'rate_limited', retryAfterSeconds: expect.any(Number) });
  }
  await socket.close();
  await siege.expectUnharmed();
}, 90_000);

describe('the socket is closed, with the code that says what to do,', () => {
  afterAll(() => siege.expectUnharmed());

  const floods: [string, () => Buffer, number][] = [
    ['a hundred thousand pings', () => frames(many, 0x89), closeCodes.tooMany.code],
    ['a hundred thousand empty frames', () => frames(many, 0x81), closeCodes.tooMany.code],
    ['a hundred thousand frames of a byte', () => frames(many, 0x81, '{'), closeCodes.tooMany.code],
    ['a hundred thousand binary frames', () => frames(many, 0x82, 'x'), closeCodes.tooMany.code],
    [
      'one frame in a hundred thousand pieces',
      () => Buffer.concat([frames(1, 0x01, '"'), frames(many, 0x00, 'x')]),
      closeCodes.tooManyPieces.code,
    ],
    [
      'one frame in a hundred thousand empty pieces',
      () => Buffer.concat([frames(1, 0x01, '"'), frames(many, 0x00)]),
      closeCodes.tooManyPieces.code,
    ],
    ['a frame of 2^62 bytes', () => header(0x81, 2n ** 62n), closeCodes.tooBig.code],
    ['a frame of 2^53 bytes', () => header(0x81, 2n ** 53n), closeCodes.tooBig.code],
    ['a frame of 2^32 bytes', () => header(0x82, 2n ** 32n), closeCodes.tooBig.code],
    ['a ping of 2^32 bytes', () => header(0x89, 2n ** 32n), closeCodes.malformed.code],
    ['a compressed frame', () => frames(1, 0xc1, 'x'), closeCodes.malformed.code],
    ['a frame of no known kind', () => frames(1, 0x83, 'x'), closeCodes.malformed.code],
    ['a frame without a mask', () => Buffer.from([0x81, 0x01, 0x78]), closeCodes.malformed.code],
    ['a piece of nothing', () => frames(1, 0x80, 'x'), closeCodes.malformed.code],
  ];

  test.each(floods)('after %s', async (_, bytes, code) => {
    const line = await greeted();
    line.socket.write(bytes());
    await siege.expectOthersServed();
    await until(() => closeCodeOf(line) ?? line.isClosed, 20_000);
    expect(closeCodeOf(line)).toBe(code);
    await until(() => line.isClosed, 20_000);
  });
});

test('compression is not agreed to, whatever is offered', async () => {
  const line = await handshake({
    'sec-websocket-extensions':
      'permessage-deflate; client_max_window_bits=15; server_no_context_takeover',
  });
  expect(line.text).toMatch(/^HTTP\/1\.1 101 /);
  expect(line.text.toLowerCase()).not.toContain('extensions');
  line.socket.destroy();
});

test('frames that never end hold what one frame may hold, and without a hello not for long', async () => {
  const lines = await Promise.all(
    Array.from({ length: 100 }, (_, i) => (i < 15 ? greeted() : handshake())),
  );
  for (const { socket } of lines) {
    socket.write(header(0x81, 262_000n));
    socket.write(randomBytes(200_000));
  }
  await siege.expectUnharmed();
  const silent = lines.slice(15);
  await until(() => silent.every((line) => line.isClosed), 30_000);
  for (const line of silent) expect(closeCodeOf(line)).toBe(closeCodes.helloTimeout.code);
  for (const { socket } of lines) socket.destroy();
  await siege.expectUnharmed();
}, 60_000);

test('answers that nobody reads do not pile up', async () => {
  const line = await greeted();
  line.socket.pause();
  const { conversationId } = siege;
  const asked = Buffer.concat(
    Array.from({ length: 500 }, () =>
      frames(
        1,
        0x81,
        JSON.stringify({ t: 'send', clientId: randomUUID(), conversationId, text: 'x' }),
      ),
    ),
  );
  const writing = setInterval(() => {
    if (line.socket.writableLength < 4_000_000) line.socket.write(asked);
  }, 10);
  line.socket.once('close', () => clearInterval(writing));
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  await siege.expectUnharmed();
  clearInterval(writing);
  line.socket.destroy();
}, 60_000);

test('a socket that says hello at once gets in past thousands that say nothing', async () => {
  const silent = await inBatches(2_100, () => handshake());
  await until(() => silent.some((line) => closeCodeOf(line) !== null));
  expect(silent.map(closeCodeOf).find((code) => code !== null)).toBe(closeCodes.helloTimeout.code);
  // The one that waited longest went first.
  expect(silent.slice(0, 100).some((line) => closeCodeOf(line) !== null)).toBe(true);
  await (await openSocket(siege.url, siege.mallory.token)).close();
  for (const { socket } of silent) socket.destroy();
  await siege.expectUnharmed();
}, 90_000);

async function inBatches(count: number, open: () => Promise<Line>): Promise<Line[]> {
  const lines: Line[] = [];
  while (lines.length < count) {
    const batch = Math.min(100, count - lines.length);
    lines.push(...(await Promise.all(Array.from({ length: batch }, open))));
  }
  return lines;
}

async function handshake(more: Record<string, string> = {}): Promise<Line> {
  const line = await siege.line();
  const head = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    ...more,
  };
  line.socket.write(rawHead('GET', '/api/socket', null, head));
  await until(() => line.text.includes('\r\n\r\n'));
  return line;
}

/** A socket of Mallory's that has said hello and, unless told otherwise, heard the answer. */
async function greeted(isAwaited = true): Promise<Line> {
  const line = await handshake();
  line.socket.write(frames(1, 0x81, JSON.stringify({ t: 'hello', token: siege.mallory.token })));
  if (isAwaited) await until(() => line.text.includes('welcome'));
  return line;
}

/** So many small frames; the first byte says what each is. The mask is all zero, so the text is as it stands. */
function frames(count: number, first: number, text = ''): Buffer {
  const payload = Buffer.from(text);
  const length = payload.length;
  const head =
    length < 126 ? [first, 0x80 | length] : [first, 0x80 | 126, length >> 8, length & 0xff];
  const one = Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), payload]);
  return Buffer.concat(Array<Buffer>(count).fill(one));
}

/** The head of a frame that says it is so long. */
function header(first: number, length: bigint): Buffer {
  const head = Buffer.alloc(14);
  head[0] = first;
  head[1] = 0x80 | 127;
  head.writeBigUInt64BE(length, 2);
  return head;
}

/** The code of the close frame, or null when none came; frames before it are skipped by their length. */
function closeCodeOf({ text }: Line): number | null {
  const bytes = Buffer.from(text.slice(text.indexOf('\r\n\r\n') + 4), 'latin1');
  let at = 0;
  while (at + 4 <= bytes.length) {
    const short = bytes[at + 1]!;
    if (bytes[at] === 0x88) return bytes.readUInt16BE(at + 2);
    if (short < 126) at += 2 + short;
    else if (short === 126) at += 4 + bytes.readUInt16BE(at + 2);
    else at += 10 + Number(bytes.readBigUInt64BE(at + 2));
  }
  return null;
}
