import type { Page } from 'playwright-core';

export interface State {
  name: string;
  path: string;
  /** Text that stands there when the state is complete. */
  shows?: string;
  act?: (page: Page) => Promise<void>;
  signedOut?: boolean;
  /** Another person of the demo than Mara. */
  as?: string;
  locale?: string;
}

export async function openThread(page: Page, name: string): Promise<void> {
  await page.getByRole('list', { name: 'Conversations' }).getByRole('link', { name }).click();
  await page.getByRole('textbox', { name: /^Message to/ }).waitFor();
  await page.locator('.message').first().waitFor();
}
