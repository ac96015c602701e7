// The states of requests, first messages, labels and what was allowed, beside those in states.ts.

import type { Page } from 'playwright-core';
import { openThread, type State } from './state.ts';

export const requestStates: readonly State[] = [
  { name: 'requests', path: '/requests', shows: 'Lena Brandt' },
  { name: 'requests-empty', path: '/requests', shows: 'No requests', as: 'jonas' },
  {
    name: 'requests-german',
    path: '/requests',
    locale: 'de-DE',
    async act(page) {
      await page.getByRole('button', { name: /stille Anfragen/ }).click();
      await page.getByText('Max Sterling').waitFor();
    },
  },
  { name: 'requests-quiet', path: '/requests', act: openQuiet },
  {
    name: 'requests-focus',
    path: '/requests',
    async act(page) {
      await page.getByText('Lena Brandt').waitFor();
      await page.locator('[data-row]').first().focus();
      await page.keyboard.press('ArrowDown');
    },
  },
  {
    name: 'requests-menu',
    path: '/requests',
    async act(page) {
      await page.getByRole('button', { name: 'More for Nora Valdés' }).click();
      await page.getByRole('menuitem', { name: 'Report' }).waitFor();
    },
  },
  { name: 'requests-selected', path: '/requests', act: selectAll },
  {
    name: 'requests-block-question',
    path: '/requests',
    async act(page) {
      await selectAll(page);
      await page.getByRole('toolbar').getByRole('button', { name: 'Block' }).click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'requests-declined',
    path: '/requests',
    async act(page) {
      await page.route('**/api/conversations/*/decline', (route) => route.fulfill({ status: 204 }));
      await page.getByRole('button', { name: 'Decline: Nora Valdés' }).click();
      await page.getByText('Declined. They are told nothing.').waitFor();
    },
  },
  { name: 'request-open', path: '/requests', act: (page) => openRequest(page, 'Amir Nazari') },
  {
    name: 'request-open-quiet',
    path: '/requests',
    async act(page) {
      await openQuiet(page);
      await openRequest(page, 'Felix Aumann');
    },
  },
  {
    name: 'request-open-bulk',
    path: '/requests',
    async act(page) {
      await openQuiet(page);
      await openRequest(page, 'Max Sterling');
    },
  },
  {
    name: 'request-answer',
    path: '/requests',
    async act(page) {
      await openRequest(page, 'Nora Valdés');
      await page.getByRole('button', { name: 'Write an answer' }).click();
      await page.getByRole('textbox', { name: /^Message to/ }).waitFor();
    },
  },
];

const checked = { purpose: 'personal', similar: 30 };

export const consentStates: readonly State[] = [
  { name: 'offers', path: '/offers', shows: 'Inkwell Paper Shop' },
  { name: 'offers-empty', path: '/offers', shows: 'No offers', as: 'jonas' },
  {
    name: 'thread-offer',
    path: '/offers',
    async act(page) {
      await page.getByRole('link', { name: 'Inkwell Paper Shop' }).click();
      await page.locator('.message').filter({ hasText: 'Japanese' }).waitFor();
    },
  },
  { name: 'thread-service', path: '/', act: (page) => openThread(page, 'Riverside Library') },
  { name: 'thread-automated', path: '/', act: (page) => openThread(page, 'Press Timer') },
  { name: 'why', path: '/', act: askWhy },
  {
    name: 'why-stopped',
    path: '/',
    async act(page) {
      const grants = { service: 'off', automated: 'revoked', promotional: 'off' };
      await page.route('**/api/consent/presstimer/automated', (route) =>
        route.fulfill({ json: { grants } }),
      );
      await askWhy(page);
      await page.getByRole('button', { name: 'Stop automated messages' }).click();
      await page.getByText('can no longer send you').waitFor();
    },
  },
  {
    name: 'unsubscribe',
    path: '/',
    async act(page) {
      const path = await page.evaluate<string>(`(async () => {
        const read = async (path) => (await fetch(path)).json();
        const { conversations } = await read('/api/conversations?folder=inbox');
        const one = conversations.find(({ lastMessage }) => lastMessage?.purpose === 'automated');
        return one.lastMessage.unsubscribe;
      })()`);
      await page.goto(new URL(path, page.url()).href);
    },
  },
  { name: 'profile-brand', path: '/@inkwell', shows: 'What @inkwell may send you' },
  {
    name: 'brand-card',
    path: '/',
    as: 'inkwell',
    async act(page) {
      await page.route('**/api/settings', (route) =>
        route.fulfill({ json: { reach: 'following', typing: true, readReceipts: true } }),
      );
      await page.reload();
      await page.getByText('May anyone write to you?').waitFor();
    },
  },
  { name: 'thread-waiting', path: '/', act: (page) => openThread(page, 'Henrik Solberg') },
  {
    name: 'thread-correcting',
    path: '/',
    async act(page) {
      await openThread(page, 'Henrik Solberg');
      await page.getByRole('button', { name: 'Correct it once' }).click();
      await page.getByRole('textbox', { name: 'Correct your message' }).waitFor();
    },
  },
  {
    name: 'draft-first-similar',
    path: '/to/gregor',
    async act(page) {
      await page.route('**/check', (route) =>
        route.fulfill({ json: { ...checked, contact: { allowed: true, arrives: 'requests' } } }),
      );
      await page
        .getByRole('textbox', { name: /^Message to/ })
        .fill('Good morning, do you have a moment for my new collection?');
      await page.getByText('30 people got near-identical text').waitFor();
    },
  },
  {
    name: 'draft-first-refused',
    path: '/to/gregor',
    async act(page) {
      const until = new Date(Date.now() + 9 * 86_400_000).toISOString();
      const contact = { allowed: false, arrives: null, code: 'bulk_needs_opt_in', until };
      await page.route('**/check', (route) => route.fulfill({ json: { ...checked, contact } }));
      await page
        .getByRole('textbox', { name: /^Message to/ })
        .fill('Good morning, do you have a moment for my new collection?');
      await page.getByText('Near-identical first messages').waitFor();
    },
  },
  {
    name: 'draft-first-over',
    path: '/to/gregor',
    async act(page) {
      await page.getByRole('textbox', { name: /^Message to/ }).fill('A long story. '.repeat(21));
      await page.getByText('characters too many').waitFor();
    },
  },
  {
    name: 'thread-held',
    path: '/',
    async act(page) {
      await openThread(page, 'Teo Marchetti');
      await page.route('**/api/conversations/*/messages', (route) =>
        route.request().method() === 'POST'
          ? route.fulfill({ status: 202, json: { code: 'held', status: 202 } })
          : route.continue(),
      );
      await page
        .getByRole('textbox', { name: /^Message to/ })
        .fill('My new shop is open: https://new-shop.example');
      await page.keyboard.press('Enter');
      await page.getByText('Waiting until you sign in again.').waitFor();
    },
  },
  {
    name: 'settings-api-keys-made',
    path: '/settings/api-keys',
    async act(page) {
      await page.route('**/api/keys', (route) =>
        route.request().method() === 'POST'
          ? route.fulfill({
              status: 201,
              json: { id: '1', name: 'Bread alarm', key: 'aside_7f3kX0s9Qm2vB8nR4tLw6yZc1dEh5jUa' },
            })
          : route.fulfill({
              json: {
                keys: [
                  {
                    id: '1',
                    name: 'Bread alarm',
                    createdAt: new Date().toISOString(),
                    hint: '5jUa',
                  },
                ],
              },
            }),
      );
      await page.getByLabel('What is the key for?').fill('Bread alarm');
      await page.getByRole('button', { name: 'Make a key' }).click();
      await page.getByText('Copy the key now').waitFor();
    },
  },
];

async function openQuiet(page: Page): Promise<void> {
  await page.getByRole('button', { name: /quiet requests/ }).click();
  await page.getByText('Max Sterling').waitFor();
}

async function openRequest(page: Page, name: string): Promise<void> {
  await page.getByRole('link', { name, exact: true }).click();
  await page.getByRole('group', { name: 'Decide on this request' }).waitFor();
  await page.getByRole('heading', { name: `Do you know ${name}?` }).waitFor();
}

async function selectAll(page: Page): Promise<void> {
  await page.getByText('Lena Brandt').waitFor();
  await page.getByRole('checkbox', { name: 'Select all' }).check();
  await page.getByRole('toolbar').waitFor();
}

async function askWhy(page: Page): Promise<void> {
  await openThread(page, 'Press Timer');
  await page.getByRole('button', { name: 'Why am I seeing this?' }).click();
  await page.getByRole('button', { name: 'Stop automated messages' }).waitFor();
}
