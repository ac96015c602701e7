import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Standing } from './besieged-process.ts';
import { freshDatabase } from './database.ts';
import { befriend, bringPeople, until, type TestPerson } from './people.ts';
import { openSocket, type SpySocket } from './spy-socket.ts';
import { operatorKey } from './start-app.ts';

// A server with nearly the limits it has by default, somebody who attacks it, and two who only want to talk meanwhile.

export interface Siege {
  url: string;
  mallory: TestPerson;
  /** What Mallory and Carol write in. */
  conversationId: string;
  /** A message goes through between two people who have nothing to do with it. */
  expectOthersServed(): Promise<void>;
  /** Nothing was an error of ours, and no more is held than twice what was held before the first attack. */
  expectUnharmed(): Promise<void>;
  /** A connection of the attacker that keeps what it was sent; closed with the siege. */
  line(options?: { allowHalfOpen?: boolean }): Promise<Line>;
  stop(): Promise<void>;
}

export interface Line {
  socket: Socket;
  /** What came, as text. */
  readonly text: string;
  readonly isClosed: boolean;
}

/** Twice what was there, and room for code that is compiled and buffers that are kept for the next request. */
const memoryMax = (bytes: number): number => 2 * bytes + 64 * 1024 * 1024;

export async function laySiege(env: Record<string, string> = {}): Promise<Siege> {
  const server = await startServer(env);
  const { url, ask } = server;
  const { alice, bob, mallory, carol } = await bringPeople(
    url,
    ['alice', 'bob', 'mallory', 'carol'],
    { alice: ['bob'], bob: ['alice'], mallory: ['carol'], carol: ['mallory'] },
  );
  const othersId = await befriend(alice, bob);
  const conversationId = await befriend(mallory, carol);
  const sockets = [await openSocket(url, alice.token), await openSocket(url, bob.token)] as const;
  const lines: Socket[] = [];
  const others = (): Promise<void> => talk(sockets, othersId);
  await others();
  const before = await ask();
  return {
    url,
    mallory,
    conversationId,
    expectOthersServed: others,
    async expectUnharmed() {
      await others();
      const now = await ask();
      expect(now.failures).toEqual([]);
      expect(now.rssBytes).toBeLessThan(memoryMax(before.rssBytes));
      expect(now.usedBytes).toBeLessThan(memoryMax(before.usedBytes));
    },
    async line({ allowHalfOpen = false } = {}) {
      const { hostname, port } = new URL(url);
      const socket = connect({ port: Number(port), host: hostname, allowHalfOpen });
      lines.push(socket);
      const chunks: Buffer[] = [];
      let isClosed = false;
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.on('end', () => (isClosed = true));
      socket.on('close', () => (isClosed = true));
      socket.on('error', () => {});
      await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
      return {
        socket,
        get text() {
          return Buffer.concat(chunks).toString('latin1');
        },
        get isClosed() {
          return isClosed;
        },
      };
    },
    async stop() {
      for (const socket of lines) socket.destroy();
      for (const socket of sockets) await socket.close();
      await server.stop();
    },
  };
}

let said = 0;

async function talk(
  [writer, reader]: readonly [SpySocket, SpySocket],
  conversationId: string,
): Promise<void> {
  const text = `still here ${(said += 1)}`;
  expect(await writer.write({ conversationId }, text)).toMatchObject({ t: 'ack' });
  await until(() => reader.messages(conversationId).some((message) => message.text === text));
}

interface Server {
  url: string;
  ask(): Promise<Standing>;
  stop(): Promise<void>;
}

async function startServer(env: Record<string, string>): Promise<Server> {
  const database = await freshDatabase();
  const { urls } = database;
  const dataDir = await mkdtemp(join(tmpdir(), 'aside-test-'));
  const child = fork(join(import.meta.dirname, 'besieged-process.ts'), [], {
    execArgv: ['--expose-gc'],
    env: {
      ...process.env,
      PORT: '0',
      DATA_DIR: dataDir,
      DATABASE_URL_CONVERSATION: urls.conversation,
      DATABASE_URL_PERSON: urls.person,
      DATABASE_URL_IDENTITY: urls.identity,
      DATABASE_URL_JOBS: urls.jobs,
      DATABASE_POOL: '4',
      ASIDE_OPERATOR_KEY: operatorKey,
      ...env,
    },
  });
  const answer = async <T>(): Promise<T> => ((await once(child, 'message')) as [T])[0];
  const { url } = await answer<{ url: string }>();
  return {
    url,
    ask() {
      const told = answer<Standing>();
      child.send('standing');
      return told;
    },
    async stop() {
      const ended = once(child, 'exit');
      child.send('stop');
      await ended;
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
