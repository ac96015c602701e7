import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import { grantWording, type LedgerPage } from '@aside/protocol';
import { until, type TestPerson } from '../server/test/_support/people.ts';
import { bubble, composer, request, row, send, seesLast } from './_support/desk.ts';
import {
  acquaint,
  ageAccounts,
  bring,
  grant,
  openDoor,
  openHouse,
  programOf,
  request as ask,
  writeAs,
  type Guest,
  type House,
} from './_support/house.ts';

// What senders are told before, while and after they write, and what recipients allow, see named and end.

let house: Awaited<ReturnType<typeof openHouse>>;
const open: House['openAs'] = (...how) => house.openAs(...how);

beforeAll(async () => {
  house = await openHouse();
});
afterEach(() => house.tidy());
afterAll(() => house?.close());

test('a first message is explained, counted and compared while it is typed, waits, and can be corrected once', async () => {
  const [ada, gil] = [await settled('ada', 'Ada Winter'), await settled('gil', 'Gil Hansen')];
  const others = await bring(house.app, { other1: {}, other2: {} });
  const text = 'I would like to learn how you bind such thin paper';
  for (const other of Object.values(others)) {
    await openDoor(other);
    await ask(gil, other, text);
  }
  const { page: his } = await open(gil, '/to/ada');
  await his.getByText('Arrives in Ada Winter’s requests. One message until they answer.').waitFor();
  await his.getByText('280 characters left').waitFor();
  await composer(his).fill('👩‍👩‍👧‍👦'.repeat(281));
  await his.getByText('1 character too many').waitFor();
  expect(await sendButton(his).isDisabled()).toBe(true);
  await composer(his).fill(`${text}!`);
  await his.getByText(`${280 - text.length - 1} characters left`).waitFor();
  await his.getByText('2 people got near-identical text from you this month').waitFor();
  await composer(his).press('Enter');
  await bubble(his, text).getByLabel('Sent').waitFor();
  await his.getByText('Ada Winter has not accepted yet. One message until they answer.').waitFor();
  expect(await composer(his).isDisabled()).toBe(true);

  const { page: hers } = await open(ada, '/requests');
  await hers.getByRole('button', { name: /^1 quiet request/ }).click();
  await request(hers, 'Gil Hansen').getByText(`${text}!`).waitFor();
  await his.getByRole('button', { name: 'Correct it once' }).click();
  const correction = his.getByRole('textbox', { name: 'Correct your message' });
  await until(() => correction.evaluate((area) => area === area.ownerDocument.activeElement));
  await correction.fill('Will you teach me to bind thin paper?');
  await his.getByRole('button', { name: 'Save' }).click();
  await bubble(his, 'Will you teach me').getByText('corrected').waitFor();
  await request(hers, 'Gil Hansen').getByText('Will you teach me to bind thin paper?').waitFor();
  await his.reload();
  await bubble(his, 'Will you teach me').waitFor();
  await his.getByText('Ada Winter has not accepted yet.').waitFor();
  expect(await his.getByRole('button', { name: 'Correct it once' }).count()).toBe(0);
});

test('the same text to many is refused before it is sent, with the reason, the remedy and the day it is possible again', async () => {
  const max = await settled('max');
  const names = Array.from({ length: 11 }, (_, at) => `reader${at}`);
  const readers = Object.values(
    await bring(house.app, Object.fromEntries(names.map((name) => [name, {}]))),
  );
  await Promise.all(readers.map(openDoor));
  const pitch = 'Get more visitors to your page with my simple plan, ask me how it works';
  for (const reader of readers.slice(0, 10)) await ask(max, reader, pitch);
  const { page } = await open(max, '/to/reader10');
  await composer(page).fill('Good morning, we met at the fair in Basel');
  await page.getByText(/characters left/).waitFor();
  await until(() => sendButton(page).isEnabled());
  await composer(page).fill(pitch);
  await page.getByText('10 people got near-identical text from you this month').waitFor();
  const hint = page.locator('.first-hints');
  await hint.getByText('Near-identical first messages went to others').waitFor();
  expect(await hint.innerText()).toContain('write something personal');
  expect(await hint.innerText()).toMatch(/Possible again on .*\d/);
  expect(await sendButton(page).isDisabled()).toBe(true);
  expect((await max.write('reader10', pitch)).body.code).toBe('bulk_needs_opt_in');
});

test('a door that closes while somebody writes refuses the message with reason and remedy, and keeps the text', async () => {
  const [fay, tom] = [await settled('fay', 'Fay Moor'), await settled('tom')];
  const { page } = await open(tom, '/to/fay');
  await page.getByText('280 characters left').waitFor();
  await fay.call('PATCH', '/api/settings', { reach: 'nobody' });
  await send(page, 'Are you there?');
  const note = page.locator('.unsent-note');
  await note.getByText('Not sent.').waitFor();
  expect(await note.innerText()).toContain('does not receive messages from you at the moment');
  expect(await note.innerText()).toContain('by writing to you first or in their settings');
  await openDoor(fay);
  await note.getByRole('button', { name: 'Retry' }).click();
  await bubble(page, 'Are you there?').getByLabel('Sent').waitFor();
});

test('a message that is not personal says what it is and why it is there, and one press ends its kind', async () => {
  const [uma, shop] = [await settled('uma'), await brand('papershop', 'Paper Shop')];
  const id = await acquaint(uma, shop);
  const robot = await programOf(shop, house.app);
  await uma.writeIn(id, 'Where is my order?');
  await writeAs(shop, uma, 'service', 'Your order has left the house.');
  await grant(uma, shop, 'automated');
  expect((await robot.writeIn(id, 'The parcel is at the station.')).status).toBe(201);

  const { page } = await open(uma, `/c/${id}`);
  const service = bubble(page, 'Your order has left');
  const automated = bubble(page, 'The parcel is at');
  await service.getByText('Service', { exact: true }).waitFor();
  await automated.getByText('Automated', { exact: true }).waitFor();
  expect(await bubble(page, 'Hello uma').getByRole('button').count()).toBe(0);
  await service.getByRole('button', { name: 'Why am I seeing this?' }).click();
  await why(page)
    .getByText(/^You wrote to them on .* within 7 days\.$/)
    .waitFor();
  await page.keyboard.press('Escape');
  await why(page).waitFor({ state: 'detached' });

  await automated.getByRole('button', { name: 'Why am I seeing this?' }).click();
  const words = grantWording('en', 'automated', 'papershop');
  await why(page).getByText(`You pressed “${words}” on`).waitFor();
  await why(page).getByRole('button', { name: 'Stop automated messages' }).click();
  await why(page).getByText('@papershop can no longer send you automated messages.').waitFor();
  expect((await robot.writeIn(id, 'It still waits.')).body.code).toBe('opted_out');
  await why(page).getByRole('button', { name: words }).click();
  await page.getByText('Allowed again.').waitFor();
  expect((await robot.writeIn(id, 'It waits until Friday.')).status).toBe(201);
  await bubble(page, 'It waits until Friday.').getByText('Automated', { exact: true }).waitFor();
});

test('the word stop as the whole answer ends everything that is not personal; to a friend it is a word', async () => {
  const [viv, shop] = [await settled('viv'), await brand('teahouse', 'Tea House')];
  const { carl } = await bring(house.app, { carl: {} });
  await grant(viv, shop, 'automated');
  const robot = await programOf(shop, house.app);
  const { body } = await robot.write('viv', 'Your table is ready.');
  const { page } = await open(viv, `/c/${body.message.conversationId}`);
  await bubble(page, 'Your table is ready.').waitFor();
  await send(page, 'STOP.');
  await bubble(page, 'STOP.').getByLabel('Sent').waitFor();
  expect((await robot.write('viv', 'Your table is still ready.')).body.code).toBe('opted_out');

  const friends = await acquaint(carl, viv);
  await page.goto(`${house.url}/c/${friends}`);
  await send(page, 'Stop');
  await bubble(page, 'Stop').getByLabel('Sent').waitFor();
  expect((await carl.writeIn(friends, 'As you wish.')).status).toBe(201);
  await bubble(page, 'As you wish.').waitFor();
});

test('the link in a message ends its kind without signing in, and only when its button is pressed', async () => {
  const [ray, shop] = [await settled('ray'), await brand('bakery', 'Bakery')];
  await grant(ray, shop, 'automated');
  const robot = await programOf(shop, house.app);
  const { body } = await robot.write('ray', 'The bread is done.');
  const [message] = await ray.messages(body.message.conversationId);
  const { page } = await open(null, message!.unsubscribe);
  await page.getByText('@bakery').first().waitFor();
  expect((await robot.write('ray', 'And the rolls.')).status).toBe(201);
  await page.getByRole('button').click();
  await page.getByText('Stopped.').waitFor();
  expect((await robot.write('ray', 'And the cake.')).body.code).toBe('opted_out');
});

test('a brand’s panel has a switch under the very words that are stored, and what is switched off stays off', async () => {
  const [wil, shop] = [await settled('wil'), await brand('seedbank', 'Seed Bank')];
  expect((await tryOffer(shop, 'wil')).code).toBe('consent_required');
  const { page } = await open(wil, '/@seedbank');
  const words = grantWording('en', 'promotional', 'seedbank');
  const offers = page.getByRole('switch', { name: words });
  expect(await offers.isChecked()).toBe(false);
  await offers.click();
  await page.getByText(/^Allowed since .*\d/).waitFor();
  const { body } = await wil.get<LedgerPage>('/api/consent/ledger');
  expect(body.entries[0]).toMatchObject({
    kind: 'grant',
    purpose: 'promotional',
    wording: words,
    person: { username: 'seedbank' },
  });
  expect((await tryOffer(shop, 'wil')).status).toBe(201);
  await offers.click();
  await page.getByText(/^Stopped by you on .*\. Only you can allow it again\.$/).waitFor();
  expect((await tryOffer(shop, 'wil')).code).toBe('opted_out');
  // A reply is no opt-in.
  await wil.write('seedbank', 'Do you have beans?');
  expect((await tryOffer(shop, 'wil')).code).toBe('opted_out');
  await page.reload();
  expect(await offers.isChecked()).toBe(false);
});

test('offers stand apart, behind a line without a badge, until somebody answers one', async () => {
  const [xia, shop] = [await settled('xia'), await brand('wineshop', 'Wine Shop')];
  const friend = await house.guest('yan', 'Yan Li');
  const id = await acquaint(friend, xia);
  await grant(xia, shop, 'promotional');
  await xia.call('POST', `/api/conversations/${id}/read`, { seq: 2 });
  const { page } = await open(xia, '/');
  await row(page, 'Yan Li').waitFor();
  await writeAs(shop, xia, 'promotional', 'Everything is half price on Sunday.');
  const line = page.getByRole('link', { name: 'Offers (1)' });
  await line.waitFor();
  expect(await row(page, 'Wine Shop').count()).toBe(0);
  expect(await page.title()).toBe('Aside');
  expect(await page.locator('.rail .count, .rail .badge').count()).toBe(0);
  // The twin that counts.
  await friend.writeIn(id, 'Sunday?');
  await until(async () => (await page.title()) === '(1) Aside');

  await page.reload();
  await line.click();
  const offers = page.getByRole('list', { name: 'Offers' });
  await offers.getByRole('link', { name: 'Wine Shop' }).click();
  await bubble(page, 'half price').getByText('Offer', { exact: true }).waitFor();
  await send(page, 'Do you have anything without alcohol?');
  await bubble(page, 'without alcohol').getByLabel('Sent').waitFor();
  await page.goto(house.url);
  await row(page, 'Wine Shop').getByText('without alcohol').waitFor();
  expect(await line.count()).toBe(0);
});

test('the settings list who may write and why, with the way back, and the ledger keeps every act', async () => {
  const [zoe, shop] = [await settled('zoe'), await brand('museum', 'Museum')];
  const { alf, ingo } = await bring(house.app, {
    alf: { name: 'Alf Berg' },
    ingo: { name: 'Ingo Falk' },
  });
  const id = await ask(alf, zoe, 'May I write to you?');
  await zoe.call('POST', `/api/conversations/${id}/accept`);
  await ask(zoe, await doorOf(ingo), 'I write to you first');
  await grant(zoe, shop, 'service');
  await zoe.call('DELETE', '/api/consent/museum/promotional');

  const { page } = await open(zoe, '/settings/consent');
  const may = page.locator('.consent-group', { hasText: 'May write to you' });
  const stopped = page.locator('.consent-group', { hasText: 'Stopped' });
  const line = (group: Locator, name: string): Locator =>
    group.getByRole('listitem').filter({ hasText: name });
  await line(may, 'Alf Berg').getByText('You pressed Accept on').waitFor();
  await line(may, 'Ingo Falk').getByText('You wrote to them first on').waitFor();
  await line(may, 'Museum')
    .getByText(`You pressed “${grantWording('en', 'service', 'museum')}” on`)
    .waitFor();
  await line(stopped, 'Museum').getByText('You pressed Stop on').waitFor();

  expect((await alf.writeIn(id, 'Thank you')).status).toBe(201);
  await page.getByRole('button', { name: 'Stop: Personal messages, Alf Berg' }).click();
  await page.getByText('Alf Berg can no longer write to you.').waitFor();
  await line(may, 'Alf Berg').waitFor({ state: 'detached' });
  expect((await alf.writeIn(id, 'Hello again')).body.arrived).toBe('requests');

  await line(may, 'Museum').getByRole('button', { name: 'Stop: Service messages, Museum' }).click();
  await until(async () => (await line(stopped, 'Museum').count()) === 2);
  await stopped.getByRole('button', { name: grantWording('en', 'service', 'museum') }).click();
  await line(may, 'Museum').waitFor();

  await page.getByRole('link', { name: 'Ledger' }).click();
  const acts = page.locator('.card-list').getByRole('listitem');
  for (const act of [
    'You pressed Accept on',
    'You moved them back to requests on',
    'You wrote to them first on',
    'You pressed Stop on',
    `You pressed “${grantWording('en', 'service', 'museum')}” on`,
  ]) {
    await acts.filter({ hasText: act }).first().waitFor();
  }
  expect(await acts.count()).toBe(7);
});

test('an API key is shown once, what it sends is labelled, and deleted it opens nothing', async () => {
  const [bob, cat] = [await settled('bob', 'Bob Stein'), await settled('cat')];
  await grant(cat, bob, 'automated');
  const { page } = await open(bob, '/settings/api-keys');
  await page.getByText('You have no keys.').waitFor();
  await page.getByLabel('What is the key for?').fill('Bread alarm');
  await page.getByRole('button', { name: 'Make a key' }).click();
  await page.getByText('Copy the key now. It is shown only this once.').waitFor();
  const key = (await page.locator('.key-once pre').textContent()) ?? '';
  const ring = async (): Promise<number> => {
    const answer = await fetch(`${house.url}/api/conversations/with/cat/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ clientId: crypto.randomUUID(), text: 'The bread is done.' }),
    });
    return answer.status;
  };
  expect(await ring()).toBe(201);
  const { page: hers } = await open(cat, '/');
  await row(hers, 'Bob Stein').getByText('Automated').waitFor();

  await page.reload();
  await page.getByText(`Ends in ${key.slice(-4)}`).waitFor();
  expect(await page.getByText(key).count()).toBe(0);
  await page.getByRole('button', { name: 'Delete the key “Bread alarm”' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('You have no keys.').waitFor();
  expect(await ring()).toBe(401);
});

test('a link that goes to many at once is held, on every device, until its sender signs in again; then it goes out', async () => {
  const dan = await settled('dan', 'Dan Holt');
  const friends = Array.from({ length: 7 }, (_, at) => `friend${at}`);
  const people = Object.values(
    await bring(house.app, Object.fromEntries(friends.map((name) => [name, {}]))),
  );
  const ids: string[] = [];
  for (const friend of people) ids.push(await acquaint(friend, dan));
  const text = 'My new shop is open: https://new-shop.example';
  for (const id of ids.slice(0, 5)) expect((await dan.writeIn(id, text)).status).toBe(201);
  const [sixth, seventh] = ids.slice(5) as [string, string];
  const { page } = await open(dan, `/c/${sixth}`);
  const { page: phone } = await open(await house.onAnotherDevice(dan), `/c/${sixth}`, {
    viewport: { width: 390, height: 844 },
  });
  await Promise.all([composer(page).waitFor(), composer(phone).waitFor()]);
  await send(page, text);
  await page.getByText('Waiting until you sign in again.').waitFor();
  await bubble(page, 'My new shop').getByLabel('Held').waitFor();
  await Promise.all([page.reload(), phone.reload()]);
  for (const window of [page, phone]) {
    await window.getByText('Waiting until you sign in again.').waitFor();
    await bubble(window, 'My new shop').getByLabel('Held').waitFor();
  }
  expect((await people[5]!.messages(sixth)).map((message) => message.text)).not.toContain(text);

  await page.goto(`${house.url}/c/${seventh}`);
  await send(page, text);
  await page.getByText('Waiting until you sign in again.').waitFor();
  await page.getByRole('button', { name: 'Take back' }).click();
  await page.getByText('Taken back. It was not sent.').waitFor();
  await bubble(page, 'My new shop').waitFor({ state: 'detached' });

  await page.goto(`${house.url}/c/${sixth}`);
  await page.getByRole('button', { name: 'Sign in again' }).click();
  await page.getByLabel('E-mail or username').fill('dan');
  await page.getByLabel('Password', { exact: true }).fill(dan.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await row(page, 'Friend5').click();
  for (const window of [page, phone]) {
    await bubble(window, 'My new shop').getByLabel('Sent').waitFor();
    await window.getByText('Waiting until you sign in again.').waitFor({ state: 'detached' });
  }
  const received = (await people[5]!.messages(sixth)).map((message) => message.text);
  expect(received.filter((one) => one === text)).toHaveLength(1);
  expect((await people[6]!.messages(seventh)).map((message) => message.text)).not.toContain(text);
});

test('a first message, its label and the settings speak German, and a German opt-in is kept in German', async () => {
  const [eva, shop] = [await settled('eva', 'Eva Kurz'), await brand('backhaus', 'Backhaus')];
  const { flo } = await bring(house.app, { flo: { name: 'Flo Gran' } });
  await openDoor(flo);
  const german = { locale: 'de-DE' };
  const { page } = await open(eva, '/to/flo', german);
  await page.getByText('Kommt bei Flo Gran als Anfrage an.').waitFor();
  await page.getByRole('textbox', { name: /^Nachricht an / }).fill('Guten Tag');
  await page.keyboard.press('Enter');
  await page.getByText('Flo Gran hat noch nicht angenommen.').waitFor();
  await page.getByRole('button', { name: 'Einmal korrigieren' }).waitFor();

  await page.goto(`${house.url}/@backhaus`);
  const words = grantWording('de', 'promotional', 'backhaus');
  await page.getByRole('switch', { name: words }).click();
  await until(() => page.getByRole('switch', { name: words }).isChecked());
  await until(async () => {
    const { body } = await eva.get<LedgerPage>('/api/consent/ledger');
    return body.entries[0]?.wording === words;
  });
  const id = await writeAs(shop, eva, 'promotional', 'Am Samstag gibt es alles zum halben Preis.');
  await page.goto(`${house.url}/c/${id}`);
  await page.getByRole('button', { name: 'Warum sehe ich das?' }).click();
  await page.getByRole('dialog').getByText(`„${words}“`).waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Angebote beenden' }).click();
  await until(async () => (await tryOffer(shop, 'eva')).code === 'opted_out');
  await seesLast(page, ['Am Samstag gibt es alles zum halben Preis.']);
});

/** Somebody whose account is years old and who lets anyone write a request. */
async function settled(username: string, name?: string): Promise<Guest> {
  const guest = await house.guest(username, name);
  await ageAccounts(house.app, guest);
  await openDoor(guest);
  return guest;
}

/** A brand that anyone may write to. */
async function brand(username: string, name: string): Promise<TestPerson> {
  const people = await bring(house.app, { [username]: { name, kind: 'brand' } });
  return doorOf(people[username]!);
}

async function doorOf(who: TestPerson): Promise<TestPerson> {
  await openDoor(who);
  return who;
}

async function tryOffer(from: TestPerson, to: string): Promise<{ status: number; code?: string }> {
  const answer = await from.call<{ code?: string }>(
    'POST',
    `/api/conversations/with/${to}/messages`,
    { clientId: crypto.randomUUID(), text: 'Ten per cent off, this week.', purpose: 'promotional' },
  );
  const { code } = answer.body;
  return { status: answer.status, ...(code === undefined ? {} : { code }) };
}

function why(page: Page): Locator {
  return page.getByRole('dialog', { name: 'Why you see this' });
}

function sendButton(page: Page): Locator {
  return page.getByRole('button', { name: 'Send', exact: true });
}
