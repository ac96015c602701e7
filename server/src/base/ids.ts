import type { Clock } from './clock.ts';

// 63-bit, time-ordered ids: 41 bits of milliseconds since 2026-01-01, 10 bits of node, 12 bits of count.
// They travel and are kept in memory as decimal strings; the database stores bigint.

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type PersonId = Branded<'PersonId'>;
export type ConversationId = Branded<'ConversationId'>;
export type MessageId = Branded<'MessageId'>;
export type SessionId = Branded<'SessionId'>;
export type KeyId = Branded<'KeyId'>;

const epochMs = Date.UTC(2026, 0, 1);
const maxPerMs = 4096;

export interface IdSource {
  /** A new id; unique on this node as long as the clock does not step back, and larger than all before it. */
  next<T extends string>(): T;
}

/** `node` is 0–1023, asked for each id; two processes of one community must differ. It may refuse. */
export function idSource(clock: Clock, node: () => number): IdSource {
  let lastMs = 0;
  let count = 0;
  return {
    next<T extends string>(): T {
      let ms = clock.now() - epochMs;
      if (ms <= lastMs) {
        ms = lastMs;
        count += 1;
        if (count === maxPerMs) {
          ms += 1;
          count = 0;
        }
      } else {
        count = 0;
      }
      lastMs = ms;
      return ((BigInt(ms) << 22n) | BigInt(node() << 12) | BigInt(count)).toString() as T;
    },
  };
}

const idPattern = /^[1-9][0-9]{0,18}$/;
const largest = 9_223_372_036_854_775_807n;

/** True for a decimal string that fits a positive bigint; anything else would be refused by the database with an error. */
export function isId(text: string): boolean {
  return idPattern.test(text) && (text.length < 19 || BigInt(text) <= largest);
}

/** Orders two ids by number, not by text; negative when `a` is the lower. */
export function compareIds(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
