import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureDebian } from '../tools/debian.ts';
import { createDraw } from './draw.ts';
import { hunt, type Hunt } from './hunt.ts';
import { mutants } from './mutants.ts';
import { complaintsOf, mutantTable, notesOf, noticedTable, scenarioTable } from './report.ts';
import { scenarios } from './scenarios.ts';
import { play, Unavailable, type Outcome } from './stage.ts';
import { takeAllDown } from './standing.ts';
import { writeReport } from './write-report.ts';

// `npm run chaos`: faults under load, five checks after each, and the mutants that the checks must catch.

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    /** Three times this in all, shared out among the scenarios that kill. */
    kills: { type: 'string', default: '34' },
    /** At least, of each of these. */
    acks: { type: 'string', default: '36000' },
    /** Of each scenario that goes by time. */
    seconds: { type: 'string', default: '60' },
    /** Part of the name of a scenario or mutant; may be given again. */
    only: { type: 'string', multiple: true },
    'no-mutants': { type: 'boolean', default: false },
    'no-scenarios': { type: 'boolean', default: false },
    /** Puts the tables into docs/durability.md. */
    write: { type: 'boolean', default: false },
  },
});
const root = join(import.meta.dirname, '..');
const draw = createDraw(Number(values.seed));
const size = {
  kills: Number(values.kills),
  acks: Number(values.acks),
  seconds: Number(values.seconds),
};
const isWanted = ({ name }: { name: string }): boolean =>
  values.only === undefined || values.only.some((word) => name.includes(word));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void takeAllDown().finally(() => process.exit(1)));
}
console.log(`seed ${values.seed}`);

// Installed where that is possible; a scenario that lacks its program is left out with a sentence.
await ensureDebian(['faketime']);
const outcomes: Outcome[] = [];
for (const scenario of values['no-scenarios'] ? [] : scenarios.filter(isWanted)) {
  try {
    const own = draw.branch(scenario.name);
    const outcome = await play({ ...scenario, root, draw: own }, (stage) =>
      scenario.run(stage, size),
    );
    outcomes.push(outcome);
    console.log(`${scenario.name}: ${outcome.seconds.toFixed(0)} s; ${notesOf(outcome)}`);
    for (const line of complaintsOf(outcome)) console.log(`  ${line}`);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    console.log(`${scenario.name}: left out, because this machine cannot play it`);
  }
}
const hunts: Hunt[] = [];
for (const mutant of values['no-mutants'] ? [] : mutants.filter(isWanted)) {
  const found = await hunt(mutant, draw.branch(mutant.name));
  hunts.push(found);
  console.log(`mutant ${mutant.name}: ${found.isCaught ? 'caught' : 'SURVIVED'}`);
}
const tables = [
  ...(outcomes.length > 0 ? [scenarioTable(outcomes), noticedTable(outcomes)] : []),
  ...(hunts.length > 0 ? [mutantTable(hunts)] : []),
];
console.log(`\n${tables.join('\n\n')}`);
if (values.write) writeReport(tables, values.seed, outcomes);
const isGood =
  outcomes.every((outcome) => complaintsOf(outcome).length === 0) &&
  hunts.every((one) => one.isCaught);
process.exitCode = isGood ? 0 : 1;
