import type { GrantPurpose, Grants, Place, Purpose, QuietReason } from '@aside/protocol';
import { law as trueLaw, type Law } from './consent-law.ts';
import type { Text } from './consent-texts.ts';

// What the oracle of the consent tests remembers, and how it stands at a given time.

export interface OraclePerson {
  username: string;
  /** Brands of one owner share refusals. */
  owner?: string;
  createdAt: number;
  reach: 'nobody' | 'following' | 'everyone';
  isGone: boolean;
}

/** How R stands to S: everything that R has decided about S, or lets happen. */
export interface Stance {
  personal: 'none' | 'pending' | 'accepted' | 'closed';
  blocks: boolean;
  follows: boolean;
  grants: Grants;
  /** Refused because a brand of the same owner was, not by name. */
  inherited: GrantPurpose[];
  /** S's first message that R has not answered; a refusal to write again counts from it. */
  first: FirstContact | null;
  /** R's latest interactive message, and what S has written on the strength of it. */
  credit: { at: number; robot: number; service: number } | null;
  hasWritten: boolean;
  /** Where R's row lies; null: R has none. */
  place: Place | null;
}

export interface FirstContact {
  at: number;
  seq: number;
  text: Text;
  isEdited: boolean;
  isAnswered: boolean;
  quiet: QuietReason[];
}

export interface SentMessage {
  seq: number;
  from: string;
  purpose: Purpose;
  /** What its sender sees, and what the other does: an edit does not reach everybody. */
  text: Text;
  shown: Text;
}

export interface World {
  now: number;
  law: Law;
  people: Map<string, OraclePerson>;
  stances: Map<string, Stance>;
  talks: Map<string, SentMessage[]>;
  firstContacts: Map<string, FirstContact[]>;
  reports: { about: string; at: number }[];
}

export function openWorld(people: OraclePerson[], law: Law = trueLaw): World {
  return {
    now: 0,
    law,
    people: new Map(people.map((person) => [person.username, { ...person }])),
    stances: new Map(),
    talks: new Map(),
    firstContacts: new Map(),
    reports: [],
  };
}

/** What R has decided about S. */
export function stanceOf(world: World, r: string, s: string): Stance {
  const key = `${r} to ${s}`;
  const known = world.stances.get(key);
  if (known) return known;
  const fresh: Stance = {
    personal: 'none',
    blocks: false,
    follows: false,
    grants: { service: 'off', automated: 'off', promotional: 'off' },
    inherited: [],
    first: null,
    credit: null,
    hasWritten: false,
    place: null,
  };
  world.stances.set(key, fresh);
  return fresh;
}

export function talkOf(world: World, one: string, other: string): SentMessage[] {
  const key = [one, other].sort().join(' and ');
  const known = world.talks.get(key);
  if (known) return known;
  const fresh: SentMessage[] = [];
  world.talks.set(key, fresh);
  return fresh;
}

/** R's state towards S now; times are counted when somebody looks, there is no job that closes anything. */
export function stateOf(world: World, r: string, s: string): Stance['personal'] | 'blocked' {
  const stance = stanceOf(world, r, s);
  if (stance.blocks) return 'blocked';
  if (stance.personal !== 'pending' && stance.personal !== 'closed') return stance.personal;
  const { law, now } = world;
  const age = now - (stance.first?.at ?? -Infinity);
  if (age >= law.retryMs) return 'none';
  return age >= law.requestMs ? 'closed' : stance.personal;
}

/** Where R's row with S lies. A request that nobody decided in time is among the requests no more. */
export function placeOf(world: World, r: string, s: string): Place | null {
  const stance = stanceOf(world, r, s);
  const hasRunOut = stance.personal === 'pending' && stateOf(world, r, s) !== 'pending';
  return stance.place === 'requests' && hasRunOut ? closedPlace(stance) : stance.place;
}

/** Where a request goes that is one no more: what R has written in itself is not taken from R. */
export function closedPlace({ hasWritten }: Stance): Place {
  return hasWritten ? 'archive' : 'closed';
}

/** True while S's unanswered first message keeps S from writing another. */
export function isWaiting(world: World, r: string, s: string): boolean {
  const { first } = stanceOf(world, r, s);
  return first !== null && world.now - first.at < world.law.retryMs;
}

export function isYoung(world: World, username: string): boolean {
  return world.now - world.people.get(username)!.createdAt < world.law.youngMs;
}

/** A brand and those with the same owner; somebody without an owner is alone. */
export function siblingsOf(world: World, username: string): string[] {
  const { owner } = world.people.get(username)!;
  if (owner === undefined) return [username];
  const all = [...world.people.values()].filter((person) => person.owner === owner);
  return all.map((person) => person.username);
}
