import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

test('so many of one key go on at once, the rest follow in order, and other keys do not wait', async () => {
  const turns = createTurns({ atOnce: 2, waitingMax: 10 });
  const began: string[] = [];
  const begin = async (key: string, name: string): Promise<() => void> => {
    const end = await turns.begin(key);
    began.push(name);
    return end;
  };
  const first = await begin('a', 'a1');
  const second = await begin('a', 'a2');
  const third = begin('a', 'a3');
  const fourth = begin('a', 'a4');
  (await begin('b', 'b1'))();
  expect(began).toEqual(['a1', 'a2', 'b1']);
  second();
  second();
  (await third)();
  await fourth;
  expect(began).toEqual(['a1', 'a2', 'b1', 'a3', 'a4']);
  first();
});

test('who comes when the line is full is refused, and is let in when it has gone', async () => {
  const turns = createTurns({ atOnce: 1, waitingMax: 1 });
  const first = await turns.begin('a');
  const second = turns.begin('a');
  await expect(turns.begin('a')).rejects.toMatchObject({ code: 'rate_limited' });
  first();
  (await second)();
  (await turns.begin('a'))();
});
