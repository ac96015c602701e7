import { randomUUID } from 'node:crypto';
import type { ServerFrame } from '@aside/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { createLog } from '../src/base/log.ts';
import { cuttingProxy } from './_support/cutting-proxy.ts';
import { freshDatabase } from './_support/database.ts';
import { bringPeople, call, until } from './_support/people.ts';
import { openSocket, rawSocket } from './_support/spy-socket.ts';
import { ask } from './_support/sql.ts';
import { appForTest, operatorKey, type TestApp } from './_support/start-app.ts';

// What the logs hold of people after a lively day on which much went wrong: nothing. Written at trace level, together
// with whatever anybody printed past the log.

/** Words that stand for a kind of secret; each is unlike anything that a program would write by itself. */
const secrets = {
  text: 'quetzal-lagoon-at-nine',
  edited: 'quetzal-lagoon-at-ten',
  password: 'zephyr-horse-battery',
  wrongPassword: 'wombat-horse-battery',
  name: 'Ottoline Quux',
  username: 'ottoline.quux',
  friend: 'perpetua_zed',
  email: 'ottoline@secret.example',
  bio: 'collects-obsidian-buttons',
  search: 'perpetu',
  keyName: 'toaster-integration',
};

test('after a lively history at trace level the log holds no text, secret, name or address', async () => {
  const lines: string[] = [];
  const printed = catchPrinting();
  const { app, breakLines } = await fragileApp((line) => lines.push(line));
  const found = await livelyHistory(app, breakLines);
  await app.stop();
  const log = [...lines, ...printed()].join('');

  // The day was as bad as it should be, or the rest says nothing.
  for (const said of ['a request failed', 'a frame failed', 'a batch failed']) {
    expect(log).toContain(said);
  }
  expect(lines.filter((line) => line.includes('"requestId":')).length).toBeGreaterThan(1);
  const all = { ...secrets, ...found, operatorKey, database: new URL(app.urls.person).password };
  for (const [what, secret] of Object.entries(all)) {
    // Not as an assertion about the whole log, which would print it.
    expect([what, log.includes(secret)]).toEqual([what, false]);
  }
  expect(log).not.toMatch(/[\w.+-]+@[\w-]+\.example/);
});

test('the same looking finds what is logged against the rule', async () => {
  const lines: string[] = [];
  const log = createLog('trace', { write: (line: string) => void lines.push(line) });
  log.trace({ said: secrets.text }, 'a careless line');
  expect(lines.join('').includes(secrets.text)).toBe(true);
});

interface FragileApp {
  app: TestApp;
  /** Cuts every connection to the database and lets new ones through. */
  breakLines(): void;
}

async function fragileApp(write: (line: string) => void): Promise<FragileApp> {
  const { urls, drop } = await freshDatabase();
  const proxy = await cuttingProxy(urls.conversation);
  const app = await appForTest({
    urls: { ...urls, conversation: proxy.url },
    log: createLog('trace', { write: (line: string) => write(line) }),
  });
  onTestFinished(async () => {
    await app.stop();
    await proxy.stop();
    await drop();
  });
  return { app: { ...app, urls }, breakLines: () => proxy.cutAfterCommits(0, 'after-commit') };
}

/** Answers the secrets that the server made on the way. */
async function livelyHistory(
  app: TestApp,
  breakLines: () => void,
): Promise<Record<string, string>> {
  const { url } = app;
  const { text, password, username, email, friend } = secrets;
  const ask401 = (path: string, body: object): Promise<unknown> =>
    call(url, null, 'POST', `/api/auth/${path}`, body);
  const signedUp = await call<{ token: string }>(url, null, 'POST', '/api/auth/sign-up/email', {
    username,
    email,
    password,
    name: secrets.name,
  });
  expect(signedUp.status).toBe(200);
  const { token } = signedUp.body;
  await ask401('sign-up/email', { username, email, password, name: secrets.name });
  await ask401('sign-in/email', { email, password: secrets.wrongPassword });
  await ask401('sign-in/username', { username, password: secrets.wrongPassword });
  await ask401('request-password-reset', { email, redirectTo: '/reset' });
  await ask401('reset-password', { newPassword: password, token: 'unknown-reset-token' });
  await fetch(`${url}/api/auth/sign-in/email`, {
    method: 'POST',
    body: `{"password":"${password}`,
  });

  const people = await bringPeople(url, [friend], {});
  const other = people[friend]!;
  await other.call('PATCH', '/api/settings', { reach: 'everyone' });
  const me = (method: string, path: string, body?: unknown) =>
    call<{ key: string; message: { conversationId: string; clientId: string } }>(
      url,
      token,
      method,
      path,
      body,
    );
  await me('PATCH', '/api/me', { bio: secrets.bio, unknown: secrets.bio });
  await me('PATCH', '/api/me', { bio: secrets.bio });
  await me('GET', `/api/people?q=${secrets.search}`);
  await me('GET', `/api/people/${friend}?token=${token}`);
  const key = (await me('POST', '/api/keys', { name: secrets.keyName })).body.key;
  await call(url, key, 'GET', '/api/conversations');

  const path = `/api/conversations/with/${friend}/messages`;
  const sent = await me('POST', path, { clientId: randomUUID(), text });
  expect(sent.status).toBe(201);
  const { conversationId, clientId } = sent.body.message;
  await me('POST', path, { clientId, text: `${text} again` });
  await me('POST', path, { clientId: 'not one', text });
  await me('PATCH', `/api/conversations/${conversationId}/messages/1`, { text: secrets.edited });
  await other.writeIn(conversationId, `${text} too`);
  await overSockets(url, token, { conversationId, other: other.token });

  breakLines();
  await me('POST', `/api/conversations/${conversationId}/messages`, {
    clientId: randomUUID(),
    text,
  });
  await everythingFails(app, token, conversationId);
  await other.call('POST', `/api/people/${username}/report`, { reason: text });
  await me('DELETE', '/api/me', { password });
  return { token, otherToken: other.token, key };
}

async function overSockets(
  url: string,
  token: string,
  { conversationId, other }: { conversationId: string; other: string },
): Promise<void> {
  const [mine, theirs] = [await openSocket(url, token), await openSocket(url, other)];
  await mine.write({ conversationId }, secrets.text);
  await theirs.frame('message');
  mine.send({ t: 'typing', conversationId });
  mine.send({ t: 'send', clientId: 'x', conversationId, text: secrets.text, extra: secrets.bio });
  await mine.frame('error');
  await mine.close();
  const wrong = rawSocket(url);
  wrong.send({ t: 'hello', token: `${token}x` });
  await until(() => wrong.closed);
  theirs.sendBytes(Buffer.from(`{"t":"${secrets.text}`));
  await theirs.close();
}

/** Tables go, so that statements with texts and names in them fail in ways that nobody foresaw. */
async function everythingFails(app: TestApp, token: string, conversationId: string): Promise<void> {
  const { url, urls } = app;
  const { text } = secrets;
  const socket = await openSocket(url, token);
  await ask(
    urls.conversation,
    `alter table message add constraint gone check (body <> '${text}') not valid`,
  );
  const path = `/api/conversations/${conversationId}/messages`;
  const batch = Array.from({ length: 5 }, () =>
    call(url, token, 'POST', path, { clientId: randomUUID(), text }),
  );
  expect((await Promise.all(batch)).map(({ status }) => status)).toEqual([500, 500, 500, 500, 500]);
  const refused: ServerFrame = await socket.write({ conversationId }, text);
  expect(refused).toMatchObject({ t: 'refused', code: 'internal' });
  await ask(urls.conversation, 'alter table message drop constraint gone');
  await ask(
    urls.person,
    `alter table person add constraint gone check (bio <> 'x${secrets.bio}') not valid`,
  );
  const failed = await call(url, token, 'PATCH', '/api/me', { bio: `x${secrets.bio}` });
  expect(failed.status).toBe(500);
  expect(failed.headers.get('x-request-id')).toMatch(/^\w+-\w+$/);
  await ask(urls.person, 'alter table person drop constraint gone');
  await socket.close();
}

/** What is written past the log, as libraries do. */
function catchPrinting(): () => string[] {
  const printed: string[] = [];
  const restore = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) => {
    const original = console[name];
    console[name] = (...words: unknown[]) => void printed.push(words.map(String).join(' '));
    return () => (console[name] = original);
  });
  onTestFinished(() => restore.forEach((back) => back()));
  return () => printed;
}
