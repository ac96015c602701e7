import { fileLikeDomains, topLevelDomains, wordLikeDomains } from './top-level-domains.ts';

// What counts as a link in a message. The server's rules and the page use the same answer, so that nothing is live
// on a screen that the rules did not see.

/** One link: `text` is `slice(start, end)` of the message, in UTF-16 units, just as it was typed. */
export interface Link {
  start: number;
  end: number;
  text: string;
  /** What a click opens: http or https, without credentials, without invisible characters. */
  href: string;
  /** Lower-case ASCII (punycode), without a port and without a closing dot; the same for every disguise of it. */
  host: string;
}

/**
 * Finds links in order, never overlapping: `http(s)://…`, `www.…` and bare domains with a plausible ending. Full-width
 * letters, ideographic dots and zero-width characters are seen through, because browsers do the same. An e-mail
 * address, a number, a file name and a missing space after a full stop are no links. Linear in the length of the text.
 */
export function findLinks(text: string): Link[] {
  if (!mayHoldLink.test(text)) return [];
  const links: Link[] = [];
  for (const { 0: run, index } of text.matchAll(runs)) {
    if (!mayHoldLink.test(run)) continue;
    const seen = seeThrough(run);
    for (const span of findSpans(seen.text)) {
      const start = index + (seen.starts?.[span.start] ?? span.start);
      const end = index + (seen.ends?.[span.end - 1] ?? span.end);
      links.push({ start, end, text: text.slice(start, end), href: span.href, host: span.host });
    }
  }
  return links;
}

export function hasLink(text: string): boolean {
  return findLinks(text).length > 0;
}

/** The hosts of all links, each once, sorted by code unit. */
export function linkHosts(text: string): string[] {
  return [...new Set(findLinks(text).map((link) => link.host))].sort();
}

/**
 * The address in words, for places where it is not clickable: ASCII only, the host as the network knows it, no
 * credentials before it that could pass for a host, no invisible characters.
 */
export function spellOut(link: Pick<Link, 'href'>): string {
  const { pathname, search, hash } = new URL(link.href);
  return pathname === '/' && search === '' && hash === ''
    ? link.href.replace(/\/$/, '')
    : link.href;
}

interface Span {
  start: number;
  end: number;
  href: string;
  host: string;
}

/** What was found of an address before its path: where its name ends and how a browser reads it. */
interface Name {
  start: number;
  end: number;
  scheme: string;
  host: string;
}

const mayHoldLink = /[.:。．｡․﹒：﹕︓]/;
/** Text between white space, control characters, quotes and angle brackets. U+FEFF is no white space here. */
const runs = /[^\p{Z}\p{Cc}<>"`«»“”„]+/gu;
const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/u;
// A scheme, or a name with single dots. Neither part can be matched in two ways, so nothing is tried again.
const openings = /(https?:)[\\/]+|[\p{L}\p{N}\p{M}_-]+(?:[.。][\p{L}\p{N}\p{M}_-]+)*/giu;
const authority = /[^\\/?#]*/y;
const authorityHost = /\[[0-9a-f:.]+\]|[^\\/?#@:,;!'‘’()[\]{}|^、「」『』【】《》〈〉]+/iy;
const port = /:(\d{1,5})(?!\d)/y;
/** A path, a query or a fragment; ideographic punctuation ends a sentence, not an address. */
const tail = /[\\/?#][^|^。、「」『』【】《》〈〉]*/y;
const spacelessScript =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
/** The most a name in the DNS can have. */
const hostMaxChars = 253;

/** The run as a browser reads it; `starts` and `ends` lead each unit back to the character it came from. */
function seeThrough(run: string): { text: string; starts?: number[]; ends?: number[] } {
  if (/^[\x21-\x7e]*$/.test(run)) return { text: run };
  const starts: number[] = [];
  const ends: number[] = [];
  let text = '';
  let at = 0;
  for (const char of run) {
    const end = at + char.length;
    if (!invisible.test(char)) {
      const plain = plainForm(char);
      for (let i = 0; i < plain.length; i += 1) {
        starts.push(at);
        ends.push(end);
      }
      text += plain;
    }
    at = end;
  }
  return { text, starts, ends };
}

/** A full-width or styled character as a plain one; what would bring punctuation of its own (℀, …) stays. */
function plainForm(char: string): string {
  if (char < '\x80') return char;
  const folded = char.normalize('NFKC');
  return /^(?:[\x21-\x7e。]|[\p{L}\p{N}\p{M}]+)$/u.test(folded) ? folded : char;
}

function findSpans(text: string): Span[] {
  const spans: Span[] = [];
  openings.lastIndex = 0;
  for (let found = openings.exec(text); found; found = openings.exec(text)) {
    const start = found.index;
    const next = start + found[0].length;
    const names = found[1]
      ? readAuthority(text, start, next, found[1].toLowerCase())
      : readBareNames(text, start, next);
    openings.lastIndex = next;
    for (const name of names) {
      const span = readTail(text, name);
      if (span === null) continue;
      spans.push(span);
      openings.lastIndex = Math.max(next, span.end);
    }
  }
  return spans;
}

/** After `http://`: what stands before the last @ is a disguise, the host comes after it. */
function readAuthority(text: string, start: number, from: number, scheme: string): Name[] {
  const whole = matchAt(authority, text, from)?.[0] ?? '';
  const hostStart = from + whole.lastIndexOf('@') + 1;
  const typed = matchAt(authorityHost, text, hostStart)?.[0].replace(/[.。_*~-]+$/, '') ?? '';
  const host = readHost(typed);
  // `http://http://x.example` is a slip of the hand: the second one is meant.
  if (host === null || host === 'http' || host === 'https') return [];
  return [{ start, end: hostStart + typed.length, scheme, host }];
}

/** The host as a browser resolves it, or null when it would not. */
function readHost(typed: string): string | null {
  if (typed === '' || typed.length > hostMaxChars) return null;
  // Most are plain already, and reading an address costs a microsecond.
  if (/^(?:[a-z0-9]+[.-])+[a-z]+$/i.test(typed) && !/xn--/i.test(typed)) return typed.toLowerCase();
  return readAddress(`http://${typed}`)?.hostname.replace(/\.$/, '') || null;
}

function readAddress(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

/**
 * Without a scheme: from the right, the longest name that ends in a plausible ending, and what stands before it in a
 * script without spaces.
 */
function readBareNames(text: string, start: number, end: number): Name[] {
  if (text[end] === '@') return [];
  const names: Name[] = [];
  const labels = splitLabels(text, start, end);
  let before = end;
  for (let i = labels.length - 1; i > 0; i -= 1) {
    const ending = cutEnding(labels[i]!.text);
    const nameStart = labels[i - 1]!.nameStart;
    const nameEnd = labels[i]!.start + ending.length;
    const isTooLong = nameEnd - nameStart > hostMaxChars;
    if (labels[i]!.opensSentence || isTooLong || nameEnd > before) continue;
    const host = readBareHost(text, nameStart, nameEnd, ending);
    if (host === null) continue;
    names.push({ start: nameStart, end: nameEnd, scheme: 'https:', host });
    before = nameStart;
  }
  return names.reverse();
}

function readBareHost(text: string, start: number, end: number, ending: string): string | null {
  const name = text.slice(start, end);
  const hasPath = /^(?::\d{1,5})?[\\/?#][^\\/?#\p{P}]/u.test(text.slice(end, end + 9));
  // After an @ it is an e-mail address, unless a path follows: then a browser takes what is before it as a login.
  if (text[start - 1] === '@' && !hasPath) return null;
  return isPlausible(name, ending, hasPath) ? readHost(name) : null;
}

interface Label {
  start: number;
  text: string;
  /** Where a name begins that goes on after this label. */
  nameStart: number;
  /** An ideographic full stop after ideographs closed a sentence before it. */
  opensSentence: boolean;
}

function splitLabels(text: string, start: number, end: number): Label[] {
  const labels: Label[] = [];
  let at = start;
  for (const label of text.slice(start, end).split(/[.。]/)) {
    const before = labels.at(-1);
    const opensSentence =
      before !== undefined && text[at - 1] === '。' && !/[a-z0-9]$/i.test(before.text);
    // `看bit.ly` begins at `bit`: those scripts put no space before it.
    const latin = spacelessScript.test(label) ? /[a-z0-9-]+$/i.exec(label) : null;
    const own = at + (latin?.index ?? /^[-_]*/.exec(label)![0].length);
    const nameStart = before && !opensSentence && !latin ? before.nameStart : own;
    labels.push({ start: at, text: label, nameStart, opensSentence });
    at += label.length + 1;
  }
  return labels;
}

/** `ly谢谢` ends an address with `ly`: those scripts put no space behind it. */
function cutEnding(label: string): string {
  const latin = /^[a-z]+/i.exec(label)?.[0];
  return latin !== undefined && spacelessScript.test(label) ? latin : label;
}

function isPlausible(name: string, ending: string, hasPath: boolean): boolean {
  const labels = name.split(/[.。]/);
  if (labels[0] === '') return false;
  const lower = ending.toLowerCase();
  if (/^\d+(?:\.\d+){3}$/.test(name)) return hasPath;
  if (labels[0]!.toLowerCase() === 'www' && labels.length > 2) return /^\p{L}{2,}$/u.test(ending);
  if (/^xn--[a-z0-9-]+$/.test(lower)) return true;
  if (!topLevelDomains.has(lower)) return false;
  if (hasPath) return true;
  if (fileLikeDomains.has(lower)) return false;
  if (wordLikeDomains.has(lower) && /^\p{Lu}\p{Ll}+$/u.test(ending)) return false;
  // `9.to`, `k.so`: times and initials. One letter before a generic ending, as in x.com, is a name.
  const owner = labels.at(-2)!;
  return lower.length > 2 || (owner.length > 1 && !/^\d+$/.test(owner));
}

/** Takes port, path, query and fragment, without the punctuation of the sentence around them. */
function readTail(text: string, { start, end, scheme, host }: Name): Span | null {
  const number = matchAt(port, text, end);
  const isPort = number !== null && Number(number[1]) <= 65_535;
  const afterPort = isPort ? end + number[0].length : end;
  const typed = matchAt(tail, text, afterPort)?.[0] ?? '';
  const rest = trimClosing(typed);
  const href = readAddress(`${scheme}//${host}${isPort ? number[0] : ''}${rest}`)?.href;
  return href === undefined ? null : { start, end: afterPort + rest.length, href, host };
}

const pairs: Record<string, string> = { ')': '(', ']': '[', '}': '{' };

/** Drops closing punctuation; a bracket only when it was not opened inside, so that `/Aside_(film)` stays whole. */
function trimClosing(typed: string): string {
  if (typed === '') return typed;
  const surplus = new Map<string, number>();
  for (const [close, open] of Object.entries(pairs)) {
    surplus.set(close, typed.split(close).length - typed.split(open).length);
  }
  let end = typed.length;
  for (; end > 0; end -= 1) {
    const char = typed[end - 1]!;
    const left = surplus.get(char);
    if (left === undefined ? !/[.,;:!?'‘’*_~…]/.test(char) : left <= 0) break;
    if (left !== undefined) surplus.set(char, left - 1);
  }
  return typed.slice(0, end);
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
