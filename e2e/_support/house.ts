// One whole server and one browser for all tests of a file, and people who sit before them.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { person, type TestPerson } from '../../server/test/_support/people.ts';
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

/** Two who have written to each other; answers with the conversation's id. */
export async function acquaint(one: TestPerson, other: TestPerson): Promise<string> {
  await follow(other, one);
  const { body } = await one.write(other.username, `Hello ${other.username}`);
  await other.writeIn(body.message.conversationId, `Hello ${one.username}`);
  return body.message.conversationId;
}

async function signUpOverHttp(url: string, username: string, name: string): Promise<Guest> {
  const response = await fetch(`${url}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, name, email: `${username}@mail.example`, password }),
  });
  const { token, user } = (await response.json()) as { token: string; user: { id: string } };
  if (!response.ok) throw new Error(`sign-up of ${username}: ${response.status}`);
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0] as string)
    .join('; ');
  return { ...person(url, { id: user.id, username, token }), name, password, cookie };
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

function cookiesOf(header: string, url: string): { name: string; value: string; url: string }[] {
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
