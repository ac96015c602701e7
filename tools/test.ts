// `npm test`: runs all tests and closes with one plain line, `N passed, N failed`. What follows the
// command goes on to vitest: `npm test -- server/src/domain`, `npm test -- --project pure`.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Counts } from './count-reporter.ts';

const repository = join(import.meta.dirname, '..');

if (import.meta.main) {
  const { line, failures, isGood } = await runTests(process.argv.slice(2));
  process.stdout.write(`\n${failures}${line}\n`);
  process.exitCode = isGood ? 0 : 1;
}

export interface TestRun {
  /** `N passed, N failed`. */
  line: string;
  /** A line for each failure, to be printed right above that line: of a long run often only the end is kept. */
  failures: string;
  /** Something ran and nothing failed. */
  isGood: boolean;
}

/** Runs vitest with its output on ours. */
export async function runTests(args: string[]): Promise<TestRun> {
  const folder = mkdtempSync(join(tmpdir(), 'aside-counts-'));
  try {
    const path = join(folder, 'counts.json');
    const code = await runVitest(args, path);
    const { passed, failed, failures } = whatHappened(path, code);
    return {
      line: `${passed} passed, ${failed} failed`,
      failures: failures.map((failure) => `FAILED ${failure}\n`).join(''),
      isGood: failed === 0 && passed > 0,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runVitest(args: string[], countsPath: string): Promise<number | null> {
  const manifest = createRequire(import.meta.url).resolve('vitest/package.json');
  const reporters = [
    '--reporter=default',
    `--reporter=${join(import.meta.dirname, 'count-reporter.ts')}`,
  ];
  const command = [join(dirname(manifest), 'vitest.mjs'), 'run', ...reporters, ...args];
  const child = spawn(process.execPath, command, {
    cwd: repository,
    env: { ...process.env, ASIDE_TEST_COUNTS: countsPath },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  // In a terminal vitest hears Ctrl-C itself; we stay until it has put everything away.
  process.on('SIGINT', () => {});
  process.once('SIGTERM', () => child.kill('SIGTERM'));
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
}

/** A run that ended without counting, or badly in spite of its counts, has failed once more. */
function whatHappened(path: string, code: number | null): Counts {
  const counts = read(path) ?? { passed: 0, failed: 0, failures: [] };
  if (code !== 0 && counts.failed === 0) {
    counts.failed = 1;
    counts.failures.push(`the run itself: it ended with ${code} and counted no failure`);
  }
  return counts;
}

function read(path: string): Counts | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Counts;
  } catch {
    return undefined;
  }
}
