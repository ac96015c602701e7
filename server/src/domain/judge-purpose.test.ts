import { describe, expect, test } from 'vitest';
import type { Origin, PersonKind, Purpose } from '@aside/protocol';
import { findPromotionalRule, judgePurpose } from './judge-purpose.ts';
import { promotionalRules } from './promotional-rules.ts';

const plain = 'Your order 4412 has shipped.';
const offer = '20 % off everything this week!';
const strictness: Purpose[] = ['personal', 'service', 'automated', 'promotional'];
const origins: Origin[] = ['interactive', 'automated'];
const kinds: PersonKind[] = ['person', 'brand', 'bot'];

const every = [undefined, ...strictness].flatMap((claimed) =>
  origins.flatMap((origin) =>
    kinds.flatMap((senderKind) =>
      [plain, offer].map((text) => ({ claimed, origin, senderKind, text })),
    ),
  ),
);

test('a purpose only moves towards the stricter side, and a rule is named exactly when it moved', () => {
  for (const message of every) {
    const claimed = message.claimed ?? 'personal';
    const { purpose, rule } = judgePurpose(message);
    expect(strictness.indexOf(purpose)).toBeGreaterThanOrEqual(strictness.indexOf(claimed));
    expect(rule !== null).toBe(purpose !== claimed);
  }
});

test('automated origin is never personal', () => {
  for (const message of every.filter((one) => one.origin === 'automated')) {
    expect(judgePurpose(message).purpose).not.toBe('personal');
  }
  const message = { origin: 'automated', senderKind: 'person', text: plain } as const;
  const automated = { purpose: 'automated', rule: 'automated_origin' };
  expect(judgePurpose(message)).toEqual(automated);
  expect(judgePurpose({ ...message, claimed: 'personal' })).toEqual(automated);
  expect(judgePurpose({ ...message, claimed: 'service' }).purpose).toBe('service');
  expect(judgePurpose({ ...message, claimed: 'promotional' }).purpose).toBe('promotional');
});

test('what a person writes to a person stays personal whatever it says', () => {
  const message = { origin: 'interactive', senderKind: 'person', text: offer } as const;
  expect(judgePurpose(message)).toEqual({ purpose: 'personal', rule: null });
});

test('an offer of a brand or a bot is an offer, whatever it claims to be', () => {
  for (const message of every.filter((one) => one.text === offer && one.senderKind !== 'person')) {
    expect(judgePurpose(message).purpose).toBe('promotional');
  }
  const message = { origin: 'interactive', senderKind: 'brand', text: plain } as const;
  expect(judgePurpose(message).purpose).toBe('personal');
});

test('an offer inside a service message makes an offer of it', () => {
  const text = `${plain} And now: ${offer}`;
  const message = {
    claimed: 'service',
    origin: 'interactive',
    senderKind: 'person',
    text,
  } as const;
  expect(judgePurpose(message)).toEqual({ purpose: 'promotional', rule: 'percent_off' });
  expect(judgePurpose({ ...message, text: plain }).purpose).toBe('service');
});

test('the example of every rule is hit by that rule first', () => {
  const hits = promotionalRules.map((rule) => findPromotionalRule(rule.example));
  expect(hits).toEqual(promotionalRules.map((rule) => rule.name));
});

describe('a line that sells is recognised', () => {
  test.each([
    ['percent_off', '２０％ ＯＦＦ'],
    ['percent_off', '2\u200b0 % о\u200bff'],
    ['percent_off', 'Nur heute 20 % Rabatt auf alles'],
    ['percent_off', 'Sparen Sie bis zu 50 Prozent'],
    ['money_off', '10 € Rabatt auf Ihre nächste Bestellung'],
    ['sale', 'Der Sommerschlußverkauf beginnt'],
    ['offer_ends', 'Das Angebot endet am Sonntag'],
    ['discount_code', 'Ihr Gutscheincode: SOMMER'],
    ['buy_now', 'Jetzt kaufen!'],
    ['buy_now', 'Shop now: bit.ly/x'],
    ['buy_now', 'Jetzt gleich online bestellen'],
    ['free_thing', 'Jetzt kostenlos testen'],
    ['prize', 'Congratulations, you’ve won a phone'],
    ['prize', 'You have been selected to receive a £900 reward'],
    ['prize', 'Nimm an unserem Gewinnspiel teil'],
    ['donate', 'Bitte spenden Sie für das Dach'],
    ['limited_time', 'Solange der Vorrat reicht'],
    ['newsletter_pitch', 'Abonniere unseren Newsletter'],
    ['new_in_shop', 'Entdecken Sie unsere neue Kollektion'],
    ['shop_link', 'Unsere Angebote: laden.de/heute'],
    ['cold_pitch', 'Earn £500 a week from home'],
  ])('%s: %s', (rule, text) => expect(findPromotionalRule(text)).toBe(rule));
});

describe('a line about something the reader began is not taken for an offer', () => {
  test.each([
    ['Your order 4412 has shipped'],
    ['Your appointment is on Tuesday'],
    ['Your refund of 20 % of the price was issued'],
    ['Your code is 1234'],
    ['Use the code 4412 to sign in'],
    ['Your order today was packed: track it at post.example.com/4412'],
    ['You can track your order now'],
    ['Your free trial ends on Friday; you will not be charged'],
    ['Your battery is at 20 %'],
    ['Your parcel waits at our shop. Only 2 days left to collect it'],
    ['Last chance to change your delivery address'],
    ['Your report is now available: bank.example.com'],
    ['Thank you for your donation. The receipt is attached'],
    ['You have won the match 3:1'],
    ['We received your offer and answer by Monday'],
    ['Your subscription was cancelled today'],
    ['Your table is booked for tonight'],
    ['Ihre Rechnung ist da'],
    ['Ihre Bestellung 4412 ist heute unterwegs'],
    ['Ihr Termin ist am Dienstag um 10 Uhr'],
    ['Ihr Kauf wurde storniert, 20 % werden erstattet'],
    ['Ihr Anmeldecode lautet 4412'],
    ['Vielen Dank für Ihre Spende'],
    ['Ihr Angebot liegt bei: Dachreparatur, 3 Tage'],
    ['Ihr Paket liegt nur noch heute bereit'],
    ['You have been selected for an interview on Monday'],
    ['Your payment of £500 was received'],
    ['Hello! Can I help you?'],
  ])('%s', (text) => expect(findPromotionalRule(text)).toBeNull());
});

// Fifty times the longest message: a pattern that tries again from each character would not come to an end.
test.each([
  '0',
  '0 ',
  '0%',
  '$1',
  'jetzt ',
  'claim your ',
  'sie haben ',
  'our deals ',
  'a.com ',
  'save up to ',
  ' ',
])('a hostile text of %j costs no more than its length', (piece) =>
  expect(findPromotionalRule(piece.repeat(500_000 / piece.length))).toBeNull(),
);
