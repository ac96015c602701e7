import type { Account, Sort } from './account.ts';
import { brands, celebration, jobSeeker, people, wordings } from './rates.ts';
import type { Parts } from './settle.ts';
import { fill, freshLink } from './texts.ts';
import { send, signInAgain, type Town } from './town.ts';

// What people write in a day: to friends, to those they know, to shops; and once, to everybody dear to them.

const personal = { nature: 'personal', byKey: false } as const;

/** What somebody is about to do. */
type Act = () => Promise<unknown>;

/**
 * Everybody's plans for the day are made before anybody acts, and no two people write to each other in them: so what
 * comes of them does not depend on who is faster.
 */
export class Plans {
  private readonly pairs = new Set<string>();
  readonly acts = new Map<Account, Act[]>();

  add(from: Account, to: Account, act: Act): void {
    const pair = [from.username, to.username].sort().join(' ');
    if (this.pairs.has(pair)) return;
    this.pairs.add(pair);
    this.acts.set(from, [...(this.acts.get(from) ?? []), act]);
  }
}

export function planPerson(town: Town, parts: Parts, plans: Plans, person: Account): void {
  const { draws } = person;
  const day = town.chronicle.day;
  const isDay = day === dayOf(town, person);
  const say = (to: Account, sort: Sort, text = draws.pick(town.corpus.ham)): void =>
    plans.add(person, to, () => write(town, person, to, sort, text));
  if (isDay) planForAll(town, parts, person, say);
  if (person.friends.length > 0 && draws.chance(people.textsToFriendsPerDay)) {
    const friend = draws.pick(person.friends);
    if (isNew(town, person, friend)) say(friend, 'acquaintance');
    else if (town.chronicle.bond(friend, person).accepted) say(friend, 'chat');
  }
  if (draws.chance(people.firstToAcquaintancePerDay) && !parts.celebrating.includes(person)) {
    const left = person.acquaintances.filter((other) => isNew(town, person, other));
    if (left.length > 0) say(draws.pick(left), 'acquaintance');
  }
  if (draws.chance(people.firstToFriendOfFriendPerDay)) {
    const near = friendsOfFriends(town, person);
    if (near.length > 0) say(draws.pick(near), 'friend_of_friend');
  }
  if (draws.chance(people.toBrandPerDay)) {
    const brand = someBrand(town, person);
    if (!person.blocked.has(brand)) plans.add(person, brand, () => askBrand(town, person, brand));
  }
  const bots = town.inRole('declared_robot').filter((bot) => person.follows.has(bot));
  if (bots.length > 0 && draws.chance(people.toRobotPerDay)) {
    say(draws.pick(bots), 'customer', draws.pick(wordings.customer));
  }
  if (parts.jobSeekers.includes(person) && draws.chance(jobSeeker.perMonth / 30)) {
    planApplication(town, person, say);
  }
  if (day === dayOf(town, person) + 1 && hasPart(parts, person)) {
    plans.add(person, person, () => signInAgain(town, person));
  }
}

type Say = (to: Account, sort: Sort, text?: string) => void;

/** Each has one special day, early enough for what follows. */
function dayOf(town: Town, person: Account): number {
  return 1 + (Number(person.username.replaceAll(/\D/g, '')) % Math.max(1, town.scale.days - 3));
}

function hasPart(parts: Parts, person: Account): boolean {
  return parts.organisers.includes(person) || parts.celebratingWithLink.includes(person);
}

async function write(
  town: Town,
  from: Account,
  to: Account,
  sort: Sort,
  text = from.draws.pick(town.corpus.ham),
): Promise<string> {
  return send(town, from, to, { ...personal, sort, text });
}

function isNew(town: Town, from: Account, to: Account): boolean {
  return (
    from !== to &&
    !from.firsts.some((first) => first.to === to) &&
    !town.chronicle.bond(to, from).accepted &&
    !town.chronicle.bond(from, to).accepted
  );
}

/** Who lets nobody in is seen before a word is typed. */
function letsIn({ reach, follows }: Account, writer: Account): boolean {
  return reach === 'everyone' || (reach === 'following' && follows.has(writer));
}

function friendsOfFriends(town: Town, person: Account): Account[] {
  return [...new Set(person.friends.flatMap(({ friends }) => friends))].filter(
    (other) => other !== person && isNew(town, person, other) && letsIn(other, person),
  );
}

function someBrand(town: Town, person: Account): Account {
  const all = town.accounts.filter(({ kind }) => kind === 'brand');
  const known = all.filter((brand) => person.follows.has(brand));
  return person.draws.pick(known.length > 0 && person.draws.chance(0.7) ? known : all);
}

/** A question to a shop, whose robot acknowledges it at once. */
export async function askBrand(town: Town, person: Account, brand: Account): Promise<void> {
  const { draws } = person;
  await write(town, person, brand, 'customer', draws.pick(wordings.customer));
  if (!draws.chance(brands.acknowledges)) return;
  await send(town, brand, person, {
    sort: 'service',
    nature: 'automated',
    byKey: true,
    claims: 'service',
    text: draws.pick(wordings.acknowledgement),
  });
}

function planApplication(town: Town, person: Account, say: Say): void {
  const { draws } = person;
  const open = town.accounts.filter(
    (other) => (other.kind === 'brand' || other.reach === 'everyone') && isNew(town, person, other),
  );
  const able = open.filter(({ role }) => role !== 'covert_robot' && role !== 'declared_robot');
  if (able.length === 0) return;
  const letter = wordings.jobApplication[Number(person.username.at(-1)) % 2]!;
  const body = draws.chance(jobSeeker.adapts) ? draws.pick(town.corpus.ham) : fill(letter, draws);
  const link = draws.chance(jobSeeker.withLink) ? ` ${person.username}.example.org` : '';
  say(draws.pick(able), 'job_seeker', `${body}${link}`);
}

function planForAll(town: Town, parts: Parts, person: Account, say: Say): void {
  const { draws } = person;
  const link = freshLink(draws);
  const { celebrating, celebratingWithLink, organisers } = parts;
  if (celebrating.includes(person)) {
    const text = draws.pick(wordings.celebration);
    for (const friend of person.friends.slice(0, celebration.friends)) {
      say(friend, 'celebration', text);
    }
    const told = person.acquaintances.filter(
      (other) => isNew(town, person, other) && letsIn(other, person),
    );
    for (const other of told) say(other, 'celebration', text);
  } else if (celebratingWithLink.includes(person)) {
    const text = `${draws.pick(wordings.celebration)} ${link}`;
    for (const friend of person.friends) say(friend, 'celebration_link', text);
  } else if (organisers.includes(person)) {
    const text = fill(draws.pick(wordings.invitation), draws, link);
    for (const friend of person.friends) say(friend, 'invitation', text);
  }
}
