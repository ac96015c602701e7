import { mkdtemp, readdir, readFile, rm, stat, writeFile, mkdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { freshDatabase } from '../../test/_support/database.ts';
import { silentLog } from '../base/log.ts';
import { startJobs, type Jobs, type Tasks } from './jobs.ts';
import { mailTask, sendMailTask } from './mail.ts';

const mail = { to: 'alice@mail.example', subject: 'Hello', text: 'Some\ntext – with a dash.\n' };

async function withJobs(
  tasks: Tasks,
): Promise<{ jobs: Jobs; ask: (sql: string) => Promise<Record<string, unknown>[]> }> {
  const { urls, drop } = await freshDatabase();
  const jobs = await startJobs({ url: urls.jobs, tasks, log: silentLog() });
  const client = new pg.Client({ connectionString: urls.jobs });
  await client.connect();
  onTestFinished(async () => {
    await jobs.stop();
    await client.end();
    await drop();
  });
  return { jobs, ask: async (sql) => (await client.query<Record<string, unknown>>(sql)).rows };
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'aside-mail-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

test('a job is done once it is added, and tried again after a failure', async () => {
  const seen: unknown[] = [];
  const { jobs, ask } = await withJobs({
    greet: {
      async run(payload) {
        seen.push(payload);
        if (seen.length === 1) throw new Error('not today');
      },
    },
  });
  await jobs.add('greet', { name: 'alice' });
  await expect
    .poll(() => seen, { timeout: 15_000 })
    .toEqual([{ name: 'alice' }, { name: 'alice' }]);
  await expect.poll(() => ask('select * from graphile_worker.jobs')).toEqual([]);
});

test('a task with a timetable is on the timetable', async () => {
  const { ask } = await withJobs({
    tidy: { run: async () => {}, every: '0 4 * * *' },
    other: { run: async () => {} },
  });
  const known = (): Promise<Record<string, unknown>[]> =>
    ask('select identifier from graphile_worker._private_known_crontabs');
  await expect.poll(known).toEqual([{ identifier: 'tidy' }]);
});

test('the job runner holds at most four connections and gives all of them back', async () => {
  const { urls, drop } = await freshDatabase();
  const jobs = await startJobs({
    url: urls.jobs,
    tasks: { noop: { run: async () => {} } },
    log: silentLog(),
  });
  const client = new pg.Client({ connectionString: urls.jobs });
  await client.connect();
  onTestFinished(async () => {
    await client.end();
    await drop();
  });
  const others = async (): Promise<number> =>
    (
      await client.query(
        'select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      )
    ).rowCount ?? 0;
  await Promise.all(Array.from({ length: 50 }, () => jobs.add('noop', {})));
  expect(await others()).toBeLessThanOrEqual(4);
  await jobs.stop();
  await expect.poll(others).toBe(0);
});

test('jobs go on after the database cut every connection', async () => {
  const seen: unknown[] = [];
  const { jobs, ask } = await withJobs({
    note: { run: async (payload) => void seen.push(payload) },
  });
  await jobs.add('note', { n: 1 });
  await expect.poll(() => seen).toHaveLength(1);
  await ask(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );
  await expect
    .poll(
      () =>
        jobs.add('note', { n: 2 }).then(
          () => true,
          () => false,
        ),
      { timeout: 10_000 },
    )
    .toBe(true);
  await expect.poll(() => seen.length, { timeout: 15_000 }).toBeGreaterThan(1);
});

test('without an SMTP server a mail becomes a file for the owner’s eyes only', async () => {
  const dataDir = await folder();
  const { jobs } = await withJobs({
    [mailTask]: sendMailTask({ smtpUrl: null, mailFrom: 'Aside <a@b>', dataDir }),
  });
  await jobs.add(mailTask, mail);
  await expect.poll(() => readdir(join(dataDir, 'mail')).catch(() => [])).toHaveLength(1);
  const path = join(dataDir, 'mail', (await readdir(join(dataDir, 'mail')))[0]!);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const [head, body] = (await readFile(path, 'utf8')).split(/\n\n([^]*)/);
  expect(head).toMatch(/^From: Aside <a@b>\nTo: alice@mail\.example\nSubject: Hello\nDate: /);
  expect(body).toBe(mail.text);
});

test('a line break in a subject starts no header of its own', async () => {
  const dataDir = await folder();
  const task = sendMailTask({ smtpUrl: null, mailFrom: 'a@b', dataDir });
  await task.run({ ...mail, subject: 'Hi\r\nBcc: mallory@mail.example' });
  const [name] = await readdir(join(dataDir, 'mail'));
  expect(await readFile(join(dataDir, 'mail', name!), 'utf8')).not.toMatch(/^Bcc:/m);
});

test('of mails in files the newest thousand stay', async () => {
  const dataDir = await folder();
  await mkdir(join(dataDir, 'mail'));
  const names = Array.from({ length: 1_003 }, (_, n) => `${String(n).padStart(15, '0')}-old.eml`);
  await Promise.all(names.map((name) => writeFile(join(dataDir, 'mail', name), '')));
  await sendMailTask({ smtpUrl: null, mailFrom: 'a@b', dataDir }).run(mail);
  const left = (await readdir(join(dataDir, 'mail'))).sort();
  expect([left.length, left[0]]).toEqual([1_000, names[4]]);
});

test('with an SMTP server the mail goes there', async () => {
  const server = await smtpServer((line) => (line.startsWith('RCPT') ? '250 ok' : null));
  const task = sendMailTask({
    smtpUrl: server.url,
    mailFrom: 'Aside <a@b.example>',
    dataDir: '/nonexistent',
  });
  await task.run(mail);
  expect(server.heard.join('\n')).toContain('RCPT TO:<alice@mail.example>');
  expect(server.heard.join('\n')).toContain('Subject: Hello');
});

test('an SMTP failure is told without the address', async () => {
  const server = await smtpServer((line) =>
    line.startsWith('RCPT') ? '550 no such user alice@mail.example' : null,
  );
  const task = sendMailTask({
    smtpUrl: server.url,
    mailFrom: 'a@b.example',
    dataDir: '/nonexistent',
  });
  const failure = await task.run(mail).then(
    () => '',
    (error: Error) => `${error.message} ${error.stack}`,
  );
  expect(failure).toContain('550');
  expect(failure).not.toContain('alice');
});

/** Speaks just enough SMTP; `reply` may answer a line in its own way. */
async function smtpServer(
  reply: (line: string) => string | null,
): Promise<{ url: string; heard: string[] }> {
  const heard: string[] = [];
  const server: Server = createServer((socket) => {
    let inData = false;
    socket.write('220 test\r\n');
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().split('\r\n').filter(Boolean)) {
        heard.push(line);
        if (inData && line !== '.') continue;
        const answer = line === 'DATA' ? '354 go on' : line === 'QUIT' ? '221 bye' : '250 ok';
        inData = line === 'DATA';
        socket.write(`${reply(line) ?? answer}\r\n`);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  const { port } = server.address() as { port: number };
  return { url: `smtp://127.0.0.1:${port}`, heard };
}
