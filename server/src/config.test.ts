import { describe, expect, test } from 'vitest';
import { StartupProblem } from './base/startup-problem.ts';
import { knobs, readConfig } from './config.ts';

const ranged = Object.entries(knobs).flatMap(([name, knob]) =>
  'min' in knob ? [[name, knob.min, knob.max] as const] : [],
);

test('without an environment the server has its documented defaults', () => {
  const config = readConfig({});
  expect(config).toMatchObject({
    port: 3000,
    host: '127.0.0.1',
    databaseUrls: null,
    operatorKey: null,
    testClock: false,
  });
  expect(config).toMatchObject({ sendRate: 20, sendBurst: 200, publicUrl: '' });
});

test('there are knobs with a range', () => expect(ranged.length).toBeGreaterThan(10));

describe.each(ranged)('%s takes whole numbers from %d to %d', (name, min, max) => {
  test('both ends are allowed', () => {
    for (const value of [min, max])
      expect(() => readConfig({ [name]: String(value) })).not.toThrow();
  });

  test.each([String(min - 1), String(max + 1), '1.5', 'many', 'NaN', 'Infinity', '1 2', '--1'])(
    'not %s, and the sentence names the knob',
    (value) => expect(problemOf({ [name]: value })).toContain(name),
  );
});

describe('knobs that are words', () => {
  test.each([
    ['LOG_LEVEL', 'loud'],
    ['PUBLIC_URL', 'aside.example'],
    ['PUBLIC_URL', 'ftp://aside.example'],
    ['PUBLIC_URL', 'https://aside.example/path'],
  ])('%s refuses %s', (name, value) => expect(problemOf({ [name]: value })).toContain(name));

  test('a public address with a final slash is the same address', () => {
    expect(readConfig({ PUBLIC_URL: 'https://aside.example/' }).publicUrl).toBe(
      'https://aside.example',
    );
  });
});

test('the test clock is refused in production', () => {
  expect(readConfig({ ASIDE_TEST_CLOCK: '1' }).testClock).toBe(true);
  expect(problemOf({ ASIDE_TEST_CLOCK: '1', NODE_ENV: 'production' })).toContain(
    'ASIDE_TEST_CLOCK',
  );
});

test('rules are left out only on the test clock, and only those there are', () => {
  const without = { ASIDE_BENCH_WITHOUT: 'quiet, brake' };
  expect(readConfig({ ...without, ASIDE_TEST_CLOCK: '1' }).benchWithout).toEqual([
    'quiet',
    'brake',
  ]);
  expect(problemOf(without)).toContain('ASIDE_BENCH_WITHOUT');
  const production = { ...without, ASIDE_TEST_CLOCK: '1', NODE_ENV: 'production' };
  expect(problemOf(production)).toContain('ASIDE_TEST_CLOCK');
  expect(problemOf({ ASIDE_BENCH_WITHOUT: 'all', ASIDE_TEST_CLOCK: '1' })).toContain('"all"');
});

test('each family falls back to the one database, and some without it are refused', () => {
  const one = 'postgres://all/all';
  const own = 'postgres://own/own';
  expect(readConfig({ DATABASE_URL: one, DATABASE_URL_PERSON: own }).databaseUrls).toEqual({
    conversation: one,
    person: own,
    identity: one,
    jobs: one,
  });
  expect(problemOf({ DATABASE_URL_PERSON: own })).toContain('DATABASE_URL');
});

test('an empty or blank knob counts as not set', () => {
  expect(readConfig({ PORT: '', SEND_RATE: '  ', ASIDE_OPERATOR_KEY: ' ' })).toMatchObject({
    port: 3000,
    sendRate: 20,
    operatorKey: null,
  });
});

function problemOf(env: Record<string, string>): string {
  try {
    readConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(StartupProblem);
    return (error as Error).message;
  }
  throw new Error(`nothing was wrong with ${JSON.stringify(env)}`);
}
