// `npm run check`: format, lint, types, unused code, tests. Runs all of them whatever fails, says which
// did, and closes with the tests' plain line.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { runTests } from './test.ts';

const repository = join(import.meta.dirname, '..');

const steps = [
  ['format', 'oxfmt --check .'],
  ['lint', 'oxlint --type-aware --deny-warnings'],
  ['types', 'tsc -p tsconfig.json'],
  ['types of the page', 'tsc -p web/tsconfig.json'],
  ['unused code', 'knip'],
] as const;

const results = steps.map(([name, command]) => [name, succeeds(name, command)] as const);
heading('tests');
const tests = await runTests(process.argv.slice(2));
heading('summary');
for (const [name, isGood] of [...results, ['tests', tests.isGood] as const]) {
  process.stdout.write(`${isGood ? 'ok    ' : 'FAILED'} ${name}\n`);
}
process.stdout.write(`\n${tests.failures}${tests.line}\n`);
process.exitCode = tests.isGood && results.every(([, isGood]) => isGood) ? 0 : 1;

function succeeds(name: string, command: string): boolean {
  heading(`${name}: ${command}`);
  const [program = '', ...args] = command.split(' ');
  const path = join(repository, 'node_modules', '.bin', program);
  const { status } = spawnSync(path, args, {
    cwd: repository,
    // The programs in there begin with `#!/usr/bin/env node`, which must be this node.
    env: { ...process.env, PATH: `${join(process.execPath, '..')}:${process.env['PATH']}` },
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  return status === 0;
}

function heading(text: string): void {
  process.stdout.write(`\n== ${text}\n`);
}
