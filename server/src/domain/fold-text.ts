import { findLinks } from '@aside/protocol';

// Text as a reader sees it, whatever characters drew it: what the rules compare instead of what was typed.

/**
 * Latin letters and the letters of other scripts that look like them, in either case. Our own selection of what
 * disguises use, after the idea and most of the pairs of Unicode Technical Standard 39 (confusables.txt). A letter that
 * looks like one letter when small and like another when large (ν and Ν) follows its small form. Stored signatures
 * depend on this table: a pair that is added makes texts with that letter new again, for 30 days.
 */
const lookAlikes: Record<string, string> = {
  a: 'аαⱥɑᴀꓮᎪ',
  b: 'вьβʙƀꓐᏏᏴ',
  c: 'сϲᴄꓚᏟↄ',
  d: 'ԁɖđᴅꓓᎠ',
  e: 'еєεɛɇᴇꓰᎬ',
  f: 'ƒғꜰꓝϝ',
  g: 'ɡցԍɢǥꓖᏀ',
  h: 'һнհʜħꓧᎻ',
  i: 'іιıɩɪꓲᎥ',
  j: 'јյϳᴊɉꓙᎫ',
  k: 'кκᴋƙꓗᏦқ',
  l: 'ӏłʟƚꓡᏞ',
  m: 'мᴍꓟᎷ',
  n: 'пηոɴꓠ',
  o: 'оοօσøɵөᴏꓳ',
  p: 'рρᴘꓑᏢ',
  q: 'ԛզ',
  r: 'гґʀꓣᎡᏒɍ',
  s: 'ѕꜱꓢᏚʂ',
  t: 'тτᴛŧꓔᎢ',
  u: 'υսᴜꓴʉ',
  v: 'νѵᴠꓦᏙ',
  w: 'ԝшωաᴡѡꓪᎳ',
  x: 'хχꓫ',
  y: 'уүγʏꓬᎩɏ',
  z: 'ᴢꓜᏃƶ',
};

const beyondAscii = /[\u0080-\u{10ffff}]/u;
const invisible = /[\p{M}\p{Cf}\p{Default_Ignorable_Code_Point}]+/gu;
const plainLetters = makePlainLetters();

/**
 * Folds case, width, style, accents, invisible characters and look-alike letters. Punctuation, digits, white space
 * and line breaks stay. Lower case comes before the look-alikes, so that a text in capitals folds to the same.
 */
export function foldText(text: string): string {
  const lower = decompose(text).toLowerCase();
  if (!beyondAscii.test(lower)) return lower;
  let folded = '';
  for (const char of lower) folded += plainLetters.get(char) ?? char;
  return folded;
}

/**
 * Like `foldText`, with each link as `token`, a string that stands nowhere else in the answer. Links are found before
 * letters are folded into others.
 */
export function foldWithLinks(text: string, token: string): string {
  const plain = decompose(text);
  const fold = (part: string): string => foldText(part).replaceAll(token, '');
  let folded = '';
  let from = 0;
  for (const { start, end } of findLinks(plain)) {
    folded += fold(plain.slice(from, start)) + token;
    from = end;
  }
  return folded + fold(plain.slice(from));
}

/** Compatibility decomposition without format characters and marks. */
function decompose(text: string): string {
  return text.normalize('NFKD').replace(invisible, '');
}

function makePlainLetters(): Map<string, string> {
  const letters = new Map<string, string>();
  for (const [plain, alike] of Object.entries(lookAlikes)) {
    for (const char of decompose(alike).toLowerCase()) letters.set(char, plain);
  }
  // White letters on dark circles and squares (🅢🅣🅞🅟), which have no decomposition.
  for (const first of [0x1f150, 0x1f170]) {
    for (let i = 0; i < 26; i += 1) {
      letters.set(String.fromCodePoint(first + i), String.fromCharCode(97 + i));
    }
  }
  return letters;
}
