import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ruleNames, type RuleName } from '../../server/src/domain/rules.ts';
import { attackLevels, scales, type Scale } from './rates.ts';
import { ablationTable, covertTable, levelsTable, type Ablation, type Level } from './report.ts';
import { simulate } from './simulate.ts';

// What the law of consent does: a town of people, brands and robots on the real server, with a clock that runs ahead.
// Quick: one level of attack and two rules left out, within a minute. Full: three levels over 30 days and every rule
// left out once; writes its tables into docs/consent.md. All that is assumed stands in rates.ts.
// usage: npm run bench:consent [-- --quick] [--seed N] [--days N] [--attack X]... [--without RULE]... [--json FILE]

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    attack: { type: 'string', multiple: true },
    without: { type: 'string', multiple: true },
    days: { type: 'string' },
    json: { type: 'string' },
  },
});

const seed = Number(values.seed);
const isQuick = values.quick;
const isWhole = !isQuick && !values.attack && !values.without && !values.days;
const scale: Scale = isQuick ? scales.quick : scales.full;
const levelScale: Scale = { ...scale, days: Number(values.days ?? scale.days) };
const ablationScale: Scale = isQuick ? levelScale : scales.ablation;
const attacks = values.attack?.map(Number) ?? (isQuick ? [1] : attackLevels);
const rules = ((values.without as RuleName[] | undefined) ??
  (isQuick ? ['reply_credit', 'grants'] : ruleNames)) as RuleName[];

const levels: Level[] = [];
for (const attack of attacks) {
  levels.push({ attack, figures: await run(levelScale, attack, []) });
}
const base = isQuick ? levels[0]!.figures : await run(ablationScale, 1, []);
const ablations: Ablation[] = [];
for (const rule of rules) ablations.push({ rule, figures: await run(ablationScale, 1, [rule]) });

const text = [
  `Seed ${seed}; ${sizeOf(levelScale)}.\n`,
  levelsTable(levels),
  `\nWhat a disguise is worth to a covert robot, at attack × ${levels.at(-1)!.attack}:\n`,
  covertTable(levels.at(-1)!.figures),
  `\nOne rule left out at a time; ${sizeOf(ablationScale)}, attack × 1:\n`,
  ablationTable(base, ablations),
].join('\n');
console.log(`\n${text}`);
if (values.json) await writeFile(values.json, JSON.stringify({ levels, base, ablations }, null, 1));
if (isWhole) await writeDocs();

async function run(size: Scale, attack: number, without: RuleName[]): Promise<Level['figures']> {
  const from = performance.now();
  const figures = await simulate({ seed, scale: size, attack, without });
  const seconds = ((performance.now() - from) / 1000).toFixed(0);
  const left = without.length > 0 ? `, without ${without.join(', ')}` : '';
  if (without.length === 0) for (const line of figures.evidence) console.error(line);
  console.error(`attack × ${attack}${left}: ${figures.sent} messages in ${seconds} s`);
  return figures;
}

function sizeOf({ people, days }: Scale): string {
  return `${people} people, ${days} days`;
}

async function writeDocs(): Promise<void> {
  const file = join(import.meta.dirname, '..', '..', 'docs', 'consent.md');
  const page = await readFile(file, 'utf8');
  const marks = ['<!-- simulation -->', '<!-- /simulation -->'] as const;
  const [from, to] = marks.map((mark) => page.indexOf(mark));
  if (from === undefined || to === undefined || from < 0 || to < from) {
    console.error(`docs/consent.md has no ${marks[0]} … ${marks[1]}; the tables stand above only.`);
    return;
  }
  const date = new Date().toISOString().slice(0, 10);
  const section = `${marks[0]}\n\nMeasured on ${date} by \`npm run bench:consent -- --seed ${seed}\`.\n${text}\n\n`;
  await writeFile(file, page.slice(0, from) + section + page.slice(to));
}
