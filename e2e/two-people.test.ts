import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { until } from '../server/test/_support/people.ts';
import { bubble, composer, request, row, seesLast, send, waitingCount } from './_support/desk.ts';
import { acquaint, follow, openHouse, signUp, type House } from './_support/house.ts';

let house: House;
const open: House['openAs'] = (...how) => house.openAs(...how);

beforeAll(async () => {
  house = await openHouse();
});
afterEach(() => house.tidy());
afterAll(() => house?.close());

test('two people sign up, find each other by username, talk without reloading and find it all again', async () => {
  const { page: ada } = await open(null, '/sign-up');
  const { page: bo } = await open(null, '/sign-up');
  await signUp(ada, 'ada', 'Ada Winter');
  await signUp(bo, 'bosse', 'Bo Lindgren');

  await bo.goto(`${house.url}/@ada`);
  await bo.getByRole('button', { name: 'Follow', exact: true }).click();
  await bo.getByRole('button', { name: 'Unfollow' }).waitFor();
  await bo.keyboard.press('Escape');

  await ada.getByRole('link', { name: 'New message' }).first().click();
  await ada.getByRole('combobox', { name: 'To' }).fill('@bos');
  const option = ada.getByRole('option', { name: 'Bo Lindgren' });
  await option.getByText('Arrives as a request').waitFor();
  await ada.keyboard.press('Enter');
  await ada
    .getByText('Arrives in Bo Lindgren’s requests. One message until they answer.')
    .waitFor();
  await send(ada, 'Is the boat still for sale?');
  await bubble(ada, 'Is the boat').getByLabel('Sent').waitFor();
  await ada.getByText('Bo Lindgren has not accepted yet.').waitFor();
  expect(await composer(ada).isDisabled()).toBe(true);

  await until(async () => (await waitingCount(bo)) === 1);
  expect(await row(bo, 'Ada Winter').count()).toBe(0);
  expect(await bo.title()).toBe('Aside');
  await bo
    .getByRole('link', { name: /^Requests/ })
    .first()
    .click();
  await request(bo, 'Ada Winter').getByText('Is the boat still for sale?').waitFor();
  await request(bo, 'Ada Winter').getByRole('button', { name: 'Accept' }).click();
  await until(() => composer(ada).isEnabled());
  await bo.getByRole('link', { name: 'Inbox' }).click();
  await row(bo, 'Ada Winter').waitFor();
  await send(ada, 'And does it float?');
  await row(bo, 'Ada Winter').getByText('And does it float?').waitFor();
  expect(await row(bo, 'Ada Winter').getByText('2 unread messages').count()).toBe(1);
  await until(async () => (await bo.title()) === '(1) Aside');
  await row(bo, 'Ada Winter').click();
  await until(async () => (await bo.title()) === 'Aside');
  await send(bo, 'It does. Come and see it on Sunday ⛵');

  const talk = [
    'Is the boat still for sale?',
    'And does it float?',
    'It does. Come and see it on Sunday ⛵',
  ];
  await seesLast(ada, talk);
  await Promise.all([ada.reload(), bo.reload()]);
  for (const page of [ada, bo]) {
    await seesLast(page, talk);
    expect(await page.locator('.message').count()).toBe(3);
  }
});

test('a stranger sees before typing that they cannot write, and why', async () => {
  const [mona, nils, olga] = [
    await house.guest('mona'),
    await house.guest('nils'),
    await house.guest('olga'),
  ];
  await follow(olga, mona);
  const { page } = await open(mona, '/new');
  await page.getByRole('combobox', { name: 'To' }).fill('olga');
  await page.getByRole('option', { name: 'Olga' }).getByText('Arrives as a request').waitFor();
  await page.getByRole('combobox', { name: 'To' }).fill('@nils');
  await page
    .getByRole('option', { name: 'Nils' })
    .getByText('Does not receive messages from you')
    .waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('This person does not receive messages from you at the moment').waitFor();
  expect(await composer(page).isDisabled()).toBe(true);

  // What the page says is what happens.
  expect((await mona.write('nils', 'Hello')).body.code).toBe('not_accepting');
  expect((await mona.write('olga', 'Hello')).body.arrived).toBe('requests');
  for (const folder of ['inbox', 'requests']) expect(await nils.inbox(folder)).toEqual([]);
});

test('blocking and unblocking on the page closes and opens the way', async () => {
  const [pia, ravi] = [await house.guest('pia'), await house.guest('ravi')];
  const id = await acquaint(pia, ravi);
  const { page: his } = await open(ravi, `/c/${id}`);
  await until(() => composer(his).isEnabled());
  const { page: hers } = await open(pia, `/c/${id}`);
  await hers.getByRole('button', { name: 'About Ravi' }).click();
  await hers.getByRole('button', { name: 'Block', exact: true }).click();
  await hers.getByRole('alertdialog').getByRole('button', { name: 'Block' }).click();
  await hers.locator('.thread-foot').getByText('You blocked this person').waitFor();
  expect(await composer(hers).isDisabled()).toBe(true);

  await send(his, 'Are you there?');
  await his.getByText('Not sent.').waitFor();
  await until(() => composer(his).isDisabled());
  expect(await his.getByText(/block/i).count()).toBe(0);

  await hers.locator('.thread-foot').getByRole('button', { name: 'Unblock' }).click();
  await until(() => composer(hers).isEnabled());
  await send(hers, 'I am back.');
  await bubble(his, 'I am back.').waitFor();
  await until(() => composer(his).isEnabled());
});

test('ending another session in the settings closes it there at once', async () => {
  const sam = await house.guest('sam');
  const { page: phone } = await open(null, '/sign-in');
  await phone.getByLabel('E-mail or username').fill('@sam');
  await phone.getByLabel('Password', { exact: true }).fill(sam.password);
  await phone.getByRole('button', { name: 'Sign in' }).click();
  await phone.getByRole('heading', { name: 'Messages', exact: true }).waitFor();

  const { page: desk } = await open(sam, '/settings/sessions');
  await desk.getByText('This browser').waitFor();
  await desk.getByRole('button', { name: /^Sign out .*on/ }).click();
  await desk.getByText('You are signed in nowhere else.').waitFor();
  await phone.getByText('This session was ended on another device.').waitFor();
  expect(await desk.getByText('This browser').count()).toBe(1);
});

test('two windows and a second device of one person stay in step', async () => {
  const [tove, uma] = [await house.guest('tove'), await house.guest('uma')];
  const id = await acquaint(uma, tove);
  await tove.call('POST', `/api/conversations/${id}/read`, { seq: 2 });
  const desk = await open(tove, `/c/${id}`);
  const second = await desk.context.newPage();
  await second.goto(`${house.url}/c/${id}`);
  const { page: phone } = await open(tove, '/');
  await row(phone, 'Uma').waitFor();

  await send(desk.page, 'Written at the desk');
  await bubble(second, 'Written at the desk').waitFor();
  await row(phone, 'Uma').getByText('You: ').waitFor();

  await Promise.all([desk.page.goto(house.url), second.goto(house.url)]);
  for (const page of [desk.page, second]) await row(page, 'Uma').waitFor();
  await uma.writeIn(id, 'And this?');
  for (const page of [desk.page, second, phone]) {
    await row(page, 'Uma').getByText('1 unread message').waitFor();
  }
  await row(phone, 'Uma').click();
  for (const page of [desk.page, second]) {
    await row(page, 'Uma').getByText('1 unread message').waitFor({ state: 'detached' });
    expect(await page.title()).toBe('Aside');
  }
});

test('a profile can be followed, muted and reported, and shows how the two stand', async () => {
  const [vera, wim] = [await house.guest('vera'), await house.guest('wim')];
  await follow(wim, vera);
  const { page } = await open(vera, '/@wim');
  await page.getByText('Follows you', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Follow', exact: true }).click();
  await page.getByText('You follow each other').waitFor();
  await page.getByRole('button', { name: 'Mute' }).click();
  await page.getByText('Muted. Messages arrive without a count.').waitFor();
  await page.getByRole('button', { name: 'Report' }).click();
  await page.getByLabel('What happened?').fill('A test of the report.');
  await page.getByRole('button', { name: 'Send report' }).click();
  await page.getByText('Your report was sent.').waitFor();
});

test('somebody lets everyone write to them, and a stranger can', async () => {
  const [xena, yann] = [await house.guest('xena'), await house.guest('yann')];
  expect((await yann.write('xena', 'Hello')).status).toBe(403);
  const { page } = await open(xena, '/settings/reach');
  await page.getByText('Receive messages from anyone').click();
  await page.getByText('Saved').waitFor();
  expect((await yann.write('xena', 'Hello')).body.arrived).toBe('requests');
});
