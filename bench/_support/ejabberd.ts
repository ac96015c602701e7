import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureDebian } from '../../tools/debian.ts';
import { freePort } from '../../server/src/storage/embedded/postmaster.ts';
import { administer } from './databases.ts';
import { treeOf } from './cpu.ts';

// ejabberd from Debian as a peer: an XMPP server in wide use that, with its archive (XEP-0313) always on, keeps every
// message in PostgreSQL as Aside does.

export interface Ejabberd {
  version: string;
  port: number;
  pid: number;
  stop(): Promise<void>;
}

const startMaxMs = 60_000;

/** Starts it on this database, which must be empty, with users u1, u2, … Null where it cannot be installed. */
export async function startEjabberd(
  folder: string,
  url: string,
  users: number,
): Promise<Ejabberd | null> {
  if (process.getuid?.() !== 0) return null;
  if (!(await ensureDebian(['ejabberd', 'erlang-p1-pgsql']))) return null;
  await fillDatabase(url, users);
  const port = await freePort();
  const user = idsOf('ejabberd');
  const home = join(folder, 'ejabberd');
  for (const name of ['', 'spool', 'logs', 'etc']) makeFolder(join(home, name), user);
  writeFileSync(join(home, 'etc', 'ejabberd.yml'), settings(port, new URL(url)));
  writeFileSync(join(home, 'etc', 'ejabberdctl.cfg'), '');
  copyFileSync('/etc/ejabberd/inetrc', join(home, 'etc', 'inetrc'));
  for (const name of ['ejabberd.yml', 'ejabberdctl.cfg', 'inetrc'])
    chownSync(join(home, 'etc', name), user.uid, user.gid);
  const places = ['-s', join(home, 'spool'), '-l', join(home, 'logs'), '-d', join(home, 'etc')];
  const child = spawn('ejabberdctl', ['-n', 'bench@localhost', ...places, 'foreground-quiet'], {
    uid: user.uid,
    gid: user.gid,
    cwd: home,
    // With a port for its own distribution it leaves no port mapper behind; its cookie stays in the folder.
    env: { PATH: process.env['PATH'], HOME: home, ERL_DIST_PORT: String(await freePort()) },
    detached: true,
    stdio: 'ignore',
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    // Erlang takes SIGTERM as the wish to stop in order; the script above it ends with it.
    const pid = beamBelow(child.pid!);
    if (pid !== null) process.kill(pid, 'SIGTERM');
    const giveUp = sleep(20_000, 'late', { ref: false });
    if ((await Promise.race([ended, giveUp])) === 'late') process.kill(-child.pid!, 'SIGKILL');
  };
  try {
    await untilItListens(port, ended);
  } catch (error) {
    await stop();
    throw error;
  }
  return { version: versionOf(), port, pid: beamBelow(child.pid!)!, stop };
}

async function fillDatabase(url: string, users: number): Promise<void> {
  await administer(url, readFileSync('/usr/share/ejabberd/sql/pg.sql', 'utf8'));
  await administer(
    url,
    `insert into users (username, password) select 'u' || g, 'p' from generate_series(1, ${users}) g`,
  );
}

function settings(port: number, database: URL): string {
  return `loglevel: error
hosts: [localhost]
default_db: sql
sql_type: pgsql
sql_server: ${database.hostname}
sql_port: ${database.port}
sql_database: ${database.pathname.slice(1)}
sql_username: ${database.username}
sql_password: "${database.password || 'none'}"
sql_pool_size: 16
auth_method: sql
auth_password_format: plain
listen:
  - {port: ${port}, ip: 127.0.0.1, module: ejabberd_c2s, access: c2s, starttls: false, max_stanza_size: 262144}
access_rules:
  c2s: {allow: all}
  local: {allow: all}
modules:
  mod_mam: {db_type: sql, default: always, request_activates_archiving: false, assume_mam_usage: true, compress_xml: false}
  mod_roster: {}
  mod_offline: {}
  mod_carboncopy: {}
  mod_disco: {}
  mod_ping: {}
`;
}

function makeFolder(path: string, { uid, gid }: { uid: number; gid: number }): void {
  mkdirSync(path);
  chmodSync(path, 0o755);
  chownSync(path, uid, gid);
}

function idsOf(name: string): { uid: number; gid: number } {
  const ask = (what: string): number =>
    Number(spawnSync('id', [what, name], { encoding: 'utf8' }).stdout.trim());
  return { uid: ask('-u'), gid: ask('-g') };
}

function beamBelow(pid: number): number | null {
  const isBeam = (one: number): boolean => {
    try {
      return readFileSync(`/proc/${one}/comm`, 'utf8').startsWith('beam');
    } catch {
      return false;
    }
  };
  return treeOf(pid).find(isBeam) ?? null;
}

async function untilItListens(port: number, ended: Promise<void>): Promise<void> {
  let hasEnded = false;
  void ended.then(() => (hasEnded = true));
  const giveUpAt = Date.now() + startMaxMs;
  while (Date.now() < giveUpAt && !hasEnded) {
    if (await accepts(port)) return;
    await sleep(200);
  }
  throw new Error('ejabberd did not start');
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function versionOf(): string {
  const asked = spawnSync('dpkg-query', ['-W', '-f', '${Version}', 'ejabberd'], {
    encoding: 'utf8',
  });
  return asked.stdout;
}
