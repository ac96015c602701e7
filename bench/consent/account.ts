import type { PersonKind, Purpose, Reach } from '@aside/protocol';
import { Draws } from './draws.ts';

// Somebody who writes and is written to, and what one message of theirs is in truth.

export type Role =
  | 'person'
  | 'disciplined_brand'
  | 'reckless_brand'
  | 'declared_robot'
  | 'covert_robot';

export type Disguise = 'same' | 'name' | 'link' | 'spun' | 'unique' | 'human';

export interface Account {
  username: string;
  name: string;
  kind: PersonKind;
  role: Role;
  reach: Reach;
  ageDays: number;
  follows: Set<Account>;
  followers: Account[];
  /** Accepted on both sides before the first day. */
  friends: Account[];
  acquaintances: Account[];
  owner?: string;
  /** Brands of the same owner, itself included. */
  siblings: Account[];
  disguise?: Disguise;
  blocked: Set<Account>;
  /** First messages of this account. */
  firsts: Sending[];
  draws: Draws;
  id: string;
  token: string;
  key: string;
  /** What they will do at the end of a day. */
  agenda: Map<number, (() => Promise<void>)[]>;
  /** Somebody wrote to them since their devices looked last. */
  hasNews: boolean;
}

/** Who writes, and what for. */
export type Sort =
  | 'setup'
  | 'chat'
  | 'reply'
  | 'acquaintance'
  | 'friend_of_friend'
  | 'job_seeker'
  | 'customer'
  | 'celebration'
  | 'celebration_link'
  | 'invitation'
  | 'service'
  | 'offer'
  | 'reckless'
  | 'robot'
  | 'covert'
  | 'stolen_at_once'
  | 'stolen_patient';

/** What a message is in truth, whatever its sender claims and the server takes it for. */
export interface Meant {
  sort: Sort;
  nature: Purpose;
  byKey: boolean;
}

/** Where the recipient's devices showed it. A plain request and an unread message outside the offers make a badge. */
export type Shown = 'request' | 'quiet' | 'inbox' | 'offers';

export interface Sending extends Meant {
  from: Account;
  to: Account;
  text: string;
  day: number;
  /** The recipient had not accepted the sender. */
  isFirst: boolean;
  /** The recipient's own setting lets the sender in. */
  isAdmitted: boolean;
  /** Personal, or the recipient asked for it. */
  isSolicited: boolean;
  /** The recipient asked the sender for something, whatever it was. */
  hasGrant: boolean;
  isAfterOptOut: boolean;
  /** How often the recipient had written to the sender. */
  answersBefore: number;
  /** `inbox`, `requests`, `held` or the code of the refusal. */
  outcome: string;
  shown?: Shown;
  shownDay?: number;
  /** What the server took it for, as the recipient sees it. */
  takenFor?: Purpose;
  /** The day on which the recipient accepted or answered, if this was a first message. */
  answeredDay?: number;
}

export function newAccount(
  seed: number,
  given: Pick<Account, 'username' | 'kind' | 'role' | 'reach' | 'ageDays'> & Partial<Account>,
): Account {
  return {
    name: given.username,
    follows: new Set(),
    followers: [],
    friends: [],
    acquaintances: [],
    siblings: [],
    blocked: new Set(),
    firsts: [],
    draws: new Draws(seed, given.username),
    id: '',
    token: '',
    key: '',
    agenda: new Map(),
    hasNews: false,
    ...given,
  };
}

export function follow(follower: Account, followed: Account): void {
  if (follower === followed || follower.follows.has(followed)) return;
  follower.follows.add(followed);
  followed.followers.push(follower);
}
