import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { until } from '../server/test/_support/people.ts';
import { ask } from '../server/test/_support/sql.ts';
import { bubble, composer, send } from './_support/desk.ts';
import { acquaint, openHouse, type Guest, type House } from './_support/house.ts';

// Years of use: 10,000 conversations in a list, thousands of messages in one of them.

const conversations = 10_000;
const messages = 4_000;

let house: Awaited<ReturnType<typeof openHouse>>;
let ada: Guest;
let ben: Guest;
let id: string;
const open: House['openAs'] = (...how) => house.openAs(...how);

beforeAll(async () => {
  house = await openHouse();
  [ada, ben] = [await house.guest('ada', 'Ada Winter'), await house.guest('ben', 'Ben Lindgren')];
  id = await acquaint(ada, ben);
  const { urls } = house.app;
  await ask(urls.conversation, fillTimeline, [id, ada.id, ben.id, messages]);
  await ask(urls.person, fillHead, [id, messages]);
  await ask(urls.person, fillPeople, [ada.id, conversations]);
  await ask(urls.conversation, fillConversations, [ada.id, conversations]);
});
afterEach(() => house.tidy());
afterAll(() => house?.close());

test('an inbox of 10,000 conversations keeps a few rows on the page, and answers a click at once', async () => {
  const { page } = await open(ada, '/');
  const list = page.locator('.inbox-scroll');
  await page.locator('[data-row]').first().waitFor();
  const first = await page.locator('[data-row]').first().getAttribute('data-row');
  await scrollUntil(page, async () => (await rowCount(page)) >= conversations);
  expect(await page.locator('[data-row]').count()).toBeLessThan(60);

  await list.evaluate((element) => (element.scrollTop = 300_000));
  const middle = page.locator('[data-row]').nth(8);
  await until(async () => (await middle.getAttribute('data-row')) !== first);
  const clickMs = await timeOfClick(page, () => middle.click());
  console.log(`click to paint with ${conversations} conversations: ${clickMs} ms`);
  expect(clickMs).toBeLessThan(1_000);
  expect(await page.locator('[data-row]').count()).toBeLessThan(60);
  await page.keyboard.press('Escape');
  await page.getByText('Choose a conversation').waitFor();
  expect(Number(await list.evaluate((element) => element.scrollTop))).toBeGreaterThan(200_000);
});

test('paging back through thousands of messages keeps what is read in its place', async () => {
  const { page } = await open(ada, `/c/${id}`);
  await bubble(page, `Message ${messages} `).waitFor();
  const drifts: number[] = [];
  for (let pages = 0; pages < 8; pages += 1) {
    // Older ones arrive above; the one in sight stays where it is in every frame, to within a line of text.
    drifts.push(await page.evaluate<number>(driftWhilePaging));
    expect(await page.locator('.message').count()).toBeLessThan(120);
  }
  console.log(`paging back moved what was read by ${drifts.join(', ')} px`);
  expect(Math.max(...drifts)).toBeLessThan(22);
  expect(await oldestShown(page)).toBeLessThan(messages - 300);

  await ben.writeIn(id, 'Meanwhile, at the end');
  await page.getByRole('button', { name: /1 new message/ }).waitFor();
  await page.getByRole('button', { name: /Go to the newest/ }).click();
  await bubble(page, 'Meanwhile, at the end').waitFor();
  await send(page, 'Back at the end');
  await bubble(page, 'Back at the end').getByLabel('Sent').waitFor();
  expect(await composer(page).inputValue()).toBe('');
});

/** How many conversations the list holds, by its height. */
async function rowCount(page: Page): Promise<number> {
  const height = await page.locator('.inbox-rows').evaluate((element) => element.clientHeight);
  return Math.floor(height / 72);
}

async function scrollUntil(page: Page, isDone: () => Promise<boolean>): Promise<void> {
  await until(async () => {
    await page
      .locator('.inbox-scroll')
      .evaluate((element) => (element.scrollTop = element.scrollHeight));
    return isDone();
  }, 50_000);
}

/** From the click to the frame after the thread was drawn. */
async function timeOfClick(page: Page, click: () => Promise<void>): Promise<number> {
  await page.evaluate(`
    window.clickToPaint = new Promise((done) => addEventListener('click', (event) => {
      requestAnimationFrame(() => setTimeout(() => done(performance.now() - event.timeStamp)));
    }, { once: true, capture: true }));
    undefined;
  `);
  await click();
  return Math.round(await page.evaluate<number>('window.clickToPaint'));
}

async function oldestShown(page: Page): Promise<number> {
  const texts = await page.locator('.bubble-text').allTextContents();
  return Math.min(...texts.map((text) => Number(/^Message (\d+) /.exec(text)?.[1] ?? Infinity)));
}

/**
 * Scrolls close to the oldest message, holds on to one in the middle of the screen and follows it until older ones
 * have come and two dozen frames have passed. Answers how far it strayed, in pixels.
 */
const driftWhilePaging = `
  (async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const timeline = document.querySelector('.timeline');
    const topOf = (message) => message.getBoundingClientRect().top;
    const textOf = (message) => message.querySelector('.bubble-text').textContent;
    const all = () => [...document.querySelectorAll('.message')];
    const height = timeline.scrollHeight;
    timeline.scrollTop = 800;
    for (let frames = 0; frames < 3; frames += 1) await frame();
    const held = all().find((message) => topOf(message) > 300);
    const [text, from] = [textOf(held), topOf(held)];
    let drift = 0;
    for (let after = 0, waited = 0; after < 24; waited += 1) {
      await frame();
      const now = all().find((message) => textOf(message) === text);
      drift = Math.max(drift, now === undefined ? 10_000 : Math.abs(topOf(now) - from));
      if (timeline.scrollHeight > height + 500) after += 1;
      if (waited > 500) throw new Error('no older messages came');
    }
    return Math.round(drift);
  })()`;

const fillTimeline = `
  with head as (
    update conversation set head_seq = $4::bigint, last_activity_at = now() where conversation_id = $1::bigint),
  written as (
    insert into message (conversation_id, seq, message_id, sender_id, created_at, origin, purpose, client_id, body)
    select $1::bigint, seq, 1000 + seq, case seq % 3 when 0 then $2::bigint else $3::bigint end,
           now() - make_interval(mins => ($4::int - seq)), 1, 1, gen_random_uuid(),
           'Message ' || seq || ' ' || repeat('of a long talk, ', 1 + seq % 9)
    from generate_series(3, $4::int) seq)
  select 1`;

const fillHead = `
  update inbox set head_seq = $2::bigint, read_seq = $2::bigint, last_activity_at = now() + interval '1 second'
  where conversation_id = $1::bigint`;

/** Strangers who wrote long ago, one conversation each. */
const fillPeople = `
  with made as (
    insert into person (user_id, username, name, bio, website, kind, owner, created_at, reach, deleted_at)
    select 5000000 + n, 'person' || n, 'Person Number ' || n, '', '', 1, null, now(), 1, null
    from generate_series(1, $2::int) n),
  paired as (
    insert into pair (low_id, high_id, conversation_id)
    select 5000000 + n, $1::bigint, 7000000 + n from generate_series(1, $2::int) n)
  insert into inbox (user_id, conversation_id, pos, peer_id, folder, muted, head_seq, read_seq, last_activity_at)
  select $1::bigint, 7000000 + n, 1000 + n, 5000000 + n, 1, false, 1, n % 2, now() - make_interval(mins => n)
  from generate_series(1, $2::int) n`;

const fillConversations = `
  with opened as (
    insert into conversation (conversation_id, kind, head_seq, rev, created_at, last_activity_at)
    select 7000000 + n, 1, 1, 0, now(), now() - make_interval(mins => n) from generate_series(1, $2::int) n),
  joined as (
    insert into member (conversation_id, user_id, joined_at, wrote_at, blocks, gone)
    select 7000000 + n, who, now(), now(), false, false
    from generate_series(1, $2::int) n, lateral (values ($1::bigint), (5000000 + n)) people (who))
  insert into message (conversation_id, seq, message_id, sender_id, created_at, origin, purpose, client_id, body)
  select 7000000 + n, 1, 9000000 + n, 5000000 + n, now() - make_interval(mins => n), 1, 1, gen_random_uuid(),
         'A letter from long ago, number ' || n
  from generate_series(1, $2::int) n`;
