import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startAside, startPeer, startPrototype, type Contestant } from './_support/contestants.ts';
import { cpuMsOfTree } from './_support/cpu.ts';
import { startDebian, startEmbedded, type DatabaseServer } from './_support/databases.ts';
import { formatSends, type Cell, type Load, type Measured } from './_support/sends-table.ts';

// Messages per second over sockets: Aside beside ejabberd with its archive on and beside a bare prototype of the same
// write path, on one PostgreSQL. They take turns, so that a noisy machine treats them alike; the median round counts.
// Ratios count; absolute figures depend on the machine and the hour.

const usage = `usage: npm run bench [-- OPTIONS]
  --server         Debian's PostgreSQL in place of the embedded one of the README
  --both           first the embedded one, then Debian's
  --quick          about a minute: 100 pairs, 1 and 8 in flight, 3 rounds of 2 s
  --only NAMES     of aside, ejabberd, prototype; with commas between
  --loads LOADS    pairs x in flight, such as 10x1,100x1,100x8,400x1 (the default)
  --rounds N       5
  --seconds N      4
  --write          also writes the table into bench/results.md`;

const { values: options } = parseArgs({
  options: {
    server: { type: 'boolean', default: false },
    both: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: 'aside,ejabberd,prototype' },
    loads: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  console.log(usage);
  process.exit(0);
}
const rounds = Number(options.rounds ?? (options.quick ? 3 : 5));
const ms = Number(options.seconds ?? (options.quick ? 2 : 4)) * 1000;
const loads = (options.loads ?? (options.quick ? '100x1,100x8' : '10x1,100x1,100x8,400x1'))
  .split(',')
  .map((text): Load => {
    const [pairs, inFlight] = text.split('x').map(Number);
    if (!(pairs! > 0 && inFlight! > 0)) throw new Error(usage);
    return { pairs: pairs!, inFlight: inFlight! };
  });
const pairsMax = Math.max(...loads.map((load) => load.pairs));

const stops: (() => Promise<unknown>)[] = [];
// Ctrl-C ends the children that share our terminal as well; what is left is stopped here.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => void stopAll().finally(() => process.exit(1)));
}
try {
  if (!options.server || options.both) await measure('embedded', startEmbedded);
  if (options.server || options.both) await measure('server', startDebian);
} finally {
  await stopAll();
}

async function measure(
  key: string,
  startDatabase: (folder: string) => Promise<DatabaseServer | null>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'aside-bench-'));
  // PostgreSQL and ejabberd run as other users, who must be able to enter.
  await chmod(folder, 0o755);
  stops.push(() => rm(folder, { recursive: true, force: true }));
  const database = await startDatabase(folder);
  if (database === null) {
    console.log(
      'Skipped: Debian’s PostgreSQL cannot be installed here (needs Debian, root, network).',
    );
    return stopAll();
  }
  stops.push(() => database.stop());
  const contestants = await startAll(database, folder);
  const measured = await takeTurns(contestants, database);
  const text = formatSends({
    measured,
    loads,
    rounds,
    ms,
    database: database.words,
    machine: machineWords(),
  });
  console.log(text);
  if (options.write) await write(key, text);
  await stopAll();
}

async function startAll(database: DatabaseServer, folder: string): Promise<Contestant[]> {
  const starters: [string, () => Promise<Contestant | null>][] = [
    ['aside', () => startAside(database, folder, pairsMax)],
    ['ejabberd', () => startPeer(database, folder, pairsMax)],
    ['prototype', () => startPrototype(database, pairsMax)],
  ];
  const contestants: Contestant[] = [];
  for (const [name, start] of starters) {
    if (!options.only.split(',').includes(name)) continue;
    const contestant = await start();
    if (contestant === null) {
      console.log(
        `Without ${name}: it cannot be installed here (needs Debian, root and a network).`,
      );
      continue;
    }
    stops.push(() => contestant.stop());
    contestants.push(contestant);
    // Warm: code compiled, connections open, plans made.
    await contestant.generator.run(Math.min(100, pairsMax), 1, 2_000);
  }
  return contestants;
}

async function takeTurns(
  contestants: readonly Contestant[],
  database: DatabaseServer,
): Promise<Measured[]> {
  const measured = contestants.map(({ name }): Measured => ({ name, cells: loads.map(() => []) }));
  for (let round = 0; round < rounds; round += 1) {
    for (const [l, load] of loads.entries()) {
      for (const [c, contestant] of contestants.entries()) {
        measured[c]!.cells[l]!.push(await measureOnce(contestant, load, database));
      }
    }
  }
  return measured;
}

async function measureOnce(
  { generator, serverPid }: Contestant,
  { pairs, inFlight }: Load,
  database: DatabaseServer,
): Promise<Cell> {
  const cpu = (): [number, number] => [cpuMsOfTree(serverPid), cpuMsOfTree(database.postmasterPid)];
  const [serverBefore, databaseBefore] = cpu();
  const report = await generator.run(pairs, inFlight, ms);
  const [serverAfter, databaseAfter] = cpu();
  const per1000 = (cpuMs: number): number => (cpuMs / report.delivered) * 1000;
  return {
    perSecond: report.perSecond,
    p50Ms: report.p50Ms,
    p99Ms: report.p99Ms,
    undelivered: report.undelivered,
    serverCpu: per1000(serverAfter - serverBefore),
    databaseCpu: per1000(databaseAfter - databaseBefore),
    loadCpu: per1000(report.cpuMs),
  };
}

function machineWords(): string {
  const load = loadavg()[0]!.toFixed(1);
  return `${cpus().length} cores, which the load generator shares; Node ${process.versions.node}; load average ${load}`;
}

/** Replaces this database's part of bench/results.md. */
async function write(key: string, text: string): Promise<void> {
  const path = join(import.meta.dirname, 'results.md');
  const [begin, end] = [
    `<!-- ${key}: written by npm run bench -- --write -->`,
    `<!-- end ${key} -->`,
  ];
  const old = await readFile(path, 'utf8');
  const [from, to] = [old.indexOf(begin), old.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${path} lacks the marks of ${key}`);
  await writeFile(path, `${old.slice(0, from + begin.length)}\n\n${text}\n\n${old.slice(to)}`);
}

async function stopAll(): Promise<void> {
  for (let stop = stops.pop(); stop; stop = stops.pop()) {
    await stop().catch((error: unknown) => console.error(error));
  }
}
