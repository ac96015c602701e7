import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runLoad, type LoadResult, type Pair } from './_support/load.ts';
import { bringPairs, start, type Started } from './_support/start.ts';

// Messages per second over sockets, Aside beside a bare prototype of the same write path, each on an embedded
// PostgreSQL of its own. The two take turns, so that a noisy machine treats them alike; the median round counts.
// Ratios count; absolute figures depend on the machine and the hour.
// usage: npm run bench [-- SECONDS-PER-ROUND [ROUNDS]]

const seconds = Number(process.argv[2] ?? 5);
const rounds = Number(process.argv[3] ?? 3);
const pairs = 100;
const servers = [
  ['Aside', 'server/start.js'],
  ['bare prototype', 'bench/prototype.ts'],
] as const;

interface Contestant {
  name: string;
  server: Started;
  people: Pair[];
  results: Map<number, LoadResult[]>;
}

const folder = await mkdtemp(join(tmpdir(), 'aside-bench-'));
// PostgreSQL may run as another user, who must be able to enter.
await chmod(folder, 0o755);
const contestants: Contestant[] = [];
try {
  for (const [name, file] of servers) contestants.push(await prepare(name, file));
  for (let round = 0; round < rounds; round += 1) {
    for (const inFlight of [1, 8]) {
      for (const { server, people, results } of contestants) {
        const result = await runLoad(server.url, people, inFlight, seconds);
        results.set(inFlight, [...(results.get(inFlight) ?? []), result]);
      }
    }
  }
  print();
} finally {
  for (const { server } of contestants) await server.stop();
  await rm(folder, { recursive: true, force: true });
}

async function prepare(name: string, file: string): Promise<Contestant> {
  const server = await start(file, {
    DATA_DIR: join(folder, name.replace(' ', '-')),
    SEND_RATE: '1000000',
    SEND_BURST: '1000000',
  });
  const people = await bringPairs(server.url, pairs);
  // Warm: code compiled, connections open, plans made.
  await runLoad(server.url, people, 1, 2);
  return { name, server, people, results: new Map() };
}

/** The round in the middle by rate. */
function median(results: LoadResult[]): LoadResult {
  return [...results].sort((a, b) => a.perSecond - b.perSecond)[results.length >> 1]!;
}

function print(): void {
  console.log(
    `${pairs} pairs, 120-byte bodies, closed loop, median of ${rounds} rounds of ${seconds} s`,
  );
  console.log('in flight | server         | delivered/s |  p50 ms |  p99 ms | undelivered');
  for (const inFlight of [1, 8]) {
    const middles = contestants.map(({ results }) => median(results.get(inFlight)!));
    contestants.forEach(({ name }, i) => {
      const r = middles[i]!;
      const cells = [
        String(inFlight).padStart(9),
        name.padEnd(14),
        r.perSecond.toFixed(0).padStart(11),
        r.p50Ms.toFixed(1).padStart(7),
        r.p99Ms.toFixed(1).padStart(7),
        String(r.undelivered).padStart(11),
      ];
      console.log(cells.join(' | '));
    });
    const [aside, bare] = middles;
    const rate = (aside!.perSecond / bare!.perSecond).toFixed(2);
    const p99 = (aside!.p99Ms / bare!.p99Ms).toFixed(2);
    console.log(
      `with ${inFlight} in flight Aside has ${rate} of the prototype's rate, ${p99} of its p99`,
    );
  }
}
