// A real Chromium for tests: the one that is installed, else the one inside an npm package.

import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';
import { packedChromium } from './packed-chromium.ts';

const installed = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Nothing in a test may call home, and a closed network must not slow it down. */
const flags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Launches a headless Chromium: `CHROME_PATH`, an installed one, or the packed one. The caller closes it.
 * Throws a sentence on what to install where there is none.
 */
export async function launchBrowser(): Promise<Browser> {
  const { path, env } = await findBrowser();
  // Chromium's sandbox refuses to run as root.
  const args = process.getuid?.() === 0 ? [...flags, '--no-sandbox'] : flags;
  return chromium.launch({ executablePath: path, args, env: { ...definedEnvironment(), ...env } });
}

async function findBrowser(): Promise<{ path: string; env: Record<string, string> }> {
  const path = process.env['CHROME_PATH'] ?? installed.find((candidate) => existsSync(candidate));
  const found = path ? { path, env: {} } : await packedChromium();
  if (found) return found;
  throw new Error('no browser for the tests: install Chromium, or set CHROME_PATH to one');
}

function definedEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(entries);
}
