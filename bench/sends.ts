import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runLoad, type LoadResult } from './_support/load.ts';
import { bringPairs, start } from './_support/start.ts';

// Messages per second over sockets, Aside beside a bare prototype of the same write path, on the same kind of
// database in one run. Ratios count; absolute figures depend on the machine and the hour.
// usage: npm run bench [-- SECONDS]

const seconds = Number(process.argv[2] ?? 10);
const pairs = 100;
const folder = await mkdtemp(join(tmpdir(), 'aside-bench-'));
// PostgreSQL may run as another user, who must be able to enter.
await chmod(folder, 0o755);
const results = new Map<string, LoadResult>();

try {
  for (const [name, file] of [
    ['Aside', 'server/start.js'],
    ['bare prototype', 'bench/prototype.ts'],
  ] as const) {
    const server = await start(file, {
      DATA_DIR: join(folder, name.replace(' ', '-')),
      SEND_RATE: '1000000',
      SEND_BURST: '1000000',
    });
    try {
      const people = await bringPairs(server.url, pairs);
      await runLoad(server.url, people, 1, 2);
      for (const inFlight of [1, 8]) {
        results.set(`${name}/${inFlight}`, await runLoad(server.url, people, inFlight, seconds));
      }
    } finally {
      await server.stop();
    }
  }
  print();
} finally {
  await rm(folder, { recursive: true, force: true });
}

function print(): void {
  console.log(
    `${pairs} pairs, 120-byte bodies, ${seconds} s each, closed loop, embedded PostgreSQL`,
  );
  console.log('in flight | server         | delivered/s |  p50 ms |  p99 ms | undelivered');
  for (const inFlight of [1, 8]) {
    for (const name of ['Aside', 'bare prototype']) {
      const r = results.get(`${name}/${inFlight}`)!;
      console.log(
        [
          String(inFlight).padStart(9),
          name.padEnd(14),
          r.perSecond.toFixed(0).padStart(11),
          r.p50Ms.toFixed(1).padStart(7),
          r.p99Ms.toFixed(1).padStart(7),
          String(r.undelivered).padStart(11),
        ].join(' | '),
      );
    }
    const ratio =
      results.get(`Aside/${inFlight}`)!.perSecond /
      results.get(`bare prototype/${inFlight}`)!.perSecond;
    console.log(
      `ratio with ${inFlight} in flight: ${ratio.toFixed(2)} of the bare prototype's rate`,
    );
  }
}
