// One whole server and one browser for all tests of a file, and people who sit before them.

import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { GrantPurpose, PersonKind, Purpose, SendAnswer } from '@aside/protocol';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { call, person, type TestPerson } from '../../server/test/_support/people.ts';
import { ask } from '../../server/test/_support/sql.ts';
import { startTestApp, type TestApp } from '../../server/test/_support/start-app.ts';
import { launchBrowser } from './browser.ts';
import { watchPage } from './complaints.ts';

const password = 'letters-and-tea';

/** Somebody with an account: through the door of the API, and before a browser as `openAs` makes it. */
export interface Guest extends TestPerson {
  name: string;
  password: string;
  /** A Cookie header as the server set it. */
  cookie: string;
}

export interface Window {
  page: Page;
  context: BrowserContext;
  close(): Promise<void>;
}

interface Cookie {
  name: string;
  value: string;
  url: string;
}

export interface House {
  url: string;
  browser: Browser;
  /**
   * After each test: closes the windows it opened, and throws what any page said that it should not have said:
   * errors, violations, requests to somebody else.
   */
  tidy(): Promise<void>;
  /** Signs somebody up over HTTP. */
  guest(username: string, name?: string): Promise<Guest>;
  /** A browser profile of its own; signed in if `who` is given. */
  openAs(who: Guest | null, path?: string, options?: BrowserContextOptions): Promise<Window>;
  /** The same person with a session of its own. */
  onAnotherDevice(who: Guest): Promise<Guest>;
  /** What a browser keeps of somebody who is signed in. */
  cookiesOf(who: Guest): Cookie[];
  close(): Promise<void>;
}

/** The server in this process, on a database of its own. */
export async function openHouse(
  options: Parameters<typeof startTestApp>[0] = {},
): Promise<House & { app: TestApp }> {
  const app = await startTestApp(options);
  const house = await houseAt(app.url);
  const close = async (): Promise<void> => {
    await house.close();
    await app.stop();
  };
  return { ...house, app, close };
}

/** A browser before a server that runs already. */
export async function houseAt(url: string): Promise<House> {
  requirePage();
  const browser = await launchBrowser();
  const complaints: string[] = [];
  const windows: Window[] = [];
  return {
    url,
    browser,
    async tidy() {
      await Promise.all(windows.splice(0).map((window) => window.close()));
      const heard = complaints.splice(0);
      if (heard.length > 0) throw new Error(`the page complained: ${heard.join(' · ')}`);
    },
    onAnotherDevice: (who) => signInOverHttp(url, who),
    cookiesOf: (who) => cookiesOf(who.cookie, url),
    guest: (username, name = capital(username)) => signUpOverHttp(url, username, name),
    async openAs(who, path = '/', context = {}) {
      const window = await openWindow(browser, url, who, context);
      windows.push(window);
      watchPage(window.page, url, complaints);
      await window.page.goto(url + path);
      return window;
    },
    close: () => browser.close(),
  };
}

/** Fills the form of the page, as somebody new does. */
export async function signUp(
  page: Page,
  username: string,
  name = capital(username),
): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('E-mail').fill(`${username}@mail.example`);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: 'Messages', exact: true }).waitFor();
}

/** `who` is ready to receive from `whom`: follows them. */
export async function follow(who: TestPerson, whom: TestPerson): Promise<void> {
  const answer = await who.call('PUT', `/api/people/${whom.username}/follow`);
  if (answer.status !== 200) throw new Error(`follow: ${answer.status}`);
}

/** Anyone may send `who` a request. */
export async function openDoor(who: TestPerson): Promise<void> {
  const answer = await who.call('PATCH', '/api/settings', { reach: 'everyone' });
  if (answer.status !== 200) throw new Error(`settings: ${answer.status}`);
}

/** `from` writes to `to` for the first time; answers with the conversation's id. */
export async function request(from: TestPerson, to: TestPerson, text: string): Promise<string> {
  const { status, body } = await from.write(to.username, text);
  if (status !== 201) throw new Error(`a request was refused: ${body.code}`);
  if (body.arrived !== 'requests') throw new Error(`a request arrived in ${body.arrived}`);
  return body.message.conversationId;
}

/** Two who have written to each other: a request and its answer. Answers with the conversation's id. */
export async function acquaint(one: TestPerson, other: TestPerson): Promise<string> {
  await follow(other, one);
  const id = await request(one, other, `Hello ${other.username}`);
  const { status } = await other.writeIn(id, `Hello ${one.username}`);
  if (status !== 201) throw new Error(`an answer was refused: ${status}`);
  return id;
}

/** These accounts are years old: what they write to strangers is not quiet for being new. */
export async function ageAccounts(app: TestApp, ...people: readonly TestPerson[]): Promise<void> {
  await ask(
    app.urls.person,
    `update person set created_at = now() - interval '1200 days' where user_id = any ($1::bigint[]) returning 1`,
    [people.map(({ id }) => id)],
  );
}

export interface Stranger {
  name?: string;
  kind?: PersonKind;
  /** 1,200 unless said otherwise. */
  joinedDaysAgo?: number;
  follows?: readonly string[];
}

/** People who write without a browser, brought by the operator's door. */
export async function bring<Name extends string>(
  app: TestApp,
  people: Record<Name, Stranger>,
): Promise<Record<Name, TestPerson>> {
  const batch = Object.entries<Stranger>(people).map(
    ([username, { name, kind, joinedDaysAgo = 1_200, follows }]) => ({
      username,
      name: name ?? capital(username),
      createdAt: new Date(Date.now() - joinedDaysAgo * 86_400_000).toISOString(),
      ...(kind ? { kind } : {}),
      ...(follows ? { follows } : {}),
    }),
  );
  const { url } = app;
  const answer = await call<{ id: string; username: Name; token: string }[]>(
    url,
    app.operatorKey,
    'POST',
    '/api/operator/people',
    batch,
  );
  if (answer.status !== 200) throw new Error(`bringing people: ${JSON.stringify(answer.body)}`);
  const made = answer.body.map((one) => [one.username, person(url, one)] as const);
  return Object.fromEntries(made) as Record<Name, TestPerson>;
}

/** `who` lets `sender` use a purpose, in the words of the button. */
export async function grant(
  who: TestPerson,
  sender: TestPerson,
  purpose: GrantPurpose,
): Promise<void> {
  const path = `/api/consent/${sender.username}/${purpose}`;
  const { status } = await who.call('PUT', path, { language: 'en' });
  if (status !== 200) throw new Error(`grant: ${status}`);
}

/** A message that says what it is for; answers with the conversation's id. */
export async function writeAs(
  from: TestPerson,
  to: TestPerson,
  purpose: Purpose,
  text: string,
): Promise<string> {
  const { status, body } = await from.call<SendAnswer & { code?: string }>(
    'POST',
    `/api/conversations/with/${to.username}/messages`,
    { clientId: randomUUID(), text, purpose },
  );
  if (status !== 201) throw new Error(`refused: ${body.code}`);
  return body.message.conversationId;
}

/** A program of this person: what it sends is of automated origin. */
export async function programOf(who: TestPerson, { url }: TestApp): Promise<TestPerson> {
  const answer = await who.call<{ key: string }>('POST', '/api/keys', { name: 'A program' });
  if (answer.status !== 201) throw new Error(`key: ${answer.status}`);
  return person(url, { id: who.id, username: who.username, token: answer.body.key });
}

async function signUpOverHttp(url: string, username: string, name: string): Promise<Guest> {
  const email = `${username}@mail.example`;
  const session = await enter(url, '/sign-up/email', { username, name, email, password });
  return { ...person(url, { ...session, username }), name, password, cookie: session.cookie };
}

async function signInOverHttp(url: string, who: Guest): Promise<Guest> {
  const { username } = who;
  const session = await enter(url, '/sign-in/username', { username, password });
  return { ...who, ...person(url, { ...session, username }), cookie: session.cookie };
}

async function enter(
  url: string,
  path: string,
  body: object,
): Promise<{ id: string; token: string; cookie: string }> {
  const response = await fetch(`${url}/api/auth${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  const { token, user } = (await response.json()) as { token: string; user: { id: string } };
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0] as string)
    .join('; ');
  return { id: user.id, token, cookie };
}

async function openWindow(
  browser: Browser,
  url: string,
  who: Guest | null,
  options: BrowserContextOptions,
): Promise<Window> {
  const context = await browser.newContext({
    locale: 'en-GB',
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  });
  context.setDefaultTimeout(15_000);
  if (who !== null) await context.addCookies(cookiesOf(who.cookie, url));
  const page = await context.newPage();
  return { page, context, close: () => context.close() };
}

function cookiesOf(header: string, url: string): Cookie[] {
  return header.split('; ').map((pair) => {
    const at = pair.indexOf('=');
    return { name: pair.slice(0, at), value: pair.slice(at + 1), url };
  });
}

function requirePage(): void {
  const page = join(import.meta.dirname, '..', '..', 'web', 'dist', 'index.html');
  if (existsSync(page)) return;
  throw new Error('the page is not built; run "npm run build --workspace web"');
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
