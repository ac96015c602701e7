import { expect, test } from 'vitest';
import { createKeyedQueue } from './keyed-queue.ts';

test('work of one key runs in turn, that of another beside it, and a failure stops neither', async () => {
  const queue = createKeyedQueue({ perKeyMax: 10, max: 100 });
  const events: string[] = [];
  const step = async (name: string, fails = false): Promise<void> => {
    events.push(`${name} begins`);
    await Promise.resolve();
    await Promise.resolve();
    events.push(`${name} ends`);
    if (fails) throw new Error(name);
  };
  const outcomes = await Promise.allSettled([
    queue.run('one', () => step('a', true)),
    queue.run('one', () => step('b')),
    queue.run('other', () => step('c')),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  expect(events.indexOf('b begins')).toBeGreaterThan(events.indexOf('a ends'));
  expect(events.indexOf('c begins')).toBeLessThan(events.indexOf('a ends'));
});

test('what goes beyond a bound is refused by name, and there is room again afterwards', async () => {
  const queue = createKeyedQueue({ perKeyMax: 2, max: 3 });
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  const held = ['one', 'one', 'other'].map((key) => queue.run(key, () => gate));
  await expect(queue.run('one', () => gate)).rejects.toMatchObject({ code: 'rate_limited' });
  await expect(queue.run('third', () => gate)).rejects.toMatchObject({ code: 'overloaded' });
  open();
  await Promise.all(held);
  expect(await queue.run('one', async () => 'room')).toBe('room');
});
