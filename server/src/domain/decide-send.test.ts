import { expect, test } from 'vitest';
import type { Reach } from '@aside/protocol';
import { decideSend, type SendDecision } from './decide-send.ts';
import type { Standing } from './standing.ts';

// The rule written a second time, as a table of "first match wins", and compared over every combination there is.

const reaches: Reach[] = ['nobody', 'following', 'everyone'];
const facts = [
  'isSelf',
  'recipientGone',
  'recipientBlocksSender',
  'senderBlocksRecipient',
  'recipientWrote',
  'recipientFollowsSender',
] as const;

const all: Standing[] = reaches.flatMap((reach) =>
  Array.from({ length: 2 ** facts.length }, (_, bits) => ({
    ...(Object.fromEntries(facts.map((fact, i) => [fact, (bits & (1 << i)) !== 0])) as Omit<
      Standing,
      'reach'
    >),
    reach,
  })),
);

type Answer = 'deliver' | (SendDecision & { outcome: 'refuse' })['code'];
const table: [(s: Standing) => boolean, Answer][] = [
  [(s) => s.isSelf, 'deliver'],
  [(s) => s.recipientGone, 'recipient_gone'],
  [(s) => s.senderBlocksRecipient, 'you_blocked'],
  [(s) => s.recipientBlocksSender, 'not_accepting'],
  [(s) => s.recipientWrote, 'deliver'],
  [(s) => s.reach === 'everyone', 'deliver'],
  [(s) => s.reach === 'following' && s.recipientFollowsSender, 'deliver'],
  [() => true, 'not_accepting'],
];

test('every combination of facts is decided by the first rule of the table that fits', () => {
  expect(all).toHaveLength(192);
  for (const standing of all) {
    const expected = table.find(([fits]) => fits(standing))![1];
    expect([standing, answerTo(standing)]).toEqual([standing, expected]);
  }
});

test('a block cannot be told from a reach of nobody', () => {
  for (const standing of all.filter((s) => s.recipientBlocksSender)) {
    const closedDoor: Standing = {
      ...standing,
      recipientBlocksSender: false,
      recipientWrote: false,
      reach: 'nobody',
    };
    expect(decideSend(standing)).toEqual(decideSend(closedDoor));
  }
});

test('whatever is delivered arrives in the inbox', () => {
  const delivered = all.map(decideSend).filter((decision) => decision.outcome === 'deliver');
  expect(delivered.length).toBeGreaterThan(0);
  for (const decision of delivered) expect(decision.arrives).toBe('inbox');
});

function answerTo(standing: Standing): Answer {
  const decision = decideSend(standing);
  return decision.outcome === 'deliver' ? 'deliver' : decision.code;
}
