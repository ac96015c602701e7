import { readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openBench, type Bench } from './scaling/bench.ts';
import type { Curve, Scaling } from './scaling/curve.ts';
import { draw } from './scaling/picture.ts';
import { measureReading } from './scaling/reading.ts';
import { withSection } from './scaling/section.ts';
import { measureSockets } from './scaling/sockets.ts';
import { measureStartUp } from './scaling/start-up.ts';
import { measureStored } from './scaling/stored.ts';

// What Aside costs as there is more of everything. Writes the figures into bench/data/scaling.json, the picture
// docs/scaling.svg and the section of docs/scaling.md.

const usage = `usage: npm run bench:scaling [-- OPTIONS]
  --quick         fewer tries and smaller sizes
  --only NAMES    of reading, sockets, stored, start-up; with commas between. The other figures stay as they are
  --draw          measure nothing, draw what the data say
  --dry           print the figures, write nothing`;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: 'start-up,reading,sockets,stored' },
    draw: { type: 'boolean', default: false },
    dry: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const measurements: Record<string, (bench: Bench) => Promise<Curve[]>> = {
  'start-up': async (bench) => [await measureStartUp(bench)],
  reading: measureReading,
  sockets: async (bench) => [await measureSockets(bench)],
  stored: measureStored,
};
/** How the picture and the table are ordered. */
const order = ['inbox', 'conversation', 'catch-up', 'sockets', 'bytes', 'sends', 'start-up'];

const root = join(import.meta.dirname, '..');
const dataPath = join(import.meta.dirname, 'data', 'scaling.json');
const pagePath = join(root, 'docs', 'scaling.md');

const names = options.only.split(',');
if (options.help || names.some((name) => !(name in measurements))) {
  console.log(usage);
  process.exit(options.help ? 0 : 1);
}
const bench = openBench(options.quick);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => void bench.end().finally(() => process.exit(1)));
}
if (!options.draw) for (const name of names) await measure(name);
const scaling = await readData();
if (!options.dry) {
  await writeFile(join(root, 'docs', 'scaling.svg'), draw(scaling.curves));
  await writeFile(pagePath, withSection(await readFile(pagePath, 'utf8'), scaling));
}

async function measure(name: string): Promise<void> {
  bench.say(`measuring ${name}`);
  const [before, begin] = [loadavg()[0]!, Date.now()];
  try {
    const curves = await measurements[name]!(bench);
    for (const curve of curves) sayCurve(curve);
    if (!options.dry) await keep(curves, [before, loadavg()[0]!]);
  } finally {
    await bench.end();
  }
  bench.say(`${name} took ${Math.round((Date.now() - begin) / 1000)} s\n`);
}

function sayCurve(curve: Curve): void {
  for (const { name, points } of curve.series) {
    const figures = points.map(
      ({ label, median, low, high }) => `${label}: ${median} (${low}–${high})`,
    );
    bench.say(`${curve.title}, ${curve.unit}, ${name}: ${figures.join('; ')}`);
  }
  if (curve.goal) bench.say(`  goal ${curve.goal.words}: ${curve.goal.isMet ? 'met' : 'MISSED'}`);
}

/** Puts these curves in the place of the earlier ones, so that a part can be measured again. */
async function keep(curves: readonly Curve[], load: [number, number]): Promise<void> {
  const old = await readData();
  const keys = curves.map((curve) => curve.key);
  const all = [...old.curves.filter((curve) => !keys.includes(curve.key)), ...curves];
  const quick = old.quick.filter((key) => !keys.includes(key));
  const kept: Scaling = {
    machine: `${cpus().length} cores, Node ${process.versions.node}`,
    quick: options.quick ? [...quick, ...keys] : quick,
    loadAverages: { ...old.loadAverages, ...Object.fromEntries(keys.map((key) => [key, load])) },
    curves: all.sort((a, b) => order.indexOf(a.key) - order.indexOf(b.key)),
  };
  await writeFile(dataPath, `${JSON.stringify(kept, null, 2)}\n`);
}

async function readData(): Promise<Scaling> {
  const empty: Scaling = { machine: '', quick: [], loadAverages: {}, curves: [] };
  const text = await readFile(dataPath, 'utf8').catch(() => null);
  return text === null ? empty : (JSON.parse(text) as Scaling);
}
