import { useSyncExternalStore } from 'react';
import { en } from './en.ts';
import { createFormats, type Formats } from './formats.ts';

// Which words the page speaks. English is in the first load; German comes when it is asked for.

export type Key = keyof typeof en;
export type Language = 'en' | 'de';
export type LanguageChoice = Language | 'auto';
export interface Plural {
  readonly one: string;
  readonly other: string;
}
/** A catalogue has every key of the English one, as a sentence or a plural where that one has it. */
export type Catalogue = { readonly [K in Key]: (typeof en)[K] extends string ? string : Plural };

type Names<S> = S extends `${string}{${infer N}}${infer Rest}` ? N | Names<Rest> : never;
type NamesOf<E> = E extends string ? Names<E> : Names<E[keyof E]>;
type Values<K extends Key> = [NamesOf<(typeof en)[K]>] extends [never]
  ? []
  : [Record<NamesOf<(typeof en)[K]>, string | number>];

export interface Words extends Formats {
  readonly language: Language;
  /** The sentence for a key, with its names filled in; a plural is chosen by `count`. */
  t<K extends Key>(key: K, ...values: Values<K>): string;
}

const storageKey = 'aside.language';
const listeners = new Set<() => void>();
let current = makeWords('en', en);

/** The words of now; the component renders again when the language changes. */
export function useWords(): Words {
  return useSyncExternalStore(subscribe, () => current);
}

export function languageChoice(): LanguageChoice {
  const stored = read(storageKey);
  return stored === 'en' || stored === 'de' ? stored : 'auto';
}

/** Loads what the choice needs, then switches every view at once. */
export async function chooseLanguage(choice: LanguageChoice): Promise<void> {
  try {
    if (choice === 'auto') localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, choice);
  } catch {
    // Storage is off: the choice holds until the page is closed.
  }
  await speak(choice === 'auto' ? browserLanguage() : choice);
}

/** For the start: the stored or the browser's language, before the first render. */
export function speakChosenLanguage(): Promise<void> {
  const choice = languageChoice();
  return speak(choice === 'auto' ? browserLanguage() : choice);
}

async function speak(language: Language): Promise<void> {
  current = language === 'de' ? await speakGerman() : makeWords('en', en);
  document.documentElement.lang = current.language;
  for (const listener of listeners) listener();
}

/** Without a connection the German words may not come; then the page speaks English rather than nothing. */
async function speakGerman(): Promise<Words> {
  try {
    return makeWords('de', (await import('./de.ts')).de);
  } catch {
    return makeWords('en', en);
  }
}

function browserLanguage(): Language {
  return /^de\b/i.test(navigator.language) ? 'de' : 'en';
}

function makeWords(language: Language, catalogue: Catalogue): Words {
  const formats = createFormats(regional(language));
  const plurals = new Intl.PluralRules(language);
  return {
    ...formats,
    language,
    t(key, ...values) {
      const entry = catalogue[key];
      const filled: Record<string, string | number> = values[0] ?? {};
      const sentence =
        typeof entry === 'string'
          ? entry
          : entry[plurals.select(Number(filled['count'])) === 'one' ? 'one' : 'other'];
      return fill(sentence, filled, formats);
    },
  };
}

function fill(sentence: string, values: Record<string, string | number>, formats: Formats): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? formats.number(value) : value;
  });
}

/** The browser's own region of the language decides between 14:03 and 2:03 pm. */
function regional(language: Language): string {
  const known = typeof navigator === 'undefined' ? [] : navigator.languages;
  return known.find((tag) => tag.toLowerCase().startsWith(language)) ?? language;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
