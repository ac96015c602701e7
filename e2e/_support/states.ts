// Every main state of the page, with the way there, for whoever looks at them. The people are those of the demo and
// of tools/screenshots.ts.

import { consentStates, requestStates } from './consent-states.ts';
import { openThread, type State } from './state.ts';

export const states: readonly State[] = [
  { name: 'sign-in', path: '/sign-in', shows: 'New here?', signedOut: true },
  {
    name: 'sign-in-refused',
    path: '/sign-in',
    signedOut: true,
    async act(page) {
      await page.getByLabel('E-mail or username').fill('mara');
      await page.getByLabel('Password', { exact: true }).fill('not the password');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('do not belong together').waitFor();
    },
  },
  { name: 'sign-up', path: '/sign-up', shows: 'Have an account?', signedOut: true },
  {
    name: 'sign-up-wrong',
    path: '/sign-up',
    signedOut: true,
    async act(page) {
      await page.getByLabel('Username').fill('a b');
      await page.getByRole('button', { name: 'Create account' }).click();
      await page.getByText('Type your name').waitFor();
    },
  },
  { name: 'forgot', path: '/forgot', shows: 'Send link', signedOut: true },
  { name: 'inbox', path: '/', shows: 'Jonas Okafor' },
  ...requestStates,
  ...consentStates,
  { name: 'thread', path: '/', act: (page) => openThread(page, 'Jonas Okafor') },
  { name: 'thread-long-texts', path: '/', act: (page) => openThread(page, 'Sara Haddad') },
  {
    name: 'thread-details',
    path: '/',
    async act(page) {
      await openThread(page, 'Jonas Okafor');
      await page.getByRole('button', { name: 'About Jonas Okafor' }).click();
      await page.getByText('On Aside since').waitFor();
    },
  },
  {
    name: 'thread-blocked',
    path: '/',
    async act(page) {
      await openThread(page, 'Grete Blocked');
      await page.getByText('You blocked this person').first().waitFor();
    },
  },
  {
    name: 'thread-offline',
    path: '/',
    async act(page) {
      await openThread(page, 'Teo Marchetti');
      await page.context().setOffline(true);
      await page.getByRole('textbox', { name: /^Message to/ }).fill('On the train, no signal.');
      await page.keyboard.press('Enter');
      await page.getByText('You are offline.').waitFor();
      await page.getByLabel('Waiting for a connection').waitFor();
    },
  },
  {
    name: 'thread-failed',
    path: '/',
    async act(page) {
      await openThread(page, 'Teo Marchetti');
      await page.route('**/api/conversations/*/messages', (route) =>
        route.request().method() === 'POST'
          ? route.fulfill({ status: 403, json: { code: 'not_accepting' } })
          : route.continue(),
      );
      await page.getByRole('textbox', { name: /^Message to/ }).fill('Does this arrive?');
      await page.keyboard.press('Enter');
      await page.getByText('Not sent.').waitFor();
    },
  },
  {
    name: 'emoji',
    path: '/',
    async act(page) {
      await openThread(page, 'Jonas Okafor');
      await page.getByRole('button', { name: 'Emoji' }).click();
      await page.getByRole('gridcell').nth(9).waitFor();
    },
  },
  { name: 'new', path: '/new', shows: 'You see who can be written to' },
  {
    name: 'new-found',
    path: '/new',
    async act(page) {
      await page.getByRole('combobox').fill('@gre');
      await page.getByText('Does not receive messages from you').first().waitFor();
    },
  },
  {
    name: 'new-none',
    path: '/new',
    async act(page) {
      await page.getByRole('combobox').fill('@nobodyhere');
      await page.getByText('Nobody found').waitFor();
    },
  },
  { name: 'draft-first', path: '/to/gregor', shows: 'Arrives in' },
  { name: 'draft-closed', path: '/to/gresa', shows: 'does not receive messages' },
  { name: 'profile', path: '/@sara', shows: 'On Aside since' },
  { name: 'profile-own', path: '/@mara', shows: 'Edit profile' },
  { name: 'profile-missing', path: '/@nobodyhere', shows: 'There is nobody called' },
  {
    name: 'profile-block-question',
    path: '/@teo',
    async act(page) {
      await page.getByRole('button', { name: 'Block', exact: true }).click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'profile-report',
    path: '/@teo',
    async act(page) {
      await page.getByRole('button', { name: 'Report' }).click();
      await page.getByLabel('What happened?').waitFor();
    },
  },
  { name: 'settings-list', path: '/settings', shows: 'Security and privacy' },
  ...(
    [
      'profile',
      'reach',
      'consent',
      'ledger',
      'blocked',
      'sessions',
      'password',
      'second-factor',
      'api-keys',
      'appearance',
      'keys',
      'account',
    ] as const
  ).map((section): State => ({ name: `settings-${section}`, path: `/settings/${section}` })),
  {
    name: 'keys-sheet',
    path: '/',
    async act(page) {
      await page.locator('[data-row]').first().focus();
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'missing', path: '/no/such/page', shows: 'There is nothing at this address' },
];
