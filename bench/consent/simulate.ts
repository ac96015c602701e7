import type { RuleName } from '../../server/src/domain/rules.ts';
import { actAsDeclaredRobot, actAsDisciplined, actAsReckless } from './act-brands.ts';
import { actAsCovert, actAsThief } from './act-covert.ts';
import { planPerson, Plans } from './act-people.ts';
import { Chronicle } from './chronicle.ts';
import { Draws } from './draws.ts';
import { measure, type Figures } from './measure.ts';
import type { Scale } from './rates.ts';
import { actOnIt, look, lookBack } from './recipients.ts';
import { forAll, startServer, type Server } from './server.ts';
import { settleTown, type Parts } from './settle.ts';
import { readCorpus } from './texts.ts';
import type { Town } from './town.ts';

export interface Run {
  seed: number;
  scale: Scale;
  attack: number;
  without: readonly RuleName[];
}

const hourMs = 3_600_000;

/** One town from its first day to its last, on a server of its own; the same run again gives the same figures. */
export async function simulate(run: Run): Promise<Figures> {
  const server = await startServer(run.without);
  try {
    const town = newTown(server, run);
    const parts = await settleTown(town);
    for (const person of town.accounts) person.hasNews = true;
    for (let day = 0; day < run.scale.days; day += 1) await live(town, parts, day);
    await forAll(town.accounts, (account) => lookBack(town, account));
    return measure(town);
  } finally {
    await server.stop();
  }
}

function newTown(server: Server, { seed, scale, attack }: Run): Town {
  const accounts: Town['accounts'] = [];
  return {
    server,
    corpus: readCorpus(),
    scale,
    attack,
    seed,
    draws: new Draws(seed, 'town'),
    chronicle: new Chronicle(),
    accounts,
    inRole: (role) => accounts.filter((account) => account.role === role),
  };
}

/**
 * A day has phases, so that whoever acts side by side does not depend on each other: people write, then brands and
 * robots do; in the evening everybody looks and decides.
 */
async function live(town: Town, parts: Parts, day: number): Promise<void> {
  town.chronicle.day = day;
  const plans = new Plans();
  for (const person of town.inRole('person')) planPerson(town, parts, plans, person);
  await forAll([...plans.acts.values()], async (acts) => {
    for (const act of acts) await act();
  });
  await forAll(town.inRole('disciplined_brand'), (brand) => actAsDisciplined(town, brand));
  await forAll(town.inRole('reckless_brand'), (brand) => actAsReckless(town, brand));
  await forAll(town.inRole('declared_robot'), (robot) => actAsDeclaredRobot(town, robot));
  await forAll(town.inRole('covert_robot'), (robot) => actAsCovert(town, robot));
  const taken = [...parts.stolenAtOnce, ...parts.stolenPatient];
  await forAll(taken, (owner) => actAsThief(town, parts, owner));
  await town.server.advance(9 * hourMs);
  const recipients = town.accounts.filter(({ role }) => role !== 'covert_robot');
  await forAll(recipients, (person) => look(town, person));
  await forAll(recipients, (person) => actOnIt(town, person));
  await town.server.advance(15 * hourMs);
}
