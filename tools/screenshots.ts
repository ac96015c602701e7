// Pictures of the page: docs/inbox.png for the README, and, into a folder that is named, every main state
// in both themes at three widths, to be looked at before anything is called finished.
// The machine needs a font with emoji.
// usage: npm run screenshots [folder [state…]]

import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../e2e/_support/browser.ts';
import { openThread } from '../e2e/_support/state.ts';
import { states } from '../e2e/_support/states.ts';
import {
  freshDataFolder,
  removeDataFolder,
  repository,
  startServer,
} from '../e2e/_support/server-process.ts';

const password = 'letters-and-tea';
const widths = [1440, 820, 390];
const dataDir = freshDataFolder();
const server = await startServer({ dataDir, args: ['--demo'] });
const browser = await launchBrowser();
try {
  const jonas = await signIn('jonas');
  await write(jonas, 'mara', 'The lake is wrong on purpose, I am told. A trap for copyists.');
  await write(jonas, 'mara', 'See you on Saturday 🚲');
  const cookie = await signIn('mara');
  await readmePicture(cookie);
  const [folder, ...names] = process.argv.slice(2);
  if (folder !== undefined) {
    await writeLetters();
    await everyState(resolve(folder), names);
  }
} finally {
  await browser.close();
  await server.stop();
  await removeDataFolder(dataDir);
}

async function readmePicture(cookie: string): Promise<void> {
  const page = await open({ width: 1440, height: 900, colorScheme: 'light', cookie });
  await page.goto(server.url);
  await openThread(page, 'Jonas Okafor');
  await page.mouse.move(720, 80);
  await page.screenshot({ path: join(repository, 'docs', 'inbox.png') });
  await page.context().close();
}

async function everyState(folder: string, names: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const cookies = new Map<string, string>();
  for (const { as = 'mara' } of states) {
    if (!cookies.has(as)) cookies.set(as, await signIn(as));
  }
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of widths) {
      const height = width === 390 ? 844 : 900;
      for (const shot of states) {
        if (names.length > 0 && !names.includes(shot.name)) continue;
        const page = await open({
          width,
          height,
          colorScheme,
          cookie: shot.signedOut ? null : cookies.get(shot.as ?? 'mara')!,
          ...(shot.locale ? { locale: shot.locale } : {}),
        });
        await page.goto(server.url + shot.path);
        if (shot.shows !== undefined) await page.getByText(shot.shows).first().waitFor();
        await shot.act?.(page);
        await page.waitForLoadState('networkidle');
        await page.screenshot({ path: join(folder, `${shot.name}-${width}-${colorScheme}.png`) });
        await page.context().close();
      }
    }
  }
}

/** What the demo does not tell: unread counts, long names, a block, somebody moved back, people who can and cannot be written to. */
async function writeLetters(): Promise<void> {
  const mara = await signIn('mara');
  const others: [string, string][] = [
    ['grete', 'Grete Blocked'],
    ['gregor', 'Gregor Schmidt-Wolfenstein von und zu Hohenlohe'],
    ['gresa', 'Gresa Berisha'],
    ['gunda', 'Gunda Moved'],
  ];
  for (const [username, name] of others) {
    await api('POST', '/api/auth/sign-up/email', null, {
      username,
      name,
      password,
      email: `${username}@demo.example`,
    });
  }
  const grete = await signIn('grete');
  const gregor = await signIn('gregor');
  const sara = await signIn('sara');
  for (const cookie of [grete, gregor]) await api('PUT', '/api/people/mara/follow', cookie);
  await api('PUT', '/api/people/grete/block', mara);
  await api('DELETE', '/api/people/grete/block', mara);
  await write(mara, 'grete', 'The order is ready.');
  await write(grete, 'mara', 'And I want my money back.');
  await api('PUT', '/api/people/grete/block', mara);
  const gunda = await signIn('gunda');
  await write(gunda, 'mara', 'Do you still have my old hymn book?');
  await write(mara, 'gunda', 'I will look for it.');
  await api('DELETE', '/api/consent/gunda/personal', mara);
  await write(sara, 'mara', 'Donaudampfschifffahrtsgesellschaft'.repeat(6));
  await write(
    sara,
    'mara',
    'قرأت الرسالة مرتين، وفي المرة الثانية ضحكت. The last line is yours: https://letters.example/a/rather/long/address?with=parameters&and=more#place',
  );
  await write(mara, 'sara', '🌿');
  await write(sara, 'mara', 'First line\nSecond line\n\nAfter an empty one.');
}

async function write(cookie: string, to: string, text: string): Promise<void> {
  await api('POST', `/api/conversations/with/${to}/messages`, cookie, {
    clientId: crypto.randomUUID(),
    text,
  });
}

async function signIn(username: string): Promise<string> {
  const answer = await api('POST', '/api/auth/sign-in/username', null, { username, password });
  return answer.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ');
}

async function api(
  method: string,
  path: string,
  cookie: string | null,
  body?: unknown,
): Promise<Response> {
  const answer = await fetch(server.url + path, {
    method,
    headers: {
      origin: server.url,
      ...(cookie === null ? {} : { cookie }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}

async function open(how: {
  width: number;
  height: number;
  colorScheme: 'light' | 'dark';
  cookie: string | null;
  locale?: string;
}): Promise<Page> {
  const { width, height, colorScheme, cookie, locale = 'en-GB' } = how;
  const context = await browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: width === 390 ? 2 : 1,
    hasTouch: width === 390,
    colorScheme,
    locale,
    reducedMotion: 'reduce',
  });
  if (cookie !== null) {
    const pairs = cookie.split('; ').map((pair) => pair.split(/=(.*)/s));
    await context.addCookies(
      pairs.map(([name = '', value = '']) => ({ name, value, url: server.url })),
    );
  }
  return context.newPage();
}
