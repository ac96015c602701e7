// What a person sees and does on the page, in the words of the page.

import type { Locator, Page } from 'playwright-core';
import { until } from '../../server/test/_support/people.ts';

export function composer(page: Page): Locator {
  return page.getByRole('textbox', { name: /^Message to / });
}

/** Writes into the composer and presses Enter. */
export async function send(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press('Enter');
}

/** A message of the open conversation. */
export function bubble(page: Page, text: string): Locator {
  return page.locator('.message').filter({ hasText: text });
}

/** A conversation in the list, by the name of the other. */
export function row(page: Page, name: string): Locator {
  return page.getByRole('list', { name: 'Conversations' }).getByRole('link', { name });
}

/** A request in the list, by the name of who wrote it. */
export function request(page: Page, name: string): Locator {
  return page
    .getByRole('list', { name: 'Requests' })
    .getByRole('listitem')
    .filter({ has: page.getByRole('link', { name, exact: true }) });
}

/** How many requests wait, as the tab above the list says; 0 where it says nothing. */
export async function waitingCount(page: Page): Promise<number> {
  const tab = page.getByRole('navigation', { name: 'Folders' }).getByRole('link', {
    name: /^Requests/,
  });
  const [count = '0'] = /\d+/.exec((await tab.textContent()) ?? '') ?? [];
  return Number(count);
}

/** The texts of the open conversation, oldest first, as far as they stand on the page. */
export async function textsShown(page: Page): Promise<string[]> {
  const slots = await page
    .locator('.timeline-slot')
    .evaluateAll((elements) =>
      elements.map((element) => [
        element.getAttribute('data-index') ?? '',
        element.querySelector('.bubble-text')?.textContent ?? '',
      ]),
    );
  return slots.toSorted((a, b) => Number(a[0]) - Number(b[0])).map((slot) => slot[1] as string);
}

/** Waits until the conversation shows exactly these texts at its end. */
export async function seesLast(page: Page, texts: readonly string[]): Promise<void> {
  let seen: string[] = [];
  await until(async () => {
    seen = (await textsShown(page)).slice(-texts.length);
    return seen.join('\n') === texts.join('\n');
  }, 15_000).catch(() => {
    throw new Error(`expected …${JSON.stringify(texts)}, the page shows …${JSON.stringify(seen)}`);
  });
}
