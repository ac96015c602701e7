import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { Client } from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { StartupProblem } from '../base/startup-problem.ts';
import { checkServer } from './check-server.ts';

const adminUrl = inject('adminUrl');

test('a server that keeps its promises is accepted, and so is one that does not wait for standbys', async () => {
  await expect(checkServer(adminUrl)).resolves.toBeUndefined();
  for (const value of ['local', 'remote_write']) {
    await expect(
      checkServer(await urlWith(`synchronous_commit = ${value}`)),
    ).resolves.toBeUndefined();
  }
});

test('a server that answers before it has written is refused', async () => {
  const url = await urlWith('synchronous_commit = off');
  expect(await problemOf(url)).toMatch(/the server has synchronous_commit = off, so that messages/);
});

test('a database that cannot hold every script is refused', async () => {
  const name = `aside_ascii_${randomBytes(4).toString('hex')}`;
  await administer(
    `create database ${name} encoding 'SQL_ASCII' locale 'C' locale_provider libc template template0`,
  );
  onTestFinished(() => administer(`drop database ${name}`));
  expect(await problemOf(changed({ pathname: `/${name}` }))).toContain('stores text as SQL_ASCII');
});

test('a server that is not there is called unreachable', async () => {
  const port = await unusedPort();
  expect(await problemOf(`postgres://u:hush@127.0.0.1:${port}/db`)).toBe(
    `DATABASE_URL (u@127.0.0.1:${port}/db): the server cannot be reached (ECONNREFUSED); is it running, and are host and port right.`,
  );
});

test('a wrong password and a missing one are told apart from other trouble', async () => {
  expect(await problemOf(changed({ password: 'hush' }))).toContain(
    'does not accept this password for the user',
  );
  expect(await problemOf(changed({ password: '' }))).toContain(
    'does not accept this password for the user',
  );
});

test('a database that does not exist is named', async () => {
  expect(await problemOf(changed({ pathname: '/nowhere' }))).toContain(
    'the database nowhere does not exist',
  );
});

test.each(['', 'hush', 'mysql://u:hush@h/db', 'postgres://u:hush@h:99999/db'])(
  'a malformed URL is refused without repeating it: %s',
  async (url) => {
    expect(await problemOf(url)).toMatch(/^DATABASE_URL is not the URL of a PostgreSQL database/);
  },
);

test('the sentence names the knob that is wrong', async () => {
  const check = checkServer('nonsense', 'IDENTITY_DATABASE_URL');
  await expect(check).rejects.toThrow(/^IDENTITY_DATABASE_URL is not/);
});

/** What `checkServer` says; never with a password in it. */
async function problemOf(url: string): Promise<string> {
  const problem: unknown = await checkServer(url).catch((error: unknown) => error);
  expect(problem).toBeInstanceOf(StartupProblem);
  const { message } = problem as StartupProblem;
  expect(message).not.toContain('hush');
  expect(message).not.toContain(new URL(adminUrl).password);
  return message;
}

function changed(parts: Partial<Pick<URL, 'password' | 'pathname' | 'username'>>): string {
  return Object.assign(new URL(adminUrl), parts).href;
}

/** A user of the same server for whom a setting differs. */
async function urlWith(setting: string): Promise<string> {
  const name = `aside_user_${randomBytes(4).toString('hex')}`;
  await administer(
    `create role ${name} login password 'hush'`,
    `alter role ${name} set ${setting}`,
  );
  onTestFinished(() => administer(`drop role ${name}`));
  return changed({ username: name, password: 'hush' });
}

async function administer(...statements: string[]): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
