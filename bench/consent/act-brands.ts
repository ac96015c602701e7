import type { Purpose } from '@aside/protocol';
import { type Account } from './account.ts';
import { brands, wordings } from './rates.ts';
import { fill, freshLink } from './texts.ts';
import { send, type Town } from './town.ts';

// What brands and declared robots send in a day. Both have a key; the reckless also sit at the page and claim things.

/** How a reckless brand sends: by what, and what it says the message is for. */
const ways: readonly { byKey: boolean; claims?: Purpose }[] = [
  { byKey: true, claims: 'promotional' },
  { byKey: true, claims: 'service' },
  { byKey: false, claims: 'service' },
  { byKey: true },
  { byKey: false, claims: 'personal' },
  { byKey: false, claims: 'automated' },
  { byKey: true, claims: 'personal' },
];

export async function actAsDisciplined(town: Town, brand: Account): Promise<void> {
  const { draws } = brand;
  for (const customer of customersOf(town, brand, 1)) {
    await send(town, brand, customer, {
      sort: 'service',
      nature: 'service',
      byKey: false,
      claims: 'service',
      text: draws.pick(wordings.service),
    });
  }
  if (!draws.chance(brands.disciplinedCampaignsPerWeek / 7)) return;
  const text = draws.pick(wordings.offer);
  for (const person of town.inRole('person')) {
    if (!town.chronicle.bond(person, brand).granted.has('promotional')) continue;
    await send(town, brand, person, {
      sort: 'offer',
      nature: 'promotional',
      byKey: true,
      claims: 'promotional',
      text,
    });
  }
}

/** To every follower and everybody who ever wrote, asked or not, opted out or not. */
export async function actAsReckless(town: Town, brand: Account): Promise<void> {
  const { draws } = brand;
  if (!draws.chance(brands.campaignsPerWeek / 7)) return;
  const way = ways[draws.below(ways.length)]!;
  const text = draws.chance(brands.realSpam)
    ? draws.pick(town.corpus.spam)
    : fill(draws.pick(wordings.recklessOffer), draws, freshLink(draws));
  const audience = new Set([
    ...brand.followers,
    ...customersOf(town, brand, Number.POSITIVE_INFINITY),
  ]);
  for (const person of audience) {
    await send(town, brand, person, { sort: 'reckless', nature: 'promotional', ...way, text });
  }
}

/** Greets whoever follows, answers whoever writes, and asks again every day until it is answered. */
export async function actAsDeclaredRobot(town: Town, robot: Account): Promise<void> {
  const { draws } = robot;
  const say = (to: Account, text: string): Promise<string> =>
    send(town, robot, to, { sort: 'robot', nature: 'automated', byKey: true, text });
  const asked = new Set(customersOf(town, robot, Number.POSITIVE_INFINITY));
  for (const person of robot.followers) {
    if (!asked.has(person)) await say(person, draws.pick(wordings.greeting));
  }
  const justNow = new Set(customersOf(town, robot, 0));
  for (const person of asked) {
    await say(
      person,
      draws.pick(justNow.has(person) ? wordings.robotAnswer : wordings.robotReminder),
    );
  }
}

/** People who wrote here within these days, today included. */
function customersOf(town: Town, brand: Account, days: number): Account[] {
  const { chronicle } = town;
  return town
    .inRole('person')
    .filter((person) => chronicle.day - chronicle.bond(person, brand).lastWroteDay <= days);
}
