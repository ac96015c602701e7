import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { closeCodes, errorCatalogue } from '@aside/protocol';
import { knobs } from '../src/config.ts';
import { appForTest } from './_support/start-app.ts';

// What the code can do and what docs/ says it can do are the same, in both directions. `npm run docs` writes most of it.

const root = join(import.meta.dirname, '..', '..');
const read = (...path: string[]): Promise<string> => readFile(join(root, ...path), 'utf8');

describe('error codes', () => {
  test('each has its heading in docs/errors.md, and there is no other', async () => {
    const headings = found(await read('docs', 'errors.md'), /^## `([^`]+)`$/gm);
    expect(headings.sort()).toEqual(Object.keys(errorCatalogue).sort());
  });

  test('each stands there with its status, its sentence and what to do', async () => {
    const page = await read('docs', 'errors.md');
    for (const [code, { status, detail, remedy }] of Object.entries(errorCatalogue)) {
      const section = page.split(`## \`${code}\``)[1]?.split('\n## ')[0];
      for (const part of [`HTTP ${status}`, detail, remedy]) expect(section).toContain(part);
    }
  });

  test('each can really be answered', async () => {
    const source = await sourceOf('server', 'src');
    const dead = Object.keys(errorCatalogue).filter((code) => !source.includes(`'${code}'`));
    expect(dead).toEqual([]);
  });
});

test('each knob stands in the table of docs/operations.md with its default and range, and there is no other', async () => {
  const page = await read('docs', 'operations.md');
  const rows = found(page, /^\| `([A-Z][A-Z_]+)` \|.*$/gm);
  expect(rows).toEqual(Object.keys(knobs));
  for (const [name, knob] of Object.entries(knobs)) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
    const range = 'min' in knob ? [String(knob.min), String(knob.max)] : [];
    for (const part of [knob.default, knob.unit, knob.does, ...range]) expect(row).toContain(part);
  }
});

test('each knob is read by the configuration', async () => {
  const source = (await read('server', 'src', 'config.ts')).split('export interface Config')[1]!;
  expect(Object.keys(knobs).filter((name) => !source.includes(`'${name}'`))).toEqual([]);
});

test('each close code stands in docs/realtime.md, and there is no other', async () => {
  const rows = found(await read('docs', 'realtime.md'), /^\| (\d{4}) \|/gm);
  expect(rows).toEqual(Object.values(closeCodes).map(({ code }) => String(code)));
});

test('each frame that server or client may send stands in docs/realtime.md', async () => {
  const page = await read('docs', 'realtime.md');
  const source = await read('protocol', 'src', 'frames.ts');
  const names = [...found(source, /Type\.Literal\('(\w+)'\)/g), ...found(source, /\bt: '(\w+)'/g)];
  expect(names.length).toBeGreaterThan(12);
  const missing = names.filter(
    (name) => !page.includes(`\`${name}\``) && !page.includes(`"t":"${name}"`),
  );
  expect(missing).toEqual([]);
});

describe('the OpenAPI document', () => {
  test('and docs/api.md name the same routes', async () => {
    const headings = found(
      await read('docs', 'api.md'),
      /^## ((?:GET|POST|PUT|PATCH|DELETE) \S+)$/gm,
    );
    expect(headings.sort()).toEqual(Object.keys(await operations()).sort());
  });

  test('describes every route of this contract', async () => {
    expect(Object.keys(await operations())).toEqual(expect.arrayContaining(promised));
  });

  test('describes what each route answers', async () => {
    const silent = Object.entries(await operations()).filter(
      ([, { responses }]) =>
        !Object.keys(responses ?? {}).some((status) => status.startsWith('2') || status === '101'),
    );
    expect(silent.map(([route]) => route)).toEqual([]);
  });
});

/** The names that outside clients rely on, as far as this version goes. */
const promised = [
  'GET /healthz',
  'GET /metrics',
  'GET /api/socket',
  'POST /api/auth/sign-up/email',
  'POST /api/auth/sign-in/email',
  'POST /api/auth/sign-in/username',
  'POST /api/auth/sign-out',
  'GET /api/sessions',
  'DELETE /api/sessions/:id',
  'POST /api/keys',
  'GET /api/keys',
  'DELETE /api/keys/:id',
  'GET /api/me',
  'PATCH /api/me',
  'DELETE /api/me',
  'GET /api/export',
  'GET /api/settings',
  'PATCH /api/settings',
  'GET /api/people',
  'GET /api/people/:username',
  ...['follow', 'block', 'mute'].flatMap((word) => [
    `PUT /api/people/:username/${word}`,
    `DELETE /api/people/:username/${word}`,
  ]),
  'GET /api/blocks',
  'POST /api/people/:username/report',
  'GET /api/conversations',
  'GET /api/conversations/:id',
  'POST /api/conversations/with/:username/messages',
  'POST /api/conversations/:id/messages',
  'GET /api/conversations/:id/messages',
  'POST /api/conversations/:id/read',
  'POST /api/conversations/with/:username/check',
  'PATCH /api/conversations/:id/messages/:seq',
  'GET /api/conversations/:id/messages/:seq/why',
  ...['accept', 'decline', 'unaccept'].map((word) => `POST /api/conversations/:id/${word}`),
  'POST /api/requests',
  'GET /api/consent',
  'PUT /api/consent/:username/:purpose',
  'DELETE /api/consent/:username/:purpose',
  'GET /api/consent/ledger',
  'GET /api/unsubscribe/:token',
  'POST /api/unsubscribe/:token',
  'GET /api/held',
  'DELETE /api/held/:clientId',
  'POST /api/operator/people',
  'PUT /api/operator/people/:username/suspension',
  'DELETE /api/operator/people/:username/suspension',
  'POST /api/operator/clock',
];

interface Operation {
  responses?: Record<string, unknown>;
}

/** By `METHOD /path/:parameter`. */
async function operations(): Promise<Record<string, Operation>> {
  const app = await appForTest();
  const { paths } = (await (await fetch(`${app.url}/api/openapi.json`)).json()) as {
    paths: Record<string, Record<string, Operation>>;
  };
  return Object.fromEntries(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [
        `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
        operation,
      ]),
    ),
  );
}

async function sourceOf(...path: string[]): Promise<string> {
  const names = await readdir(join(root, ...path), { recursive: true });
  const files = names.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  return (await Promise.all(files.map((name) => read(...path, name)))).join('\n');
}

function found(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1]!);
}
