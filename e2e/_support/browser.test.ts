import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { launchBrowser } from './browser.ts';

test('a real browser opens a page of ours, runs its script and shows its text', async () => {
  const address = await serve(
    '<!doctype html><h1>…</h1><script>document.querySelector("h1").textContent = [1, 2].at(-1) + " ✓"</script>',
  );
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  await page.goto(address);
  expect(await page.getByRole('heading').textContent()).toBe('2 ✓');
  const box = await page.getByRole('heading').boundingBox();
  expect(box?.height).toBeGreaterThan(10);
});

async function serve(html: string): Promise<string> {
  const server: Server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8').end(html);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
