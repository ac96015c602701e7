import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  canonicalText,
  areNearDuplicates,
  signatureOf,
} from '../server/src/domain/near-duplicate.ts';

// How many disguises of real texts are seen through, and how often two different texts of people are taken for one.
// The data is described in bench/data/README.md. The seed is fixed: two runs print the same.
// usage: node bench/near-duplicates.ts

type Disguise = (text: string, draw: Draw) => string;
/** A whole number from 0 to below `n`. */
type Draw = (n: number) => number;

const file = join(import.meta.dirname, 'data/sms-spam-collection.tsv');
const names = ['Anna', 'Ben', 'Chiara', 'Dimitri', 'Elif', 'Maximilian', 'Zoë', 'Abdulrahman'];
const greetings = [
  'Hi',
  'Hello',
  'Hey',
  'Good morning',
  'Dear',
  'Greetings',
  'Hiya',
  'Hello there',
];
const links = [
  'bit.ly/x7',
  'https://example.com/a/b?c=1',
  'www.example.org',
  'tinyurl.com/qwerty12',
];
const emoji = ['😀', '🎉', '👍🏽', '❤️', '🔥', '👨‍👩‍👧'];
const alike = new Map(
  [...'aаcсeеiіjјoоpрsѕxхyуAАBВEΕHΗIΙKΚMМNΝOОPРTТXХ'.matchAll(/(.)(.)/gu)].map(
    ([, latin = '', other = '']) => [latin, other],
  ),
);

/** Each makes the text of a second message; where the first one differs too, by a draw of its own. */
const disguises: Record<string, Disguise> = {
  'another name': (text, draw) => `${pick(names, draw)}, ${text}`,
  'another greeting': (text, draw) => `${pick(greetings, draw)} ${pick(names, draw)}! ${text}`,
  'another link': (text, draw) => `${text} ${pick(links, draw)}${draw(1e6)}`,
  'another number': (text, draw) =>
    `${text} 0${draw(9e8)}`.replaceAll(/\d+/g, (digits) =>
      digits.replaceAll(/\d/g, () => `${draw(10)}`),
    ),
  'emoji between words': (text, draw) =>
    text.replaceAll(' ', () => (draw(3) === 0 ? ` ${pick(emoji, draw)} ` : ' ')),
  'zero-width characters': (text, draw) =>
    text.replaceAll(/\p{L}/gu, (char) =>
      draw(3) === 0 ? `${char}${pick(['\u200b', '\u2060', '\u00ad'], draw)}` : char,
    ),
  'look-alike letters': (text, draw) =>
    text.replaceAll(/[a-z]/gi, (char) => (draw(3) === 0 ? (alike.get(char) ?? char) : char)),
  'look-alikes in capitals': (text, draw) =>
    text
      .toUpperCase()
      .replaceAll(/[A-Z]/g, (char) => (draw(3) === 0 ? (alike.get(char) ?? char) : char)),
  '15 % of words dropped': (text, draw) =>
    text
      .split(' ')
      .filter(() => draw(100) >= 15)
      .join(' '),
};
/** Here both texts are dressed, as a sender would do it: each recipient's has a name, link or number of its own. */
const bothDressed = new Set(['another name', 'another greeting', 'another link', 'another number']);

const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
for (const label of ['spam', 'ham']) {
  const texts = textsOf(label);
  console.log(`\n${label}: ${texts.length} distinct texts of 25 canonical characters or more`);
  for (const [name, disguise] of Object.entries(disguises)) printCaught(texts, name, disguise);
}
printFalsePairs(textsOf('ham'));

/** Distinct by their letters; too short ones are exempt from the rule. */
function textsOf(label: string): string[] {
  const texts = lines
    .filter((line) => line.startsWith(`${label}\t`))
    .map((line) => line.slice(label.length + 1));
  return [...new Set(texts)].filter((text) => signatureOf(text) !== null);
}

function printCaught(texts: string[], name: string, disguise: Disguise): void {
  const draw = drawsFrom(1);
  let tried = 0;
  let caught = 0;
  for (const text of texts) {
    const first = signatureOf(bothDressed.has(name) ? disguise(text, draw) : text);
    const second = signatureOf(disguise(text, draw));
    tried += 1;
    if (first && second && areNearDuplicates(first, second)) caught += 1;
  }
  const share = ((100 * caught) / tried).toFixed(2).padStart(6);
  console.log(`  ${name.padEnd(24)} ${share} %  (${caught} of ${tried})`);
}

/**
 * Pairs that the signatures take for one text. Where the exact share of common shingles says the same, or one text
 * repeats the other's canonical form, the pair is a repeat in the data and no mistake; the others are.
 */
function printFalsePairs(texts: string[]): void {
  const all = texts.map((text) => ({
    canonical: canonicalText(text),
    signature: signatureOf(text)!,
  }));
  const found = { identical: 0, similar: 0, false: 0 };
  for (let i = 0; i < all.length; i += 1) {
    for (let j = 0; j < i; j += 1) {
      const [a, b] = [all[i]!, all[j]!];
      if (areNearDuplicates(a.signature, b.signature)) found[kindOf(a.canonical, b.canonical)] += 1;
    }
  }
  const pairs = (all.length * (all.length - 1)) / 2;
  const perMillion = (count: number): string => ((count * 1e6) / pairs).toFixed(2);
  console.log(`\nham: ${pairs} pairs of distinct texts`);
  console.log(`  same canonical text      ${found.identical} (repeats in the data)`);
  console.log(
    `  exact Jaccard >= 0.5     ${found.similar} (near-repeats, ${perMillion(found.similar)} per million)`,
  );
  console.log(
    `  exact Jaccard < 0.5      ${found.false} (false, ${perMillion(found.false)} per million)`,
  );
  console.log(`  all but the same text    ${perMillion(found.similar + found.false)} per million`);
}

function kindOf(a: string, b: string): 'identical' | 'similar' | 'false' {
  if (a === b) return 'identical';
  const [one, two] = [shinglesOf(a), shinglesOf(b)];
  const common = [...one].filter((shingle) => two.has(shingle)).length;
  return common / (one.size + two.size - common) >= 0.5 ? 'similar' : 'false';
}

function shinglesOf(canonical: string): Set<string> {
  const chars = Array.from(canonical);
  return new Set(chars.slice(3).map((_, i) => chars.slice(i, i + 4).join('')));
}

function pick<T>(from: readonly T[], draw: Draw): T {
  return from[draw(from.length)]!;
}

/** xorshift32 after Marsaglia (2003): the same draws on every machine. */
function drawsFrom(seed: number): Draw {
  let state = Math.imul(seed, 0x9e3779b9) | 1;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}
