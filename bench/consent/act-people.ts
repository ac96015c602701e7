import type { Sort } from './account.ts';
import { brands, celebration, jobSeeker, people, wordings } from './rates.ts';
import type { Parts } from './settle.ts';
import { fill, freshLink } from './texts.ts';
import { type Account } from './account.ts';
import { send, signInAgain, type Town } from './town.ts';

// What people write in a day: to friends, to those they know, to shops; and once, to everybody dear to them.

const personal = { nature: 'personal', byKey: false } as const;

export async function actAsPerson(town: Town, parts: Parts, person: Account): Promise<void> {
  const { draws } = person;
  const day = town.chronicle.day;
  if (person.friends.length > 0 && draws.chance(people.textsToFriendsPerDay)) {
    const friend = draws.pick(person.friends);
    if (isNew(town, person, friend)) await write(town, person, friend, 'acquaintance');
    else if (town.chronicle.bond(friend, person).accepted)
      await write(town, person, friend, 'chat');
  }
  if (draws.chance(people.firstToAcquaintancePerDay)) {
    const left = person.acquaintances.filter((other) => isNew(town, person, other));
    if (left.length > 0 && !parts.celebrating.includes(person)) {
      await write(town, person, draws.pick(left), 'acquaintance');
    }
  }
  if (draws.chance(people.firstToFriendOfFriendPerDay)) await meet(town, person);
  if (draws.chance(people.toBrandPerDay)) await askSomeBrand(town, person);
  const bots = town.inRole('declared_robot').filter((bot) => person.follows.has(bot));
  if (bots.length > 0 && draws.chance(people.toRobotPerDay)) {
    await write(town, person, draws.pick(bots), 'customer', draws.pick(wordings.customer));
  }
  if (parts.jobSeekers.includes(person) && draws.chance(jobSeeker.perMonth / 30)) {
    await apply(town, person);
  }
  if (day === dayOf(town, person)) await tellEverybody(town, parts, person);
  if (day === dayOf(town, person) + 1 && hasPart(parts, person)) await signInAgain(town, person);
}

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
    !from.firsts.some((first) => first.to === to) &&
    !town.chronicle.bond(to, from).accepted &&
    !town.chronicle.bond(from, to).accepted
  );
}

/** A friend of a friend, who lets them in: who does not is seen before a word is typed. */
async function meet(town: Town, person: Account): Promise<void> {
  const near = [...new Set(person.friends.flatMap(({ friends }) => friends))].filter(
    (other) =>
      other !== person &&
      isNew(town, person, other) &&
      (other.reach === 'everyone' || (other.reach === 'following' && other.follows.has(person))),
  );
  if (near.length > 0) await write(town, person, person.draws.pick(near), 'friend_of_friend');
}

async function askSomeBrand(town: Town, person: Account): Promise<void> {
  const all = town.accounts.filter(({ kind }) => kind === 'brand');
  const known = all.filter((brand) => person.follows.has(brand));
  const brand = person.draws.pick(known.length > 0 && person.draws.chance(0.7) ? known : all);
  if (!person.blocked.has(brand)) await askBrand(town, person, brand);
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

async function apply(town: Town, person: Account): Promise<void> {
  const { draws } = person;
  const open = town.accounts.filter(
    (other) => (other.kind === 'brand' || other.reach === 'everyone') && isNew(town, person, other),
  );
  const able = open.filter(({ role }) => role !== 'covert_robot' && role !== 'declared_robot');
  if (able.length === 0) return;
  const letter = wordings.jobApplication[Number(person.username.at(-1)) % 2]!;
  const body = draws.chance(jobSeeker.adapts) ? draws.pick(town.corpus.ham) : fill(letter, draws);
  const link = draws.chance(jobSeeker.withLink) ? ` ${person.username}.example.org` : '';
  await write(town, person, draws.pick(able), 'job_seeker', `${body}${link}`);
}

async function tellEverybody(town: Town, parts: Parts, person: Account): Promise<void> {
  const { draws } = person;
  const link = freshLink(draws);
  const say = async (sort: Sort, text: string, to: readonly Account[]): Promise<void> => {
    for (const other of to) await write(town, person, other, sort, text);
  };
  if (parts.celebrating.includes(person)) {
    const text = draws.pick(wordings.celebration);
    const told = person.acquaintances.filter((other) => isNew(town, person, other));
    await say('celebration', text, person.friends.slice(0, celebration.friends));
    await say('celebration', text, told);
  } else if (parts.celebratingWithLink.includes(person)) {
    await say('celebration_link', `${draws.pick(wordings.celebration)} ${link}`, person.friends);
  } else if (parts.organisers.includes(person)) {
    await say('invitation', fill(draws.pick(wordings.invitation), draws, link), person.friends);
  }
}
