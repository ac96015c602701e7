import type { Page } from 'playwright-core';

// What a browser says about a page that does something it must not do.

/** A server that is away, or says no, is part of many tests; the browser reports each such answer here. */
const expected = [/Failed to load resource/, /WebSocket connection to/];

/** From now on adds to `complaints`: scripts that failed, violations of the policy, requests to anybody else. */
export function watchPage(page: Page, url: string, complaints: string[]): void {
  const own = new URL(url).host;
  page.on('request', (request) => {
    const to = new URL(request.url());
    const stays = ['data:', 'blob:', 'about:'].includes(to.protocol) || to.host === own;
    if (!stays) complaints.push(`asked ${request.url()}`);
  });
  page.on('websocket', (socket) => {
    if (new URL(socket.url()).host !== own) complaints.push(`connected to ${socket.url()}`);
  });
  page.on('pageerror', (error) => complaints.push(`failed: ${error.message}`));
  page.on('dialog', (dialog) => {
    complaints.push(`opened a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    const text = message.text();
    const isKnown = expected.some((pattern) => pattern.test(text));
    if (['error', 'warning'].includes(message.type()) && !isKnown) complaints.push(text);
  });
}
