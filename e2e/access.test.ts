import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { until } from '../server/test/_support/people.ts';
import { bubble, composer, row, send } from './_support/desk.ts';
import {
  acquaint,
  bring,
  follow,
  grant,
  openDoor,
  openHouse,
  programOf,
  request,
  writeAs,
  type Guest,
  type House,
} from './_support/house.ts';

// The page for whoever uses it without a mouse, without eyes, in another language.

let house: Awaited<ReturnType<typeof openHouse>>;
let ada: Guest;
let ben: Guest;
let id: string;
let requestId: string;
let quietId: string;
let waitingId: string;
let labelledId: string;
const open: House['openAs'] = (...how) => house.openAs(...how);

beforeAll(async () => {
  house = await openHouse();
  [ada, ben] = [await house.guest('ada', 'Ada Winter'), await house.guest('ben', 'Ben Lindgren')];
  id = await acquaint(ada, ben);
  await ben.writeIn(id, 'The map is at https://maps.example/lakes, have a look. שלום');
  await acquaint(ada, await house.guest('clara'));
  await house.guest('dora');
  const long = await house.guest('hohenlohe', 'Gregor Schmidt-Wolfenstein von und zu Hohenlohe');
  await follow(long, ada);
  await writeConsent();
});
afterEach(() => house.tidy());
afterAll(() => house?.close());

/** Requests of every kind, a first message that waits, and a brand that was allowed something. */
async function writeConsent(): Promise<void> {
  const { emma, finn, gus, shop, ...many } = await bring(house.app, {
    emma: { name: 'Emma Strand', follows: ['ben'] },
    finn: { name: 'Finn Eberhard-Wolkenstein von Unterhohenlohe' },
    gus: {},
    shop: { name: 'Paper Shop', kind: 'brand' },
    lars: {},
    moa: {},
  });
  await follow(ada, ben);
  for (const who of [ada, gus, shop]) await openDoor(who);
  requestId = await request(emma, ada, 'We met at the lake. Donaudampfschifffahrt'.repeat(4));
  quietId = await request(
    finn,
    ada,
    'Look: https://bücherfenster.example/with/a/long/path?and=more',
  );
  for (const sender of Object.values(many)) await request(sender, ada, `I am ${sender.username}`);
  waitingId = await request(ada, gus, 'Do you still make boats?');
  labelledId = await acquaint(ada, shop);
  await grant(ada, shop, 'automated');
  await grant(ada, shop, 'promotional');
  await writeAs(shop, ada, 'service', 'Your order has left the house.');
  const robot = await programOf(shop, house.app);
  await robot.writeIn(labelledId, 'The parcel is at the station.');
  await writeAs(shop, ada, 'promotional', 'Everything is half price on Sunday.');
  await ada.call('DELETE', '/api/consent/shop/promotional');
  await ada.call('POST', '/api/keys', { name: 'Bread alarm' });
}

const states: { name: string; path: () => string; ready: (page: Page) => Promise<void> }[] = [
  { name: 'sign-in', path: () => '/sign-in', ready: shows('button', 'Sign in') },
  { name: 'sign-up', path: () => '/sign-up', ready: shows('button', 'Create account') },
  { name: 'the inbox', path: () => '/', ready: (page) => row(page, 'Ben').first().waitFor() },
  { name: 'a thread', path: () => `/c/${id}`, ready: (page) => bubble(page, 'The map').waitFor() },
  {
    name: 'a thread with its panel',
    path: () => `/c/${id}/about`,
    ready: shows('button', 'Block'),
  },
  { name: 'a new message', path: () => '/new', ready: searchesFor('@be') },
  { name: 'a closed door', path: () => '/to/dora', ready: (page) => composer(page).waitFor() },
  {
    name: 'a first message to a long name',
    path: () => '/to/hohenlohe',
    ready: (page) => composer(page).waitFor(),
  },
  { name: 'a profile', path: () => '/@ben', ready: shows('button', 'Report') },
  { name: 'the settings', path: () => '/settings/reach', ready: shows('radio', 'Nobody') },
  { name: 'the sessions', path: () => '/settings/sessions', ready: showsText('This browser') },
  {
    name: 'the requests, with the quiet ones shown and all selected',
    path: () => '/requests',
    async ready(page) {
      await page.getByRole('button', { name: /^1 quiet request/ }).click();
      await page.getByText('Quiet because there is a link in it').waitFor();
      await page.getByRole('checkbox', { name: 'Select all' }).check();
      await page.getByRole('toolbar').getByRole('button', { name: 'Decline' }).waitFor();
    },
  },
  {
    name: 'the question before many are blocked',
    path: () => '/requests',
    async ready(page) {
      await page.getByText('We met at the lake').first().waitFor();
      await page.getByRole('checkbox', { name: 'Select all' }).check();
      await page.getByRole('toolbar').getByRole('button', { name: 'Block' }).click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
  { name: 'a request', path: () => `/c/${requestId}`, ready: shows('button', 'Write an answer') },
  {
    name: 'a quiet request with a link',
    path: () => `/c/${quietId}`,
    ready: shows('button', 'Write an answer'),
  },
  {
    name: 'an answer to a request',
    path: () => `/c/${requestId}`,
    async ready(page) {
      await page.getByRole('button', { name: 'Write an answer' }).click();
      await composer(page).waitFor();
    },
  },
  {
    name: 'a first message that waits',
    path: () => `/c/${waitingId}`,
    ready: shows('button', 'Correct it once'),
  },
  {
    name: 'a correction',
    path: () => `/c/${waitingId}`,
    async ready(page) {
      await page.getByRole('button', { name: 'Correct it once' }).click();
      await page.getByRole('textbox', { name: 'Correct your message' }).waitFor();
    },
  },
  {
    name: 'a first message that is too long',
    path: () => '/to/hohenlohe',
    async ready(page) {
      await composer(page).fill('A long story. '.repeat(21));
      await page.getByText('characters too many').waitFor();
    },
  },
  {
    name: 'labelled messages and the reason for one',
    path: () => `/c/${labelledId}`,
    async ready(page) {
      const why = bubble(page, 'The parcel is').getByRole('button', {
        name: 'Why am I seeing this?',
      });
      await why.click();
      await page.getByRole('button', { name: 'Stop automated messages' }).waitFor();
    },
  },
  {
    name: 'a brand and what it may send',
    path: () => `/c/${labelledId}/about`,
    ready: showsText('Stopped by you on'),
  },
  { name: 'the offers', path: () => '/offers', ready: showsText('Everything is half price') },
  { name: 'who may write', path: () => '/settings/consent', ready: showsText('Stopped') },
  { name: 'the ledger', path: () => '/settings/ledger', ready: showsText('You pressed Stop') },
  { name: 'the API keys', path: () => '/settings/api-keys', ready: showsText('Never used') },
];

test.each(states)(
  'axe finds nothing serious in $name, and nothing is out of sight, in both themes, from phone to wide screen',
  async ({ name, path, ready }) => {
    const { page } = await open(name.startsWith('sign-') ? null : ada, path());
    await ready(page);
    await page.evaluate(axe.source);
    const found: string[] = [];
    for (const width of [1440, 820, 390]) {
      await page.setViewportSize({ width, height: 900 });
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        found.push(...(await seriousFindings(page)).map((at) => `${width} ${colorScheme} ${at}`));
      }
      found.push(...(await outOfSight(page)).map((at) => `${width} is too narrow for ${at}`));
    }
    expect(found).toEqual([]);
  },
);

test('with the keyboard alone somebody signs in, reaches a conversation, answers and steps back', async () => {
  const { page } = await open(null, '/');
  const { keyboard } = page;
  await page.getByLabel('E-mail or username').waitFor();
  await until(() => focusIs(page, 'input[autocomplete="username"]'));
  await keyboard.type('ben');
  await keyboard.press('Tab');
  await keyboard.type(ben.password);
  await keyboard.press('Enter');
  await row(page, 'Ada Winter').waitFor();

  await tabTo(page, '[data-row]');
  await keyboard.press('Enter');
  await until(() => focusIs(page, '.composer textarea'));
  await keyboard.type('Written');
  await keyboard.press('Shift+Enter');
  await keyboard.type('without a mouse');
  await keyboard.press('Enter');
  await bubble(page, 'without a mouse').getByLabel('Sent').waitFor();
  expect(await bubble(page, 'Written').locator('.bubble-text').textContent()).toBe(
    'Written\nwithout a mouse',
  );

  await keyboard.press('Escape');
  await page.getByText('Choose a conversation').waitFor();
  await until(() => focusIs(page, `[data-row="${id}"]`));
  await keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await until(() => focusIs(page, `[data-row="${id}"]`));
  await keyboard.press('n');
  await until(() => focusIs(page, '#new-to'));
});

test('the arrow keys go through list and messages, one stop of Tab each', async () => {
  const { page } = await open(ada, `/c/${id}`);
  await bubble(page, 'The map').waitFor();
  await row(page, 'Clara').waitFor();
  expect(await page.locator('[data-row][tabindex="0"]').count()).toBe(1);
  await tabTo(page, '[data-row]');
  await page.keyboard.press('Home');
  const first = await page.locator(':focus').getAttribute('data-row');
  await page.keyboard.press('ArrowDown');
  await until(async () => (await page.locator(':focus').getAttribute('data-row')) !== first);

  await page.getByRole('log').focus();
  await page.keyboard.press('ArrowUp');
  expect(await page.locator(':focus').getAttribute('aria-label')).toMatch(/^Ben Lindgren, \d/);
});

test('a screen reader hears new messages of the other once, and not its own or the old ones', async () => {
  const { page } = await open(ada, `/c/${id}`);
  const log = page.getByRole('log', { name: 'Messages with Ben Lindgren' });
  await log.getByText('The map').waitFor();
  const spoken = page.locator('[aria-live="polite"].unseen').filter({ hasText: /\S/ });
  expect(await spoken.count()).toBe(0);
  await send(page, 'Mine, which I know');
  await bubble(page, 'Mine, which I know').getByLabel('Sent').waitFor();
  await ben.writeIn(id, 'Something new');
  await spoken.waitFor();
  expect(await spoken.textContent()).toBe('Ben Lindgren: Something new');
  await log
    .getByRole('article', { name: /^Ben Lindgren, / })
    .getByText('Something new')
    .waitFor();
});

test('the page speaks German to a German browser, and the language can be changed', async () => {
  const { page } = await open(null, '/sign-in', { locale: 'de-DE' });
  await page.getByRole('button', { name: 'Anmelden' }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('de');
  const { page: settings } = await open(ada, '/settings/appearance', { locale: 'de-AT' });
  await settings.getByText('Wie im Browser').waitFor();
  await settings.getByText('English').click();
  await settings.getByText('As in the browser').waitFor();
  await settings.reload();
  await settings.getByText('As in the browser').waitFor();
  expect(await settings.locator('html').getAttribute('lang')).toBe('en');
});

function shows(role: 'button' | 'radio', name: string): (page: Page) => Promise<void> {
  return (page) => page.getByRole(role, { name }).first().waitFor();
}

function showsText(text: string): (page: Page) => Promise<void> {
  return (page) => page.getByText(text).first().waitFor();
}

function searchesFor(query: string): (page: Page) => Promise<void> {
  return async (page) => {
    await page.getByRole('combobox').fill(query);
    await page.getByRole('option').first().waitFor();
  };
}

interface Finding {
  id: string;
  impact: string | null;
  nodes: { target: string[] }[];
}

async function seriousFindings(page: Page): Promise<string[]> {
  const findings = await page.evaluate<Finding[]>(
    'axe.run().then((results) => results.violations)',
  );
  return findings
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      (finding) =>
        `${finding.id}: ${finding.nodes.map((node) => node.target.join(' ')).join(', ')}`,
    );
}

/** What reaches over the left or right edge of the screen, where nobody can scroll; a name that ends in … may. */
function outOfSight(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`
    const isShortened = ({ parentElement: around }) =>
      getComputedStyle(around).textOverflow === 'ellipsis' && around.getBoundingClientRect().right <= innerWidth;
    [...document.querySelectorAll('#root *')].flatMap((element) => {
      const { left, right, width } = element.getBoundingClientRect();
      const isOut = width > 1 && (left < -1 || right > innerWidth + 1) && !isShortened(element);
      return isOut && element.checkVisibility({ visibilityProperty: true }) ? [element.getAttribute('class') ?? element.localName] : [];
    })
  `);
}

async function focusIs(page: Page, selector: string): Promise<boolean> {
  return (await page.locator(`${selector}:focus`).count()) === 1;
}

/** Presses Tab until the focus is there; a page has fewer stops than this. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let stops = 0; stops < 30; stops += 1) {
    if (await focusIs(page, selector)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`no stop of Tab is ${selector}`);
}
