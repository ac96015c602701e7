import { describe, expect, test } from 'vitest';
import {
  areNearDuplicates,
  canonicalText,
  decodeSignature,
  encodeSignature,
  signatureOf,
  similarity,
} from './near-duplicate.ts';

const pitch =
  'Hi Anna, I help small shops to sell more with less work. Call 555 0117 or see bit.ly/grow and we talk this week!';

function sign(text: string): Uint32Array {
  return signatureOf(text)!;
}

test('the canonical text is what is left without disguises', () => {
  expect(
    canonicalText('Hi Anna!\n ＧＲＥＡＴ dеаls, 30 % off 😀 at bit.ly/x-1 … call 0800-123'),
  ).toBe('hi anna great deals 0 off at @ call 00');
  expect(canonicalText('@ 😀 !!!')).toBe('');
});

describe('a disguise makes no other text of it', () => {
  test.each([
    ['another name', pitch.replace('Anna', 'Maximilian')],
    ['another greeting', pitch.replace('Hi Anna', 'Good morning dear Anna')],
    ['another link', pitch.replace('bit.ly/grow', 'https://example.com/a/long/path?id=7')],
    ['another number', pitch.replace('555 0117', '555 0199')],
    ['emoji between words', pitch.replaceAll(' ', ' 😀 ')],
    ['zero-width characters in words', pitch.replaceAll('e', 'e\u200b')],
    ['look-alike letters', pitch.replaceAll('o', 'о').replaceAll('e', 'е').replaceAll('a', 'а')],
    ['capitals', pitch.toUpperCase()],
    [
      'full width',
      pitch.replaceAll(/[a-z]/g, (c) => String.fromCodePoint(c.codePointAt(0)! + 0xfee0)),
    ],
    ['punctuation', pitch.replaceAll(' ', '. ')],
    ['a word dropped here and there', pitch.replace('small ', '').replace('with ', '')],
  ])('%s', (_, text) => expect(areNearDuplicates(sign(pitch), sign(text))).toBe(true));
});

test('two texts of two people are two texts', () => {
  const other =
    'Hi Anna, we met at the fair in Linz. Do you still have the photos of the old tram?';
  expect(areNearDuplicates(sign(pitch), sign(other))).toBe(false);
});

test('a text under 25 canonical characters has no signature', () => {
  expect(signatureOf('a'.repeat(24))).toBeNull();
  expect(signatureOf('a'.repeat(25))).not.toBeNull();
  expect(signatureOf(`${'a'.repeat(24)}${'!😀\u200b'.repeat(50)}`)).toBeNull();
  expect(signatureOf('𐍈'.repeat(24))).toBeNull();
  expect(signatureOf('𐍈'.repeat(25))).not.toBeNull();
  expect(signatureOf('')).toBeNull();
});

test('half of the slots are enough, one less is not', () => {
  const a = sign(pitch);
  const withEqual = (count: number): Uint32Array => a.map((slot, i) => (i < count ? slot : ~slot));
  expect(similarity(a, a)).toBe(1);
  expect(similarity(a, withEqual(16))).toBe(0.25);
  expect(areNearDuplicates(a, withEqual(32))).toBe(true);
  expect(areNearDuplicates(a, withEqual(31))).toBe(false);
});

test('the share of equal slots estimates the share of common shingles', () => {
  const words = Array.from({ length: 600 }, (_, i) => `${((i * 7919) % 9973).toString(36)}word`);
  const letters = words.map((word) => word.replaceAll(/\d/g, (d) => 'qxzjkvwpyf'[Number(d)]!));
  const shared = letters.slice(0, 300).join(' ');
  const a = `${shared} ${letters.slice(300, 400).join(' ')}`;
  const b = `${shared} ${letters.slice(400, 500).join(' ')}`;
  // Three standard errors of 64 draws.
  expect(Math.abs(similarity(sign(a), sign(b)) - jaccard(a, b))).toBeLessThan(0.19);
});

test('a stored signature comes back as it was, from part of a larger buffer too', () => {
  const signature = sign(pitch);
  const bytes = encodeSignature(signature);
  expect(bytes).toHaveLength(256);
  expect(decodeSignature(bytes)).toEqual(signature);
  expect(decodeSignature(Buffer.concat([Buffer.alloc(3), bytes]).subarray(3))).toEqual(signature);
  expect(() => decodeSignature(bytes.subarray(1))).toThrow('255 bytes');
});

const pinned = [
  '83beff7180b8d08383484270859b8d6c843a88db82ef590c8050a70880636750',
  '86cae62d835f674b81306ce382f7dd1e819b172c8708d1d182a620958b6e6894',
  '805dd74780bdb5c6813354ca83cd930084470b628f16e4238881471181450c8a',
  '808730d0817c9b518109719b80e8713f82facbd18218135b808402bc83e3d3f0',
  '800fbace81103041846ba1468228ae7e807018ef8278e4518404641484ff4563',
  '80d9f5b680ac0e7883b1360484a97c4988459b18845a2b84812344cf81f5de89',
  '8a671cd7867228148860ae3581dc78c5804b8b1b8af02cea81cfa92980a145e9',
  '80fabfd28044255b819f86ba81b5179d89ef0c56872cce6485376e2885db04d6',
].join('');

// Signatures are stored: this example may never change.
test('a signature stays what it was when it was stored', () => {
  const text = 'Hello! I help small shops to sell more. Shall we talk this week?';
  expect(canonicalText(text)).toBe('hello i help small shops to sell more shall we talk this week');
  expect(Buffer.from(encodeSignature(sign(text))).toString('hex')).toBe(pinned);
});

function jaccard(a: string, b: string): number {
  const [one, two] = [a, b].map((text) => {
    const chars = canonicalText(text);
    return new Set(Array.from({ length: chars.length - 3 }, (_, i) => chars.slice(i, i + 4)));
  });
  const common = [...one!].filter((shingle) => two!.has(shingle)).length;
  return common / (one!.size + two!.size - common);
}
