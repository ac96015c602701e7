import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type FreshDatabase } from '../../test/_support/database.ts';
import { openDatabase } from './database.ts';
import { withPlanning } from './planning.ts';

let fresh: FreshDatabase;

beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

test.each([
  ['conversation', ['off', 'off', 'off']],
  ['person', ['off', 'on', 'on']],
  ['identity', ['on', 'on', 'on']],
] as const)('family %s is planned with %j', async (family, expected) => {
  expect(await settingsAt(withPlanning(family, fresh.urls[family]))).toEqual([...expected, '1s']);
});

test('options that the operator gave stay', async () => {
  for (const mark of ['?', '?connect_timeout=5&']) {
    const url = `${fresh.urls.conversation}${mark}options=-c%20deadlock_timeout%3D50ms`;
    expect(await settingsAt(withPlanning('conversation', url))).toEqual([
      'off',
      'off',
      'off',
      '50ms',
    ]);
  }
});

async function settingsAt(url: string): Promise<string[]> {
  const db = openDatabase(url, 1);
  try {
    const [row] = await db.query<{ all: string[] }>(
      `select array[current_setting('enable_seqscan'), current_setting('enable_hashjoin'),
                    current_setting('enable_mergejoin'), current_setting('deadlock_timeout')] as all`,
    );
    return row!.all;
  } finally {
    await db.end();
  }
}
