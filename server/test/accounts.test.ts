import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { closeCodes } from '@aside/protocol';
import { expect, test } from 'vitest';
import { call, until } from './_support/people.ts';
import { openSocket } from './_support/spy-socket.ts';
import { appForTest } from './_support/start-app.ts';

// Accounts in the whole server: what a person sees when everything is wired together, families in four databases.

const password = 'correct horse';

interface SignedIn {
  token: string;
  user: { id: string };
}

async function signUp(url: string, username: string): Promise<SignedIn> {
  const body = { username, name: username, email: `${username}@mail.example`, password };
  const answer = await call<SignedIn>(url, null, 'POST', '/api/auth/sign-up/email', body);
  expect(answer.status).toBe(200);
  return answer.body;
}

async function signIn(url: string, username: string): Promise<SignedIn> {
  const body = { username, password };
  return (await call<SignedIn>(url, null, 'POST', '/api/auth/sign-in/username', body)).body;
}

test('who signs up has a profile, is found by others and keeps both under a new name', async () => {
  const { url } = await appForTest({ split: true });
  const [alice, bob] = [await signUp(url, 'alice'), await signUp(url, 'bob')];
  const me = await call(url, alice.token, 'GET', '/api/me');
  expect(me.body).toMatchObject({
    id: alice.user.id,
    username: 'alice',
    email: 'alice@mail.example',
  });
  const change = await call(url, alice.token, 'PATCH', '/api/me', { name: 'Ålice Ångström' });
  expect(change.status).toBe(200);
  const found = await call(url, bob.token, 'GET', '/api/people?q=angst');
  expect(JSON.stringify(found.body)).toContain(alice.user.id);
});

test('ending a session elsewhere closes its socket at once, and no other', async () => {
  const { url } = await appForTest({ split: true });
  const alice = await signUp(url, 'alice');
  const phone = await signIn(url, 'alice');
  const [here, there] = [await openSocket(url, alice.token), await openSocket(url, phone.token)];
  expect((await call(url, alice.token, 'DELETE', '/api/sessions')).status).toBe(204);
  expect(await until(() => there.closed?.code)).toBe(closeCodes.signInAgain.code);
  expect(here.closed).toBeNull();
  here.send({ t: 'ping' });
  await here.frame('pong');
  await here.close();
  expect((await call(url, phone.token, 'GET', '/api/me')).status).toBe(401);
});

test('a reset mail lies in the data folder and its link is on our own page', async () => {
  const { url, dataDir } = await appForTest({ split: true });
  await signUp(url, 'alice');
  const asked = { email: 'alice@mail.example', redirectTo: '/elsewhere' };
  expect((await call(url, null, 'POST', '/api/auth/request-password-reset', asked)).status).toBe(
    200,
  );
  const folder = join(dataDir, 'mail');
  const name = await until(async () => (await readdir(folder).catch(() => []))[0]);
  const mail = await readFile(join(folder, name), 'utf8');
  expect(mail).toContain(`${url}/reset?token=`);
  const token = /token=(\w+)/.exec(mail)?.[1];
  const reset = { token, newPassword: 'another horse' };
  expect((await call(url, null, 'POST', '/api/auth/reset-password', reset)).status).toBe(200);
});

test('a deleted account is signed out everywhere and its name stays empty', async () => {
  const { url } = await appForTest({ split: true });
  const [alice, bob] = [await signUp(url, 'alice'), await signUp(url, 'bob')];
  const socket = await openSocket(url, alice.token);
  expect((await call(url, bob.token, 'GET', '/api/people/alice')).status).toBe(200);
  expect((await call(url, alice.token, 'DELETE', '/api/me')).status).toBe(204);
  expect(await until(() => socket.closed?.code)).toBe(closeCodes.signInAgain.code);
  expect((await call(url, alice.token, 'GET', '/api/me')).status).toBe(401);
  expect((await call(url, bob.token, 'GET', '/api/people/alice')).status).toBe(404);
  const body = { username: 'alice', name: 'Not Alice', email: 'new@mail.example', password };
  const again = await call(url, null, 'POST', '/api/auth/sign-up/email', body);
  expect([again.status, again.body['code']]).toEqual([400, 'USERNAME_IS_ALREADY_TAKEN']);
});
