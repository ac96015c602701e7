import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideSend, type Attempt, type Budget } from './decide-send.ts';
import type { Standing } from './standing.ts';

// Single sentences about the pure decision. The whole law is compared with a second opinion in
// server/test/consent-model.test.ts.

const stranger: Standing = {
  isSelf: false,
  senderSuspended: false,
  recipientGone: false,
  recipientBlocksSender: false,
  senderBlocksRecipient: false,
  contact: 'none',
  resting: false,
  recipientWrote: false,
  recipientFollowsSender: false,
  reach: 'following',
  grants: 0,
  refusals: 0,
  credit: false,
};
const hello: Attempt = {
  origin: 'interactive',
  purpose: 'personal',
  text: 'Hello there',
};
const untouched: Budget = {
  similar: 0,
  unanswered: 0,
  similarUntil: null,
  unansweredUntil: null,
  senderAgeMs: 365 * 86_400_000,
  openReports: false,
};

const anyStanding: fc.Arbitrary<Standing> = fc.record({
  isSelf: fc.constant(false),
  senderSuspended: fc.constant(false),
  recipientGone: fc.constant(false),
  recipientBlocksSender: fc.boolean(),
  senderBlocksRecipient: fc.constant(false),
  contact: fc.constantFrom('none', 'pending', 'accepted', 'closed'),
  resting: fc.boolean(),
  recipientWrote: fc.boolean(),
  recipientFollowsSender: fc.boolean(),
  reach: fc.constantFrom('nobody', 'following', 'everyone'),
  grants: fc.integer({ min: 0, max: 7 }),
  refusals: fc.integer({ min: 0, max: 7 }),
  credit: fc.boolean(),
});
const anyAttempt: fc.Arbitrary<Attempt> = fc.record({
  origin: fc.constantFrom('interactive', 'automated'),
  purpose: fc.constantFrom('personal', 'service', 'automated', 'promotional'),
  text: fc.constantFrom('Hello there', 'Look at https://shop.example', 'x'.repeat(400)),
});

test('a blocked sender gets what a stranger gets whom nobody admits, whatever else holds', () => {
  fc.assert(
    fc.property(anyStanding, anyAttempt, (standing, attempt) => {
      const contact = standing.contact === 'accepted' ? 'none' : standing.contact;
      const closed = { ...standing, contact, reach: 'nobody', grants: 0, credit: false } as const;
      const blocked = decideSend({ ...standing, recipientBlocksSender: true }, attempt, {});
      expect(blocked).toEqual(decideSend({ ...closed, recipientBlocksSender: false }, attempt, {}));
    }),
  );
});

test('nothing of automated origin is ever let through as personal, or without a grant or a reply', () => {
  fc.assert(
    fc.property(anyStanding, anyAttempt, (standing, attempt) => {
      fc.pre(attempt.purpose !== 'personal');
      const none = { ...standing, grants: 0, credit: false };
      expect(decideSend(none, attempt, { budget: untouched }).outcome).toBe('refuse');
    }),
  );
});

test('a follow by the sender allows nothing, a follow by the recipient allows a request', () => {
  expect(decideSend(stranger, hello, {})).toEqual({ outcome: 'refuse', code: 'not_accepting' });
  const followed = { ...stranger, recipientFollowsSender: true };
  expect(decideSend(followed, hello, {})).toEqual({ outcome: 'weigh', needs: 'budget' });
  expect(decideSend(followed, hello, { budget: untouched })).toMatchObject({
    outcome: 'deliver',
    arrives: 'requests',
    quiet: [],
  });
});

test('what the sender has used up makes a request quiet first and refuses it later', () => {
  const open = { ...stranger, reach: 'everyone' } as const;
  const decide = (budget: Partial<Budget>): unknown =>
    decideSend(open, hello, { budget: { ...untouched, ...budget } });
  expect(decide({ similar: 1, unanswered: 39 })).toMatchObject({ quiet: [] });
  expect(decide({ similar: 2, unanswered: 9 })).toMatchObject({ quiet: ['similar'] });
  expect(decide({ similar: 2, unanswered: 10, similarUntil: 5 })).toEqual({
    outcome: 'refuse',
    code: 'bulk_needs_opt_in',
    untilMs: 5,
  });
  expect(decide({ unanswered: 40 })).toMatchObject({ code: 'slow_down' });
  expect(decide({ senderAgeMs: 7 * 86_400_000 - 1 })).toMatchObject({ quiet: ['new_account'] });
  expect(decide({ senderAgeMs: 7 * 86_400_000, openReports: true })).toMatchObject({
    quiet: ['reports'],
  });
});

test('a first message holds 280 characters as a reader counts them', () => {
  const open = { ...stranger, reach: 'everyone' } as const;
  const family = '👨‍👩‍👧‍👦';
  const decide = (text: string): unknown =>
    decideSend(open, { ...hello, text }, { budget: untouched });
  expect(decide(family.repeat(280))).toMatchObject({ outcome: 'deliver' });
  expect(decide(family.repeat(281))).toMatchObject({ code: 'first_contact_too_long' });
  expect(decide('a' + '\u0301'.repeat(2_000))).toMatchObject({ code: 'first_contact_too_long' });
});

test('a link of a host that is new to the sender is held from the sixth conversation on', () => {
  const accepted = { ...stranger, contact: 'accepted' } as const;
  const attempt = { ...hello, text: 'see https://new.example/x' };
  expect(decideSend(accepted, attempt, {})).toEqual({ outcome: 'weigh', needs: 'linkSpread' });
  expect(decideSend(accepted, attempt, { linkSpread: 5 })).toMatchObject({ outcome: 'deliver' });
  expect(decideSend(accepted, attempt, { linkSpread: 6 })).toEqual({ outcome: 'hold' });
  expect(decideSend(accepted, hello, {})).toMatchObject({ outcome: 'deliver', arrives: 'inbox' });
});
