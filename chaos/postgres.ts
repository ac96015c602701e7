import { appendFileSync, chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { ensureDatabase } from '../server/src/storage/embedded/initialise.ts';
import { choosePlace, openDataFolder, type Place } from '../server/src/storage/embedded/place.ts';
import {
  clearLeftBehind,
  startPostmaster,
  stopPostmaster,
  type Postmaster,
} from '../server/src/storage/embedded/postmaster.ts';
import { postgresProcessesOn } from '../server/src/storage/embedded/processes.ts';
import { findPrograms, type Programs } from '../server/src/storage/embedded/programs.ts';
import { superuser } from '../server/src/storage/embedded/settings.ts';
import type { Draw } from './draw.ts';
import { sleep } from './wait.ts';

// A PostgreSQL that is the harness's own child: whoever kills a postmaster must be its parent and reap it, or it stays
// a zombie whose lock looks alive. The programs and settings are those of the embedded default.

/** What is killed: the postmaster, which leaves orphans; one of its children, after which it restarts them all; everything. */
export type KillKind = 'postmaster' | 'one process' | 'all processes';
export const killKinds: readonly KillKind[] = ['postmaster', 'one process', 'all processes'];

export interface OwnPostgres {
  /** For an ordinary role that owns its database, as a server's tenant has it. */
  url: string;
  /** For the superuser, in the same database. */
  adminUrl: string;
  data: string;
  kill(kind: KillKind, draw: Draw): Promise<void>;
  /** Starts it again after a kill, on the same port; `programs` may replace what is run. */
  restart(programs?: Programs): Promise<void>;
  programs: Programs;
  stop(): Promise<void>;
}

const tenant = 'tenant';
const database = 'community';

export async function startPostgres(folder: string): Promise<OwnPostgres> {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  const home = openDataFolder(folder);
  const place = choosePlace(home);
  const programs = findPrograms(place.home, place.user);
  const password = await ensureDatabase(home, place, programs);
  speedUpFaults(place.data);
  let postmaster = await startPostmaster(place, programs);
  const { port } = postmaster;
  let isOver = false;
  const urlFor = (user: string, name: string): string =>
    `postgres://${user}:${password}@127.0.0.1:${port}/${name}`;
  await runSql(urlFor(superuser, 'postgres'), [
    `create role ${tenant} login password '${password}'`,
    `create database ${database} owner ${tenant}`,
  ]);
  return {
    url: urlFor(tenant, database),
    adminUrl: urlFor(superuser, database),
    data: place.data,
    programs,
    kill: (kind, draw) => killPostgres(place, postmaster, kind, draw),
    async restart(others = programs) {
      if (isOver) throw new Error('PostgreSQL was stopped for good');
      await clearLeftBehind(place);
      postmaster = await startPostmaster(place, others, port);
    },
    async stop() {
      isOver = true;
      await stopPostmaster(postmaster, place);
      await clearLeftBehind(place);
    },
  };
}

/**
 * Deadlocks are found sooner than after the usual second, and every flush takes 10 ms more, as on a slow disk: most kills
 * then come while a commit is under way. The file holds what the command line does not name.
 */
function speedUpFaults(data: string): void {
  const lines = ["deadlock_timeout = '100ms'", 'commit_delay = 10000', 'commit_siblings = 0'];
  appendFileSync(join(data, 'postgresql.conf'), `\n${lines.join('\n')}\n`);
}

async function killPostgres(
  place: Place,
  { child }: Postmaster,
  kind: KillKind,
  draw: Draw,
): Promise<void> {
  const own = postgresProcessesOn(place.data);
  const others = own.filter((pid) => pid !== child.pid);
  switch (kind) {
    case 'one process':
      if (others.length > 0) killNow([draw.pick(others)]);
      return;
    case 'postmaster':
      return killAndReap(child, [child.pid!]);
    case 'all processes':
      // The writers first: none of them shall get to flush what the others left in shared memory.
      return killAndReap(child, [...others, child.pid!]);
  }
}

async function killAndReap(child: Postmaster['child'], pids: number[]): Promise<void> {
  const reaped = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const isGone = child.exitCode !== null || child.signalCode !== null;
  killNow(pids);
  if (!isGone) await reaped;
}

/** `kill -9`; who is gone already needs none. */
export function killNow(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/**
 * Runs statements one after the other on a connection of their own; answers the rows of the last. Waits for a free
 * connection: even those kept for the superuser are taken for a moment by whoever is just being turned away.
 */
export async function runSql<Row = Record<string, unknown>>(
  url: string,
  statements: readonly string[],
): Promise<Row[]> {
  const client = await connectPatiently(url);
  try {
    let rows: Row[] = [];
    for (const statement of statements) rows = (await client.query(statement)).rows as Row[];
    return rows;
  } finally {
    await client.end().catch(() => {});
  }
}

const connectTries = 200;
/** No connection is free; it is still starting. */
const passing = new Set(['53300', '57P03']);

export async function connectPatiently(url: string): Promise<Client> {
  for (let tries = 1; ; tries += 1) {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
    // Its end is told to the query as well; unheard, it would end the process.
    client.on('error', () => {});
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (!passing.has(String((error as { code?: unknown }).code)) || tries === connectTries) {
        throw error;
      }
      await sleep(50);
    }
  }
}
