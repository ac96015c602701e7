import { join } from 'node:path';
import type { DatabaseServer } from './databases.ts';
import { startEjabberd } from './ejabberd.ts';
import { openGenerator, type Generator } from './load/generator.ts';
import { bringPairs, start } from './start.ts';

/** A server that is measured, with its load generator connected. */
export interface Contestant {
  name: string;
  /** Processes whose time counts as the server's. */
  serverPid: number;
  generator: Generator;
  stop(): Promise<void>;
}

/** The rate limits are for people; everything else is on. */
const unlimited = { SEND_RATE: '1000000', SEND_BURST: '1000000' };

export async function startAside(
  database: DatabaseServer,
  folder: string,
  pairs: number,
): Promise<Contestant> {
  const DATABASE_URL = await database.create('aside');
  const env = { DATABASE_URL, DATA_DIR: join(folder, 'aside'), ...unlimited };
  return withWebSockets('Aside', 'server/start.js', env, pairs);
}

export async function startPrototype(database: DatabaseServer, pairs: number): Promise<Contestant> {
  const DATABASE_URL = await database.create('prototype');
  return withWebSockets('prototype', 'bench/prototype.ts', { DATABASE_URL }, pairs);
}

async function withWebSockets(
  name: string,
  file: string,
  env: Record<string, string>,
  pairs: number,
): Promise<Contestant> {
  const server = await start(file, env);
  try {
    const people = await bringPairs(server.url, pairs);
    const order = { do: 'open', protocol: 'aside', url: server.url, people } as const;
    const generator = await openGenerator(order);
    const stop = async (): Promise<void> => {
      generator.stop();
      await server.stop();
    };
    return { name, serverPid: server.process.pid!, generator, stop };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Null where it cannot be installed. */
export async function startPeer(
  database: DatabaseServer,
  folder: string,
  pairs: number,
): Promise<Contestant | null> {
  const url = await database.create('ejabberd');
  const server = await startEjabberd(folder, url, 2 * pairs);
  if (server === null) return null;
  try {
    const order = { do: 'open', protocol: 'xmpp', port: server.port, pairs } as const;
    const generator = await openGenerator(order);
    const stop = async (): Promise<void> => {
      generator.stop();
      await server.stop();
    };
    return { name: `ejabberd ${server.version}`, serverPid: server.pid, generator, stop };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
