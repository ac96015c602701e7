import { expect, test } from 'vitest';
import { Members, type Beat } from './node-members.ts';

function beat(from: string, n: number, heard: Record<string, number> = {}): Beat {
  return { kind: 'beat', from, n, beat: n, heard };
}

test('a node that is alone has nobody to hear', () => {
  expect(new Members('a').provenAt()).toBe(Infinity);
  expect(new Members('a').areWhole()).toBe(true);
});

test('a beat of ours that comes back proves that we heard everything up to when we sent it', () => {
  const members = new Members('a');
  members.beat(1, 100);
  members.beat(2, 200);
  members.hear(beat('b', 1), 210);
  expect(members.provenAt()).toBe(-Infinity);
  members.hear(beat('b', 2, { a: 1 }), 300);
  expect(members.provenAt()).toBe(100);
  members.hear(beat('b', 3, { a: 2 }), 400);
  expect(members.provenAt()).toBe(200);
});

test('the one of whom we heard least decides, also one that only the table names', () => {
  const members = new Members('a');
  members.beat(1, 100);
  members.hear(beat('b', 1, { a: 1 }), 150);
  expect(members.provenAt()).toBe(100);
  members.list(['b', 'c'], 200);
  expect(members.provenAt()).toBe(-Infinity);
  expect(members.areWhole()).toBe(false);
  members.hear(beat('c', 1, { a: 1 }), 250);
  expect(members.provenAt()).toBe(100);
  expect(members.areWhole()).toBe(true);
});

test('what was said and not heard shows in the next word', () => {
  const members = new Members('a');
  expect(members.hear(beat('b', 1), 0)).toBe('whole');
  expect(members.hear(beat('b', 2), 1)).toBe('whole');
  expect(members.hear(beat('b', 4), 2)).toBe('lost');
  expect(members.hear(beat('b', 5), 3)).toBe('whole');
  expect(members.hear(beat('c', 7), 4)).toBe('lost');
});

test('after a doubt everybody has to be heard again', () => {
  const members = new Members('a');
  members.hear(beat('b', 1), 0);
  members.hear(beat('c', 1), 0);
  members.doubt();
  members.hear(beat('b', 2), 1);
  expect(members.areWhole()).toBe(false);
  members.hear(beat('c', 2), 2);
  expect(members.areWhole()).toBe(true);
});

test('who is silent counts until the table forgets it; who said good-bye does not, whatever an old look says', () => {
  const members = new Members('a');
  members.hear(beat('b', 1), 0);
  members.list(['b'], 60_000);
  expect(members.count).toBe(1);
  members.list([], 60_001);
  expect(members.count).toBe(0);
  members.hear(beat('c', 1), 60_002);
  members.list([], 60_003);
  expect(members.count).toBe(1);
  members.leave('c');
  members.list(['c'], 60_004);
  expect(members.count).toBe(0);
});
