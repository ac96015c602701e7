import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConversationPage } from '@aside/protocol';
import { afterAll, afterEach, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { bringPeople, call, until } from '../server/test/_support/people.ts';
import {
  freshDataFolder,
  postmasterPid,
  refusedStart,
  removeDataFolder,
  repository,
  startServer,
  type Said,
  type ServerProcess,
} from './_support/server-process.ts';

// The commands of an operator, on a real process with its own PostgreSQL. The first test begins with an empty
// folder; the others go on with what it left, as days of running would.

const isRoot = process.getuid?.() === 0;
const parent = freshDataFolder();
const dataDir = join(parent, 'data');
const unused = (): string => join(parent, randomUUID());
const node20 = '/usr/bin/node';

const running: ServerProcess[] = [];
const start: typeof startServer = async (how) => {
  const server = await startServer(how);
  running.push(server);
  return server;
};

beforeAll(() => mkdirSync(dataDir));
afterEach(() => Promise.all(running.splice(0).map((server) => server.stop())));
afterAll(async () => {
  await removeDataFolder(dataDir);
  rmSync(parent, { recursive: true, force: true });
});

test('npm start serves; a second server on its port or its folder is refused; SIGTERM ends it with 0', async () => {
  const server = await start({ dataDir, command: ['npm', 'start', '--'] });
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  const port = Number(new URL(server.url).port);
  const samePort = await refusedStart({
    dataDir: unused(),
    port,
    env: database(),
  });
  refusesWith(samePort, `Port ${port} is in use; stop what uses it or set PORT to another one.`);
  const sameFolder = await refusedStart({ dataDir });
  refusesWith(sameFolder, /^Another Aside \(process \d+\) is running on the data folder /);

  const postmaster = postmasterPid(dataDir);
  expect(postmaster).not.toBeNull();
  expect(await server.stop('SIGTERM')).toBe(0);
  await until(() => postmasterPid(dataDir) === null);
  expect(existsSync(join(dataDir, 'aside.lock'))).toBe(false);
});

test.each([
  { name: 'and its database left running', killsDatabase: false },
  { name: 'and its database killed too', killsDatabase: true },
])(
  'after kill -9 of the server $name, the same command starts, with everything it had answered',
  async ({ killsDatabase }) => {
    const label = killsDatabase ? 'killed' : 'left';
    const first = await start({ dataDir });
    const people = await bringPeople(first.url, [`ada_${label}`, `ben_${label}`], {
      [`ben_${label}`]: [`ada_${label}`],
    });
    const [ada, ben] = [people[`ada_${label}`]!, people[`ben_${label}`]!];
    const opened = await ada.write(ben.username, 'number 1');
    const id = opened.body.message.conversationId;
    expect((await ben.writeIn(id, 'number 2')).status).toBe(201);
    const answered = [1, 2];
    const writing = Promise.allSettled(
      Array.from({ length: 40 }, async (_, at) => {
        const answer = await ada.writeIn(id, `number ${at + 3}`);
        if (answer.status === 201) answered.push(at + 3);
      }),
    );
    await until(() => answered.length >= 6);
    await first.kill();
    const postmaster = postmasterPid(dataDir);
    expect(postmaster).not.toBeNull();
    if (killsDatabase) process.kill(postmaster as number, 'SIGKILL');
    await writing;

    const before = performance.now();
    const second = await start({ dataDir });
    console.log(`started again after ${Math.round(performance.now() - before)} ms`);
    const { body } = await call<{ messages: { text: string; seq: number }[] }>(
      second.url,
      ben.token,
      'GET',
      `/api/conversations/${id}/messages?limit=200`,
    );
    const texts = body.messages.map((message) => message.text);
    expect(texts).toEqual(expect.arrayContaining(answered.map((number) => `number ${number}`)));
    expect(new Set(texts).size).toBe(texts.length);
    expect(body.messages.map((message) => message.seq)).toEqual(texts.map((_, at) => at + 1));
  },
);

test('--demo says whom to sign in as, and says it again at the next start', async () => {
  for (const _ of [1, 2]) {
    const server = await start({ dataDir, args: ['--demo'] });
    const line = /^Demo people: .*$/m.exec(server.said.stdout)?.[0] ?? '';
    const [, username, password] = /as "(\w+)" with the password "([\w-]+)"/.exec(line) ?? [];
    const answer = await call<{ token: string }>(
      server.url,
      null,
      'POST',
      '/api/auth/sign-in/username',
      { username, password },
    );
    expect(answer.status).toBe(200);
    const inbox = await call<ConversationPage>(
      server.url,
      answer.body.token,
      'GET',
      '/api/conversations?folder=inbox',
    );
    const { conversations, requests } = inbox.body;
    expect(conversations.length).toBe(7);
    expect(requests).toEqual({ waiting: 3, quiet: 3 });
    expect(conversations.flatMap(({ lastMessage }) => lastMessage?.purpose ?? [])).toEqual(
      expect.arrayContaining(['personal', 'service', 'automated', 'promotional']),
    );
    expect(server.said.stderr).toBe('');
    expect(await server.stop()).toBe(0);
  }
});

const refusals: { name: string; env: () => Record<string, string>; sentence: RegExp }[] = [
  { name: 'a port that is a word', env: () => ({ PORT: 'many' }), sentence: /^PORT must be / },
  {
    name: 'a foreign HOST',
    env: () => ({ HOST: '192.0.2.7', ...database() }),
    sentence: /^HOST 192\.0\.2\.7 is not an address of this machine/,
  },
  {
    name: 'a database that is not there',
    env: () => ({ DATABASE_URL: 'postgres://a:hidden@127.0.0.1:9/x' }),
    sentence: /^DATABASE_URL .* cannot be reached/,
  },
  {
    name: 'a wrong database password',
    env: () => ({ DATABASE_URL: wrongPassword() }),
    sentence: /^DATABASE_URL .* does not accept this password/,
  },
];

test.concurrent.for(refusals)('$name is refused with one sentence', async ({ env, sentence }) => {
  const said = await refusedStart({ dataDir: unused(), env: env() });
  refusesWith(said, sentence);
  expect(said.stderr).not.toContain('hidden');
});

test('a data folder that is a file, or that cannot be made, is refused with one sentence', async () => {
  const file = join(parent, 'a-file');
  writeFileSync(file, 'not a folder');
  refusesWith(await refusedStart({ dataDir: file }), /^The data folder .*a-file cannot be used: /);
  refusesWith(
    await refusedStart({ dataDir: join(file, 'data') }),
    /^The data folder .*a-file\/data cannot be used: it, or a part of its path, is a file/,
  );
});

test.runIf(isRoot)(
  'a data folder that an ordinary user may not enter is refused with one sentence',
  async (context) => {
    const nobody = { uid: 65_534, gid: 65_534 };
    const probe = spawnSync(process.execPath, [join(repository, 'server', 'start.js')], {
      ...nobody,
      cwd: '/',
      env: { PORT: 'many' },
      encoding: 'utf8',
    });
    if (!probe.stderr.startsWith('PORT must'))
      context.skip('another user cannot run this checkout');
    const closed = join(parent, 'closed');
    mkdirSync(closed);
    chmodSync(closed, 0o700);
    const said = spawnSync(process.execPath, [join(repository, 'server', 'start.js')], {
      ...nobody,
      cwd: '/',
      env: { PORT: '0', DATA_DIR: join(closed, 'data'), LOG_LEVEL: 'warn' },
      encoding: 'utf8',
    });
    refusesWith(
      { ...said, code: said.status },
      /^The data folder .* cannot be used: this user may not read and write it/,
    );
  },
);

test.runIf(isRoot)('a disk without room is refused with one sentence', async (context) => {
  const small = join(parent, 'small');
  mkdirSync(small);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m,mode=755', 'none', small]);
  if (mounted.status !== 0) context.skip('mounting is not allowed here');
  onTestFinished(() => void spawnSync('umount', [small]));
  refusesWith(await refusedStart({ dataDir: small }), /^The disk that holds .* is full: /);
});

test.runIf(existsSync(node20))('an older Node is told which one is needed', async (context) => {
  const version = spawnSync(node20, ['--version'], { encoding: 'utf8' }).stdout.trim();
  if (!/^v(?:1\d|20|21)\./.test(version)) context.skip(`${node20} is ${version}`);
  const file = join(repository, 'server', 'start.js');
  const said = await refusedStart({ dataDir: unused(), command: [node20, file] });
  refusesWith(said, `Aside needs Node 22.18 or later and this is ${version.slice(1)}.`);
});

function refusesWith(said: Said & { code: number | null }, sentence: string | RegExp): void {
  if (typeof sentence === 'string') expect(said.stderr).toContain(sentence);
  else expect(said.stderr).toMatch(sentence);
  expect(said.stderr.trim().split('\n')).toHaveLength(1);
  expect(said.stderr).not.toMatch(/\n\s+at |Error:/);
  expect(said.stdout).not.toContain('ready');
  expect(said.code).toBe(1);
}

function database(): Record<string, string> {
  return { DATABASE_URL: inject('adminUrl') };
}

function wrongPassword(): string {
  const url = new URL(inject('adminUrl'));
  url.password = 'hidden';
  return url.href;
}
