import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { until, type TestPerson } from '../server/test/_support/people.ts';
import { bubble, composer, row, send, seesLast } from './_support/desk.ts';
import {
  acquaint,
  bring,
  grant,
  openDoor,
  openHouse,
  request as ask,
  writeAs,
  type Guest,
  type House,
} from './_support/house.ts';

// What the page does not do: load much, move, ask others, or take a text for anything but a text.

let house: Awaited<ReturnType<typeof openHouse>>;
let ada: Guest;
let ben: Guest;
let dora: TestPerson;
let id: string;
let asked: string;
let offerId: string;
const open: House['openAs'] = (...how) => house.openAs(...how);

beforeAll(async () => {
  house = await openHouse();
  [ada, ben] = [await house.guest('ada', 'Ada Winter'), await house.guest('ben', 'Ben Lindgren')];
  id = await acquaint(ada, ben);
  for (const name of ['clara', 'david', 'erika']) await acquaint(ada, await house.guest(name));
  const { shop, ...others } = await bring(house.app, { dora: {}, shop: { kind: 'brand' } });
  dora = others.dora;
  await openDoor(ada);
  asked = await ask(dora, ada, 'Hello, the pictures are at https://pictures.example/lake');
  await grant(ada, shop, 'promotional');
  offerId = await writeAs(shop, ada, 'promotional', 'Everything is half price on Sunday.');
});
afterEach(() => house.tidy());
afterAll(() => house?.close());

test('the first load of the inbox is at most 150 kB of compressed JavaScript', async () => {
  const { page } = await open(null, '/sign-in');
  await page.context().addCookies(house.cookiesOf(ada));
  // A cold start: what the door loaded must not count as loaded.
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  const scripts = new Set<string>();
  const sizes: number[] = [];
  session.on('Network.responseReceived', ({ type, requestId }) => {
    if (type === 'Script') scripts.add(requestId);
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) sizes.push(encodedDataLength);
  });
  await page.goto(house.url);
  await row(page, 'Ben Lindgren').waitFor();
  // Its answer comes after every event before it.
  await session.send('Network.disable');
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  console.log(`first load: ${(bytes / 1024).toFixed(1)} kB of scripts in ${sizes.length} files`);
  expect(bytes).toBeGreaterThan(10 * 1024);
  expect(bytes).toBeLessThanOrEqual(150 * 1024);
});

test.each([
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
])('at $width px nothing jumps while the inbox loads and messages arrive', async (viewport) => {
  const { page, context } = await open(null, '/sign-in', { viewport });
  await context.addCookies(house.cookiesOf(ada));
  await context.addInitScript(watchShifts);
  await page.goto(house.url);
  await row(page, 'Ben Lindgren').waitFor();
  // More than the screen holds: in a short talk each line moves up by one when the next comes, as it should.
  for (let line = 0; line < 40; line += 1) await ben.writeIn(id, `Line ${line}`);
  await ben.writeIn(id, 'A line for the list');
  await row(page, 'Ben Lindgren').getByText('A line for the list').waitFor();
  expect(await shifts(page)).toBeLessThan(0.02);

  // Opened with nothing unread, a conversation begins at its end.
  const seq = (await ada.messages(id)).at(-1)?.seq;
  await ada.call('POST', `/api/conversations/${id}/read`, { seq });
  await page.goto(`${house.url}/c/${id}`);
  await bubble(page, 'A line for the list').last().waitFor();
  await ben.writeIn(
    id,
    'And one for the thread, long enough to wrap over more than a line. '.repeat(4),
  );
  await bubble(page, 'And one for the thread').last().waitFor();
  await send(page, 'My own');
  await bubble(page, 'My own').last().getByLabel('Sent').waitFor();
  expect(await shifts(page)).toBeLessThan(0.02);
});

test.each([
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
])(
  'at $width px nothing jumps while requests load, arrive and are decided, and a first message is typed',
  async (viewport) => {
    const label = viewport.width;
    const { page, context } = await open(null, '/sign-in', { viewport });
    const fay = await house.guest(`fay${label}`);
    await openDoor(fay);
    const people = await bring(house.app, {
      [`one${label}`]: {},
      [`two${label}`]: {},
      [`three${label}`]: {},
      [`four${label}`]: { joinedDaysAgo: 1 },
      [`five${label}`]: {},
      [`six${label}`]: {},
    });
    const [one, two, three, four, five, six] = Object.values<TestPerson>(people);
    for (const sender of [one!, two!, four!]) await ask(sender, fay, 'A word. '.repeat(20));
    await context.addCookies(house.cookiesOf(fay));
    await context.addInitScript(watchShifts);
    await page.goto(`${house.url}/requests`);
    await page.getByRole('button', { name: /^1 quiet request/ }).waitFor();
    await ask(three!, fay, 'I come while you look');
    await page.getByText('I come while you look').waitFor();
    await page.getByRole('button', { name: `Decline: One${label}` }).click();
    await page.getByText('Declined. They are told nothing.').waitFor();
    expect(await shifts(page)).toBeLessThan(0.02);

    await page.getByRole('link', { name: `Two${label}`, exact: true }).click();
    await page.getByRole('button', { name: 'Write an answer' }).waitFor();
    await page
      .getByRole('group', { name: 'Decide on this request' })
      .getByRole('button', { name: 'Accept' })
      .click();
    await until(() => composer(page).isEnabled());
    expect(await shifts(page)).toBeLessThan(0.02);

    const question = 'Good evening, is the boat by the lake still for sale?';
    for (const to of [five!, six!]) {
      await openDoor(to);
      await ask(fay, to, question);
    }
    await openDoor(dora);
    await page.goto(`${house.url}/to/dora`);
    await page.getByText('280 characters left').waitFor();
    await composer(page).fill(question);
    // The field has grown with its text; what is said after a rest must not move it again.
    const grown = await shifts(page);
    await page.getByText('2 people got near-identical text from you this month').waitFor();
    expect((await shifts(page)) - grown).toBeLessThan(0.02);
    await composer(page).press('Enter');
    await page.getByText('Dora has not accepted yet.').waitFor();
  },
);

test('a walk through the whole page asks nobody else and breaks no policy', async () => {
  const { page } = await open(ada, '/');
  const walk = ['/', `/c/${id}`, `/c/${id}/about`, '/new', '/@ben', '/to/dora', '/settings'];
  walk.push('/requests', `/c/${asked}`, '/offers', `/c/${offerId}`);
  const sections = [
    'reach',
    'consent',
    'ledger',
    'api-keys',
    'blocked',
    'sessions',
    'password',
    'second-factor',
    'appearance',
    'keys',
  ];
  for (const path of [...walk, ...sections.map((name) => `/settings/${name}`), '/nowhere/at/all']) {
    await page.goto(house.url + path);
    await page.locator('main h1, main h2').first().waitFor();
  }
  await page.waitForLoadState('networkidle');
  const answer = await fetch(house.url, { headers: { accept: 'text/html' } });
  expect(answer.headers.get('content-security-policy')).toMatch(/script-src 'self'(;|$)/);
});

test('text of every kind is shown as it was written and never becomes markup', async () => {
  const { page } = await open(ada, `/c/${id}`, { viewport: { width: 390, height: 844 } });
  await composer(page).waitFor();
  const texts = [
    '<script>alert(1)</script><b>bold</b>',
    '<img src=x onerror=alert(1)> &amp; <a href="javascript:alert(1)">here</a>',
    'javascript:alert(1) data:text/html,<script>alert(1)</script> vbscript:x',
    'مرحبا بالعالم، السعر 120 ليرة (تقريبا) hello',
    'Z͑ͫ̓ͪ̂ͫ̽͏̴̙a̸̧̨lgo 👩‍👩‍👧‍👦 🏳️‍🌈 🇸🇪 👍🏽 e\u0301 한국어',
    'Donaudampfschifffahrt'.repeat(40),
    '**not bold** _not italic_ `not code` # not a title',
  ];
  for (const text of texts) await ben.writeIn(id, text);
  await seesLast(page, texts);
  const bodies = page.locator('.bubble-text');
  expect(await bodies.locator('script, img, b, i, em, strong, code, h1, iframe').count()).toBe(0);
  const links = await bodies
    .locator('a')
    .evaluateAll((all) => all.map((a) => a.getAttribute('href')));
  expect(links.filter((link) => !/^(https?|mailto):/.test(link ?? ''))).toEqual([]);
  expect(await widerThanScreen(page)).toBe(false);

  await ben.writeIn(id, 'See https://aside.example/a?b=c#d (or www.aside.example).');
  const link = bubble(page, 'See https').locator('a').first();
  expect(await link.getAttribute('href')).toBe('https://aside.example/a?b=c#d');
  expect(await link.getAttribute('rel')).toContain('noopener');
});

test('a message of 10,000 characters goes out and arrives whole; one more is not sent', async () => {
  const { page } = await open(ada, `/c/${id}`);
  const { page: his } = await open(ben, `/c/${id}`);
  await Promise.all([composer(page).waitFor(), composer(his).waitFor()]);
  const longest = 'ü😀'.repeat(5_000);
  await composer(page).fill(`${longest}x`);
  await page.getByText('1 character too many').waitFor();
  expect(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true);
  await send(page, longest);
  await bubble(page, longest.slice(0, 50)).getByLabel('Sent').waitFor();
  const arrived = bubble(his, longest.slice(0, 50)).locator('.bubble-text');
  await arrived.waitFor();
  expect(await arrived.textContent()).toBe(longest);
  expect((await ben.messages(id)).at(-1)?.text).toBe(longest);
});

test('a draft survives leaving and a reload, and goes with its message', async () => {
  const { page } = await open(ada, `/c/${id}`);
  await composer(page).fill('Half a thought');
  await row(page, 'Clara').click();
  await row(page, 'Ben Lindgren').getByText('Draft: ').waitFor();
  await page.reload();
  await row(page, 'Ben Lindgren').click();
  await until(async () => (await composer(page).inputValue()) === 'Half a thought');
  await composer(page).press('Enter');
  await bubble(page, 'Half a thought').getByLabel('Sent').waitFor();
  await page.reload();
  await bubble(page, 'Half a thought').waitFor();
  expect(await composer(page).inputValue()).toBe('');
});

test('the emoji picker opens and inserts at the caret without a network, though it was never open before', async () => {
  const { page, context } = await open(ada, `/c/${id}`);
  const stocked = page.waitForEvent('requestfinished', (request) =>
    request.url().endsWith('data.json'),
  );
  await composer(page).fill('ab');
  await stocked;
  await page.waitForLoadState('networkidle');
  await context.setOffline(true);
  await page.getByText('You are offline.').waitFor();
  await composer(page).press('ArrowLeft');
  await page.getByRole('button', { name: 'Emoji' }).click();
  await page.getByLabel('Search emoji').fill('sailboat');
  await page
    .getByRole('gridcell', { name: /sailboat/i })
    .first()
    .click();
  await until(async () => (await composer(page).inputValue()) === 'a⛵\ufe0fb');
  await page.getByRole('link', { name: 'Settings' }).first().click();
  await page.getByRole('link', { name: 'Who can write to you' }).click();
  await page.getByText('This is about first messages.').waitFor();
});

test('a picker that cannot be loaded leaves the conversation as it is', async () => {
  const { page } = await open(null, '/sign-in');
  await page.context().addCookies(house.cookiesOf(ada));
  await page.route('**/assets/emoji-popover*', (route) => route.abort());
  await page.goto(`${house.url}/c/${id}`);
  const failed = page.waitForEvent('console', (message) => /imported module/.test(message.text()));
  await page.getByRole('button', { name: 'Emoji' }).click();
  await failed;
  await composer(page).fill('Still here');
  expect(await page.getByText('This part of the page stopped working.').count()).toBe(0);
  await expect(house.tidy()).rejects.toThrow('emoji-popover');
});

/** Adds up every layout shift that no key or click of the person explains. */
const watchShifts = `
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
`;

/** After two more frames, so that what was drawn last has been looked at. */
function shifts(page: Page): Promise<number> {
  return page.evaluate<number>(
    'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(window.shifted))))',
  );
}

function widerThanScreen(page: Page): Promise<boolean> {
  return page.evaluate<boolean>(
    '[document.documentElement, ...document.querySelectorAll(".timeline, .thread")].some((e) => e.scrollWidth > e.clientWidth + 1)',
  );
}
