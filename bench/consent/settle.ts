import { follow, newAccount, type Account, type Disguise } from './account.ts';
import { celebration, covert, grants, organiser, people, perHundred, stolen } from './rates.ts';
import { forAll } from './server.ts';
import { bringAll, ask, send, type Town } from './town.ts';

// Who lives in the town, whom they know and what they agreed to before the first day.

/** People with a part of their own; nobody has two. */
export interface Parts {
  celebrating: Account[];
  celebratingWithLink: Account[];
  organisers: Account[];
  jobSeekers: Account[];
  stolenAtOnce: Account[];
  stolenPatient: Account[];
}

const disguises: readonly Disguise[] = ['same', 'name', 'link', 'spun', 'unique', 'human'];

export async function settleTown(town: Town): Promise<Parts> {
  makePeople(town);
  makeBrands(town);
  makeRobots(town);
  const parts = dealParts(town);
  await bringAll(town);
  await befriend(town, parts);
  await agree(town);
  return parts;
}

function howMany(town: Town, rate: number, grows = false): number {
  return Math.max(1, Math.round((town.scale.people / 100) * rate * (grows ? town.attack : 1)));
}

function makePeople(town: Town): void {
  const { draws, seed, scale } = town;
  const all = Array.from({ length: scale.people }, (_, i) => {
    const reach = draws.chance(people.reachEveryone)
      ? 'everyone'
      : draws.chance(people.reachNobody)
        ? 'nobody'
        : 'following';
    const ageDays = 60 + draws.below(1_000);
    return newAccount(seed, {
      username: `person${i}`,
      kind: 'person',
      role: 'person',
      reach,
      ageDays,
    });
  });
  town.accounts.push(...all);
  for (const one of all) {
    makeFriends(one, draws.some(all, Math.round(people.friends / 2)));
    for (const other of draws.some(all, people.acquaintances)) {
      if (other === one || one.friends.includes(other) || other.acquaintances.includes(one))
        continue;
      one.acquaintances.push(other);
      if (draws.chance(people.acquaintanceFollows)) follow(other, one);
    }
  }
}

function makeFriends(one: Account, others: readonly Account[]): void {
  for (const other of others) {
    if (other === one || one.friends.includes(other)) continue;
    one.friends.push(other);
    other.friends.push(one);
    follow(one, other);
    follow(other, one);
  }
}

function makeBrands(town: Town): void {
  const { draws, seed } = town;
  const persons = town.inRole('person');
  const make = (role: 'disciplined_brand' | 'reckless_brand', i: number): Account => {
    const brand = newAccount(seed, {
      username: `${role.replace('_brand', '')}${i}`,
      kind: 'brand',
      role,
      reach: 'everyone',
      ageDays: 200,
    });
    for (const person of persons) if (draws.chance(people.followsBrand)) follow(person, brand);
    town.accounts.push(brand);
    return brand;
  };
  for (let i = 0; i < howMany(town, perHundred.disciplinedBrands); i += 1)
    make('disciplined_brand', i);
  const reckless = Array.from({ length: howMany(town, perHundred.recklessBrands, true) }, (_, i) =>
    make('reckless_brand', i),
  );
  // Two of them belong together, and one tries what the other was refused.
  const pair = reckless.slice(0, 2);
  for (const brand of pair) Object.assign(brand, { owner: 'ring', siblings: pair });
}

function makeRobots(town: Town): void {
  const { draws, seed } = town;
  const persons = town.inRole('person');
  for (let i = 0; i < howMany(town, perHundred.declaredRobots, true); i += 1) {
    const username = `bot${i}`;
    const robot = newAccount(seed, {
      username,
      kind: 'bot',
      role: 'declared_robot',
      reach: 'everyone',
      ageDays: 100,
    });
    for (const person of persons) if (draws.chance(people.followsRobot)) follow(person, robot);
    town.accounts.push(robot);
  }
  for (const disguise of disguises) {
    for (let i = 0; i < howMany(town, perHundred.covertOfEachKind, true); i += 1) {
      const robot = newAccount(seed, {
        username: `covert.${disguise}${i}`,
        kind: 'person',
        role: 'covert_robot',
        reach: 'everyone',
        ageDays: draws.chance(covert.fresh) ? 0 : 300,
        disguise,
      });
      for (const person of persons)
        if (draws.chance(people.followsBackCovert)) follow(person, robot);
      town.accounts.push(robot);
    }
  }
}

function dealParts(town: Town): Parts {
  const { draws } = town;
  const persons = town.inRole('person');
  const left = draws.some(persons, persons.length);
  const take = (rate: number, friends: number, grows = false): Account[] => {
    const taken = left.splice(0, howMany(town, rate, grows));
    for (const one of taken) {
      const others = persons.filter((other) => other !== one && !one.friends.includes(other));
      makeFriends(one, draws.some(others, friends - one.friends.length));
    }
    return taken;
  };
  const told = celebration.friends;
  const celebrating = take(perHundred.celebrating, told);
  const celebratingWithLink = take(perHundred.celebratingWithLink, told);
  for (const one of celebrating) {
    const others = persons.filter((other) => other !== one && !one.friends.includes(other));
    one.acquaintances = draws.some(others, celebration.acquaintances);
    for (const other of one.acquaintances) follow(other, one);
  }
  return {
    celebrating,
    celebratingWithLink,
    organisers: take(perHundred.organisers, organiser.members),
    jobSeekers: take(perHundred.jobSeekers, 0),
    stolenAtOnce: take(perHundred.stolenAtOnce, stolen.friends, true),
    stolenPatient: take(perHundred.stolenPatient, stolen.friends, true),
  };
}

/** Those who will tell everybody, or be impersonated, were written to by their friends, who thereby let them answer. */
async function befriend(town: Town, parts: Parts): Promise<void> {
  const dear = [
    ...parts.celebrating,
    ...parts.celebratingWithLink,
    ...parts.organisers,
    ...parts.stolenAtOnce,
    ...parts.stolenPatient,
  ];
  await forAll(dear, async (one) => {
    for (const friend of one.friends) {
      const text = one.draws.pick(town.corpus.ham);
      const hello = { sort: 'setup', nature: 'personal', byKey: false, text } as const;
      // Who lets nobody in has written first, and was answered.
      if (one.reach === 'nobody') await send(town, one, friend, hello);
      await send(town, friend, one, hello);
    }
  });
  await town.server.advance(3 * 86_400_000);
}

/** Followers of brands who pressed a named opt-in. */
async function agree(town: Town): Promise<void> {
  const brands = town.accounts.filter(({ kind }) => kind === 'brand');
  await forAll(brands, async (brand) => {
    const isDisciplined = brand.role === 'disciplined_brand';
    const shares = isDisciplined
      ? [grants.promotionalToDisciplined, grants.serviceToDisciplined]
      : [grants.promotionalToReckless, grants.serviceToReckless];
    for (const follower of brand.followers) {
      for (const [i, purpose] of (['promotional', 'service'] as const).entries()) {
        if (!brand.draws.chance(shares[i]!)) continue;
        await ask(town, follower, 'PUT', `/api/consent/${brand.username}/${purpose}`, {});
        town.chronicle.grants(follower, brand, purpose);
      }
    }
  });
}
