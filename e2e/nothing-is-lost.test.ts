import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { until } from '../server/test/_support/people.ts';
import { bubble, composer, seesLast, send, textsShown } from './_support/desk.ts';
import { acquaint, houseAt, type Guest, type House } from './_support/house.ts';
import {
  freshDataFolder,
  postmasterPid,
  removeDataFolder,
  startServer,
  type ServerProcess,
} from './_support/server-process.ts';

// The server as it is run, killed under the hands of two people who write to each other.

const dataDir = freshDataFolder();
let server: ServerProcess;
let house: House;
let ada: Guest;
let bo: Guest;
let id: string;
const open: House['openAs'] = (...how) => house.openAs(...how);
/** High enough that every message of a test stands on the page at once. */
const tall = { viewport: { width: 1200, height: 3_000 } };

beforeAll(async () => {
  server = await startServer({ dataDir });
  house = await houseAt(server.url);
  ada = await house.guest('ada');
  bo = await house.guest('ben');
  id = await acquaint(ada, bo);
});
afterEach(() => house.tidy());
afterAll(async () => {
  await house?.close();
  await server?.stop();
  await removeDataFolder(dataDir);
});

test.each([
  { name: 'and its database left running', killsDatabase: false },
  { name: 'and its database killed too', killsDatabase: true },
])(
  'with the server killed in the middle of a talk $name, everything arrives once, in one order',
  async ({ killsDatabase }) => {
    const label = killsDatabase ? 'second' : 'first';
    const [{ page: hers }, { page: his }] = [
      await open(ada, `/c/${id}`, tall),
      await open(bo, `/c/${id}`, tall),
    ];
    await Promise.all([composer(hers).waitFor(), composer(his).waitFor()]);
    const before = (await ada.messages(id)).length;

    await sendAll(hers, label, 0, 12);
    await bubble(his, `${label} 03 `).waitFor();
    const writing = sendAll(hers, label, 12, 30);
    await killAndStartAgain(killsDatabase, () => writing);

    const expected = texts(label, 0, 30);
    await seesLast(hers, expected);
    await seesLast(his, expected);
    await until(async () => (await hers.locator('.message').getByLabel('Sending').count()) === 0);
    const stored = await bo.messages(id);
    expect(stored.map((message) => message.seq)).toEqual(stored.map((_, at) => at + 1));
    expect(stored.slice(before).map((message) => message.text)).toEqual(expected);

    await Promise.all([hers.reload(), his.reload()]);
    for (const page of [hers, his]) {
      await seesLast(page, expected);
      const shown = await textsShown(page);
      expect(shown).toEqual([...new Set(shown)]);
    }
  },
);

test('what is written offline waits, survives a reload and is sent once', async () => {
  const desk = await open(ada, `/c/${id}`);
  const { page: his } = await open(bo, `/c/${id}`);
  await Promise.all([composer(desk.page).waitFor(), composer(his).waitFor()]);

  await desk.context.setOffline(true);
  await desk.page.getByText('You are offline.').waitFor();
  await send(desk.page, 'Written in a tunnel');
  await bubble(desk.page, 'Written in a tunnel').getByLabel('Waiting for a connection').waitFor();
  await desk.context.setOffline(false);
  await bubble(desk.page, 'Written in a tunnel').getByLabel('Sent').waitFor();
  await bubble(his, 'Written in a tunnel').waitFor();

  // The page itself still loads, the way to the server's API is gone.
  await desk.context.route('**/api/**', (route) => route.abort('internetdisconnected'));
  await send(desk.page, 'Written before the reload');
  await bubble(desk.page, 'Written before the reload')
    .getByLabel('Waiting for a connection')
    .waitFor();
  await desk.page.reload();
  await desk.context.unroute('**/api/**');
  await bubble(his, 'Written before the reload').waitFor();
  await bubble(desk.page, 'Written before the reload').getByLabel('Sent').waitFor();
  const stored = (await ada.messages(id)).map((message) => message.text);
  expect(stored.slice(-2)).toEqual(['Written in a tunnel', 'Written before the reload']);
});

/** The same command on the same port, as an operator or a supervisor would. */
async function killAndStartAgain(
  killsDatabase: boolean,
  meanwhile: () => Promise<void>,
): Promise<void> {
  const port = Number(new URL(server.url).port);
  await server.kill();
  const postmaster = postmasterPid(dataDir);
  expect(postmaster).not.toBeNull();
  if (killsDatabase) process.kill(postmaster as number, 'SIGKILL');
  await meanwhile();
  server = await startServer({ dataDir, port });
}

async function sendAll(page: Page, label: string, from: number, to: number): Promise<void> {
  for (const text of texts(label, from, to)) await send(page, text);
}

function texts(label: string, from: number, to: number): string[] {
  return Array.from(
    { length: to - from },
    (_, at) => `${label} ${String(from + at).padStart(2, '0')} of the talk`,
  );
}
