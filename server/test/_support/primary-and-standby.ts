import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { as, ordinaryUser } from '../../src/storage/embedded/ordinary-user.ts';
import { freePort } from '../../src/storage/embedded/postmaster.ts';
import { until } from './people.ts';
import { ask } from './sql.ts';
import { fastTemporaryFolder } from './test-server.ts';

// Two PostgreSQL of Debian's, one the synchronous standby of the other, behind one address as a failover manager keeps it.

export interface PrimaryAndStandby {
  /** Of the one address. */
  url: string;
  /**
   * Parts the primary from its standby for a second, in which it still answers, then kills all its processes with -9 and cuts
   * every connection. What it acknowledged in that second without the standby would be lost.
   */
  losePrimary(): Promise<void>;
  /** Makes the standby the primary, behind the same address. */
  promote(): Promise<void>;
  stop(): Promise<void>;
}

/** Null where Debian's PostgreSQL is not installed. */
export async function startPrimaryAndStandby(): Promise<PrimaryAndStandby | null> {
  const bin = newestBin();
  if (bin === null) return null;
  const user = ordinaryUser();
  const folder = mkdtempSync(join(fastTemporaryFolder(), 'aside-standby-'));
  const own = (path: string): string => {
    if (user) chownSync(path, user.uid, user.gid);
    return path;
  };
  own(folder);
  const run = (program: string, args: string[]): void => {
    const done = spawnSync(join(bin, program), args, { ...as(user), cwd: '/', encoding: 'utf8' });
    if (done.status !== 0) throw new Error(done.stderr);
  };
  const start = async (data: string, port: number): Promise<ChildProcess> => {
    const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories='];
    const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
    const child = spawn(join(bin, 'postgres'), args, { ...as(user), cwd: '/', stdio: 'ignore' });
    // Also where a later step fails and nobody gets to stop it.
    onTestFinished(() => void child.kill('SIGQUIT'));
    await until(() => ask(urlAt(port, 'postgres'), 'select 1').catch(() => null), 30_000);
    return child;
  };

  const [one, two] = [join(folder, 'one'), join(folder, 'two')];
  const [portOne, portTwo] = [await freePort(), await freePort()];
  run('initdb', ['-D', one, '-U', 'aside', '-A', 'trust', '-E', 'UTF8']);
  const primary = await start(one, portOne);
  await ask(urlAt(portOne, 'postgres'), 'create database aside');
  const from = ['-h', '127.0.0.1', '-p', String(portOne), '-U', 'aside'];
  run('pg_basebackup', [...from, '-D', two, '-R', '-X', 'stream', '-c', 'fast']);
  const standby = await start(two, portTwo);
  await waitFor(portOne, '*', `select 1 from pg_stat_replication where sync_state = 'sync'`);
  const address = await movableAddress(portOne);
  return {
    url: urlAt(address.port, 'aside'),
    async losePrimary() {
      for (const pid of childrenOf(primary, 'walsender')) process.kill(pid, 'SIGSTOP');
      await sleep(1_000);
      killWithChildren(primary);
      await once(primary, 'exit');
      address.cut();
    },
    async promote() {
      await waitFor(portTwo, '', 'select 1');
      await ask(urlAt(portTwo, 'postgres'), 'select pg_promote()');
      address.moveTo(portTwo);
    },
    async stop() {
      await address.stop();
      for (const child of [primary, standby]) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const ended = once(child, 'exit');
        child.kill('SIGINT');
        await ended;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Names whom a commit waits for, and waits until the server says so. */
async function waitFor(port: number, names: string, sql: string): Promise<void> {
  const url = urlAt(port, 'postgres');
  await ask(url, `alter system set synchronous_standby_names = '${names}'`).catch(() => {});
  await ask(url, 'select pg_reload_conf()');
  await until(async () => (await ask(url, sql)).length > 0, 20_000);
}

function newestBin(): string | null {
  try {
    const folder = '/usr/lib/postgresql';
    const [version] = readdirSync(folder).sort((a, b) => Number(b) - Number(a));
    return version === undefined ? null : join(folder, version, 'bin');
  } catch {
    return null;
  }
}

function urlAt(port: number, database: string): string {
  return `postgres://aside@127.0.0.1:${port}/${database}`;
}

/** Stopped first, so that it cannot tell its children goodbye. */
function killWithChildren(parent: ChildProcess): void {
  parent.kill('SIGSTOP');
  for (const pid of childrenOf(parent)) process.kill(pid, 'SIGKILL');
  parent.kill('SIGKILL');
}

/** Those whose title holds the word. */
function childrenOf(parent: ChildProcess, word = ''): number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=,args=', '--ppid', String(parent.pid)], {
    encoding: 'utf8',
  });
  const lines = stdout.split('\n').filter((line) => line.trim() !== '' && line.includes(word));
  return lines.map((line) => Number.parseInt(line.trim(), 10));
}

/** Passes connections on to wherever it points. */
async function movableAddress(first: number) {
  let target = first;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        open.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    moveTo: (port: number) => void (target = port),
    async stop() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
