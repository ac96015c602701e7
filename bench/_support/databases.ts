import { spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../server/src/storage/embedded-postgres.ts';
import { as, ordinaryUser } from '../../server/src/storage/embedded/ordinary-user.ts';
import { freePort } from '../../server/src/storage/embedded/postmaster.ts';
import { ensureDebian } from '../../tools/debian.ts';
import { parentOf } from './cpu.ts';

// The PostgreSQL that all contestants share, each with a database of its own in it.

export interface DatabaseServer {
  /** For people: which it is and how it is set. */
  words: string;
  postmasterPid: number;
  /** Of a superuser. */
  adminUrl: string;
  /** Makes an empty database and returns its URL. */
  create(name: string): Promise<string>;
  stop(): Promise<void>;
}

/** The database of the README, started as Aside starts it, with its settings. */
export async function startEmbedded(folder: string): Promise<DatabaseServer> {
  const { url, stop } = await startEmbeddedPostgres({ dataDir: join(folder, 'embedded') });
  return describe('the embedded PostgreSQL that Aside starts by default', url, stop);
}

/** Debian's PostgreSQL with its default settings, or null where it cannot be installed. */
export async function startDebian(folder: string): Promise<DatabaseServer | null> {
  if (!(await ensureDebian(['postgresql']))) return null;
  const versions = readdirSync('/usr/lib/postgresql').sort((a, b) => Number(a) - Number(b));
  const version = versions.at(-1)!;
  const bin = join('/usr/lib/postgresql', version, 'bin');
  const data = join(folder, 'debian');
  const user = ordinaryUser();
  mkdirSync(data);
  if (user) chownSync(data, user.uid, user.gid);
  const made = spawnSync(join(bin, 'initdb'), ['-D', data, '-A', 'trust', '-U', 'postgres'], {
    ...as(user),
    cwd: '/',
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(made.stderr);
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    shared_buffers: '512MB',
    max_connections: '200',
    synchronous_commit: 'on',
  };
  const given = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), ...given], {
    ...as(user),
    cwd: '/',
    // A group of its own: Ctrl-C must reach the benchmark first.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-4_000);
      if (log.includes('ready to accept connections')) resolve();
    });
    child.once('exit', () => reject(new Error(`PostgreSQL did not start: ${log}`)));
  });
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGINT');
    await ended;
  };
  const words = `Debian's PostgreSQL ${version}, default settings but shared_buffers=512MB, max_connections=200`;
  return describe(words, `postgres://postgres@127.0.0.1:${port}/postgres`, stop);
}

async function describe(
  words: string,
  adminUrl: string,
  stop: () => Promise<void>,
): Promise<DatabaseServer> {
  const rows = await administer<{ pid: number; version: string }>(
    adminUrl,
    `select pg_backend_pid() as pid, current_setting('server_version') as version`,
    (row) => ({ ...row, pid: parentOf(row.pid)! }),
  );
  return {
    words: `${words} (${rows[0]!.version})`,
    postmasterPid: rows[0]!.pid,
    adminUrl,
    async create(name) {
      await administer(adminUrl, `create database ${name}`);
      const url = new URL(adminUrl);
      url.pathname = `/${name}`;
      return url.href;
    },
    stop,
  };
}

/** Runs one text of SQL on a connection of its own. `see` is called while that connection is open. */
export async function administer<Row = unknown>(
  url: string,
  sql: string,
  see: (row: Row) => Row = (row) => row,
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const result = (await client.query(sql)) as unknown as { rows: Row[] } | { rows: Row[] }[];
    const last = Array.isArray(result) ? result.at(-1)! : result;
    return last.rows.map(see);
  } finally {
    await client.end();
  }
}
