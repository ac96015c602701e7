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
