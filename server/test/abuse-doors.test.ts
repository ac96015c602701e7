import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { closeCodes, type Problem } from '@aside/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { aliceBobMallory, until } from './_support/people.ts';
import { rawHead, rawRequest } from './_support/raw-http.ts';
import { openSocket, rawSocket } from './_support/spy-socket.ts';
import { appForTest } from './_support/start-app.ts';

// How many may stand at the door: connections altogether, of one address, and hellos of one person.

test('one address holds so many connections; others get in, and it again when one has gone', async () => {
  const { url } = await appForTest({ env: { CONNECTIONS_PER_ADDRESS: '3' } });
  const held = await Promise.all([0, 1, 2].map(() => knock(url, '127.0.0.2')));
  expect(held.map(isOpen)).toEqual([true, true, true]);
  const fourth = await knock(url, '127.0.0.2');
  await until(() => fourth.destroyed);
  expect(isOpen(await knock(url, '127.0.0.3'))).toBe(true);
  // Programs on this machine, such as a proxy, speak for everybody.
  for (let i = 0; i < 10; i += 1) expect((await fetch(`${url}/healthz`)).status).toBe(200);
  held[0]!.destroy();
  await until(async () => isOpen(await knock(url, '127.0.0.2')));
});

test('behind a proxy sockets count by the address that it saw, whatever the client claims', async () => {
  const { url } = await appForTest({ env: { CONNECTIONS_PER_ADDRESS: '2', TRUST_PROXY: '1' } });
  const from = (chain: string): Record<string, string> => ({ 'x-forwarded-for': chain });
  const held = ['192.0.2.1', 'made.up, 192.0.2.1'].map((chain) => rawSocket(url, from(chain)));
  await until(() => held.every((socket) => socket.isOpen));
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    ...from('192.0.2.77, 192.0.2.1'),
  };
  const answer = await rawRequest(url, [rawHead('GET', '/api/socket', null, upgrade)]);
  expect(answer.status).toBe(429);
  expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
  expect((JSON.parse(answer.body) as Problem).code).toBe('rate_limited');
  const other = rawSocket(url, from('192.0.2.2'));
  await until(() => other.isOpen);
  await held[0]!.close();
  await until(async () => {
    const again = rawSocket(url, from('192.0.2.1'));
    await until(() => again.isOpen || again.closed);
    await again.close();
    return again.isOpen;
  });
  await Promise.all([held[1]!.close(), other.close()]);
});

test('connections beyond all that there may be are closed, and let in when some have gone', async () => {
  const { url } = await appForTest({ env: { CONNECTIONS_MAX: '100' } });
  const held = await Promise.all(Array.from({ length: 120 }, () => knock(url, '127.0.0.1')));
  await until(() => held.filter(isOpen).length === 100);
  for (const socket of held) socket.destroy();
  await until(async () => {
    const again = await knock(url, '127.0.0.1');
    await new Promise((resolve) => setTimeout(resolve, 50));
    return isOpen(again);
  });
});

test('who comes and goes without end is sent away for a while and let in again; others do not notice', async () => {
  const { url } = await appForTest({ env: { SOCKETS_PER_PERSON: '1' } });
  const { alice, bob } = await aliceBobMallory(url);
  const comeAndGo = async (): Promise<number | null> => {
    const socket = rawSocket(url);
    socket.send({ t: 'hello', token: alice.token });
    await until(() => socket.closed ?? socket.frames.some((frame) => frame.t === 'welcome'));
    const code = socket.closed?.code ?? null;
    await socket.close();
    return code;
  };
  const codes: (number | null)[] = [];
  await until(async () => {
    codes.push(...(await Promise.all(Array.from({ length: 10 }, comeAndGo))));
    return codes.includes(closeCodes.tooMany.code);
  });
  expect(codes.filter((code) => code !== closeCodes.tooMany.code).length).toBeGreaterThanOrEqual(5);
  await (await openSocket(url, bob.token)).close();
  await until(async () => (await comeAndGo()) === null);
});

const isOpen = (socket: Socket): boolean => !socket.destroyed;

/** A connection from this address, which says nothing. */
async function knock(url: string, localAddress: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), localAddress });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  socket.resume();
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  // A connection that is turned away is first opened by the system, then closed.
  await new Promise((resolve) => setTimeout(resolve, 20));
  return socket;
}
