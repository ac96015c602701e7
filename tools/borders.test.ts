// The borders of docs/architecture.md are lint rules. Each is shown to hold: a file that crosses it is
// refused, and its lawful twin passes.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const repository = join(import.meta.dirname, '..');
const oxlint = join(
  dirname(createRequire(import.meta.url).resolve('oxlint/package.json')),
  'bin',
  'oxlint',
);

/** [file, what it imports, whether that is allowed] */
type Crossing = readonly [file: string, specifier: string, isAllowed: boolean];

const no = false;
const yes = true;

const server: Crossing[] = [
  ['protocol/src/x.ts', './errors.ts', yes],
  ['protocol/src/x.ts', 'typebox', yes],
  ['protocol/src/x.ts', 'node:fs', no],
  ['protocol/src/x.ts', 'fastify', no],
  ['protocol/src/x.ts', '../../server/src/base/ids.ts', no],
  ['server/src/base/x.ts', '@aside/protocol', yes],
  ['server/src/base/x.ts', '../domain/y.ts', no],
  ['server/src/base/x.ts', '../storage/y.ts', no],
  ['server/src/base/x.ts', '../config.ts', no],
  ['server/src/domain/x.ts', '@aside/protocol', yes],
  ['server/src/domain/x.ts', '../base/ids.ts', yes],
  ['server/src/domain/x.ts', '../storage/y.ts', no],
  ['server/src/domain/x.ts', '../actions/y.ts', no],
  ['server/src/domain/x.ts', 'node:fs', no],
  ['server/src/domain/x.ts', 'pg', no],
  ['server/src/domain/x.ts', '@fastify/static', no],
  ['server/src/domain/x.ts', '../base/log.ts', no],
  ['server/src/storage/x.ts', '../domain/y.ts', yes],
  ['server/src/storage/x.ts', 'pg', yes],
  ['server/src/storage/deep/x.ts', '../../actions/y.ts', no],
  ['server/src/storage/x.ts', '../queries/y.ts', no],
  ['server/src/actions/x.ts', '../storage/y.ts', yes],
  ['server/src/actions/x.ts', '../queries/y.ts', no],
  ['server/src/actions/x.ts', '../delivery/bus.ts', no],
  ['server/src/actions/x.ts', '../notifications/y.ts', no],
  ['server/src/actions/x.ts', '../edges/http/y.ts', no],
  ['server/src/actions/x.ts', '../app.ts', no],
  ['server/src/actions/x.ts', '../app-jobs.ts', no],
  ['server/src/queries/x.ts', '../storage/y.ts', yes],
  ['server/src/queries/x.ts', '../actions/y.ts', no],
  ['server/src/queries/x.ts', '../delivery/y.ts', no],
  ['server/src/delivery/x.ts', '../storage/y.ts', yes],
  ['server/src/delivery/x.ts', '../actions/y.ts', no],
  ['server/src/delivery/x.ts', '../edges/ws/y.ts', no],
  ['server/src/notifications/x.ts', '../storage/y.ts', yes],
  ['server/src/notifications/x.ts', '../actions/y.ts', no],
  ['server/src/notifications/x.ts', '../delivery/y.ts', no],
  ['server/src/edges/ws/x.ts', '../../actions/y.ts', yes],
  ['server/src/edges/ws/x.ts', '../../delivery/live-sockets.ts', yes],
  ['server/src/edges/ws/x.ts', '../../delivery/bus.ts', no],
  ['server/src/edges/http/x.ts', '../../notifications/y.ts', no],
  ['server/src/edges/http/x.ts', '../../app.ts', no],
  ['server/src/edges/http/x.ts', '../../app-edges.ts', no],
  ['server/src/app.ts', './edges/http/y.ts', yes],
  ['server/src/app.ts', './main.ts', no],
  ['server/src/app-edges.ts', './edges/http/y.ts', yes],
  ['server/src/app-edges.ts', './main.ts', no],
  ['server/src/main.ts', './app.ts', yes],
  ['server/src/main.ts', '@aside/web', no],
];

const web: Crossing[] = [
  ['web/src/net/x.ts', '@aside/protocol', yes],
  ['web/src/net/x.ts', '../store/y.ts', no],
  ['web/src/net/x.ts', 'react', no],
  ['web/src/store/x.ts', '@aside/protocol', yes],
  ['web/src/store/x.ts', 'react', no],
  ['web/src/store/x.ts', '../views/y.tsx', no],
  ['web/src/store/x.ts', '../platform/y.ts', no],
  ['web/src/ui/x.tsx', 'react', yes],
  ['web/src/ui/x.tsx', '../views/y.tsx', no],
  ['web/src/ui/x.tsx', '../store/y.ts', no],
  ['web/src/platform/x.ts', '../views/y.tsx', no],
  ['web/src/views/x.tsx', '../store/y.ts', yes],
  ['web/src/views/x.tsx', '../main.tsx', no],
];

/** Reaching for what is not an import. */
const reaching = [
  ['server/src/domain/x.ts', 'export const x = Date.now();'],
  ['server/src/domain/x.ts', 'export const x = Math.random();'],
  ['server/src/domain/x.ts', `export const x = fetch('/');`],
  ['server/src/domain/x.ts', 'export const x = process.env;'],
  ['web/src/store/x.ts', 'export const x = document.title;'],
  ['web/src/store/x.ts', 'export const x = localStorage.length;'],
] as const;

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

for (const [file, specifier, isAllowed] of [...server, ...web]) {
  test(`${file} ${isAllowed ? 'may' : 'may not'} import ${specifier}`, () => {
    expect(complaintsAbout({ [file]: `export * from '${specifier}';\n` })).toEqual(
      isAllowed ? [] : ['eslint(no-restricted-imports)'],
    );
  });
}

test('a type import crosses a border as much as a value', () => {
  const file = { 'server/src/actions/x.ts': `export type { Y } from '../delivery/y.ts';\n` };
  expect(complaintsAbout(file)).toEqual(['eslint(no-restricted-imports)']);
});

test('a test beside the source may reach for the house of the tests', () => {
  const file = { 'server/src/domain/x.test.ts': `export * from '../../test/_support/y.ts';\n` };
  expect(complaintsAbout(file)).toEqual([]);
});

test.each(reaching)('%s may not reach out: %s', (file, source) => {
  const [complaint] = complaintsAbout({ [file]: `${source}\n` });
  expect(complaint).toMatch(/^eslint\(no-restricted-(globals|properties)\)$/);
});

test('two files that need each other are a knot, even by types alone', () => {
  const files = {
    'server/src/base/x.ts': `import type { Y } from './y.ts';\nexport interface X { y: Y }\n`,
    'server/src/base/y.ts': `import type { X } from './x.ts';\nexport interface Y { x: X }\n`,
  };
  expect(complaintsAbout(files)).toContain('import(no-cycle)');
});

test('a file over 400 lines and a function over 60 are refused', () => {
  const long = `export function x(): void {\n${'  console.log(1);\n'.repeat(401)}}\n`;
  expect(complaintsAbout({ 'server/src/base/x.ts': long })).toEqual([
    'eslint(max-lines)',
    'eslint(max-lines-per-function)',
  ]);
});

/** The rules that refuse these files, under the project's own configuration. */
function complaintsAbout(files: Record<string, string>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'aside-borders-'));
  folders.push(folder);
  cpSync(join(repository, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  for (const [path, source] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), source);
  }
  const { stdout, stderr } = spawnSync(process.execPath, [oxlint, '--format', 'json'], {
    cwd: folder,
    encoding: 'utf8',
  });
  const report = parse(stdout, stderr);
  return [...new Set(report.diagnostics.map(({ code }) => code))].toSorted();
}

function parse(stdout: string, stderr: string): { diagnostics: { code: string }[] } {
  try {
    return JSON.parse(stdout) as { diagnostics: { code: string }[] };
  } catch {
    throw new Error(`oxlint did not answer: ${stdout}${stderr}`);
  }
}
