import type { Folder, Origin, PersonKind, Purpose, Reach } from '@aside/protocol';

// Words on the wire ↔ small numbers in the tables. Numbers are never reused.

function code<Word extends string>(
  table: Record<Word, number>,
): {
  toNumber(word: Word): number;
  toWord(number: number): Word;
} {
  const words = new Map(Object.entries(table).map(([word, number]) => [number, word as Word]));
  return {
    toNumber: (word) => table[word],
    toWord(number) {
      const word = words.get(number);
      if (word === undefined) throw new Error(`unknown code ${number} in the database`);
      return word;
    },
  };
}

export const origins = code<Origin>({ interactive: 1, automated: 2 });
export const purposes = code<Purpose>({ personal: 1, service: 2, automated: 3, promotional: 4 });
export const folders = code<Folder>({ inbox: 1, requests: 2, archive: 3 });
export const personKinds = code<PersonKind>({ person: 1, brand: 2, bot: 3 });
export const reaches = code<Reach>({ nobody: 0, following: 1, everyone: 2 });
