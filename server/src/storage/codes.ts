import type {
  ActVia,
  LedgerKind,
  Origin,
  PersonKind,
  Place,
  Purpose,
  QuietReason,
  Reach,
} from '@aside/protocol';
import type { ContactState } from '../domain/contact.ts';

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
export const folders = code<Place>({ inbox: 1, requests: 2, archive: 3, closed: 4 });
export const personKinds = code<PersonKind>({ person: 1, brand: 2, bot: 3 });
export const reaches = code<Reach>({ nobody: 0, following: 1, everyone: 2 });
export const contacts = code<ContactState>({ none: 0, pending: 1, accepted: 2, closed: 3 });
export const ledgerKinds = code<LedgerKind>({
  wrote_first: 1,
  replied: 2,
  accept: 3,
  unaccept: 4,
  decline: 5,
  block: 6,
  unblock: 7,
  grant: 8,
  revoke: 9,
  reply_credit: 10,
});
export const actVias = code<ActVia>({
  session: 1,
  key: 2,
  message: 3,
  keyword: 4,
  link: 5,
  owner: 6,
});

const quietBits: Record<QuietReason, number> = { similar: 1, link: 2, new_account: 4, reports: 8 };

/** Reasons ↔ the bits in which they are stored. */
export function toQuietBits(reasons: readonly QuietReason[]): number {
  return reasons.reduce((bits, reason) => bits | quietBits[reason], 0);
}

export function toQuietReasons(bits: number): QuietReason[] {
  return (Object.keys(quietBits) as QuietReason[]).filter((reason) => bits & quietBits[reason]);
}
