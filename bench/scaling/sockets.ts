import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bringPeople, start, type Started } from '../_support/start.ts';
import type { Bench } from './bench.ts';
import { countWords, pointOf, type Curve } from './curve.ts';

// Resident memory of the server per idle socket, each of a person of its own who has said hello.

const goalKb = 12;
const perHolder = 9_000;

interface Memory {
  rss: number;
  heapUsed: number;
  external: number;
}

/** Each try is a process of its own: memory that was used once, for bringing people say, is not always given back. */
export async function measureSockets(bench: Bench): Promise<Curve> {
  const sizes = bench.quick ? [100, 1_000, 4_000] : [100, 5_000, 18_000];
  const tries = bench.quick ? 1 : 2;
  const rss = sizes.map((): number[] => []);
  const heap = sizes.map((): number[] => []);
  const dataDir = join(await bench.folder(), 'sockets');
  const tokens = await bringMany(dataDir, Math.max(...sizes));
  for (let n = 0; n < tries; n += 1) {
    const all = await measureOnce(dataDir, tokens, sizes);
    for (const [i, { memory, before, count }] of all.entries()) {
      rss[i]!.push((memory.rss - before.rss) / count / 1024);
      heap[i]!.push(
        (memory.heapUsed + memory.external - before.heapUsed - before.external) / count / 1024,
      );
    }
  }
  const points = (values: number[][]) =>
    sizes.map((size, i) => pointOf(countWords(size), values[i]!));
  const resident = points(rss);
  const isMet = resident.slice(1).every((point) => point.median <= goalKb);
  return {
    key: 'sockets',
    title: 'Memory of the server per idle socket',
    across: 'sockets open',
    unit: 'kB',
    series: [
      { name: 'resident', points: resident },
      { name: 'of it JavaScript heap and buffers', points: points(heap) },
    ],
    goal: { value: goalKb, words: `at most ${goalKb} kB resident`, isMet },
    notes: [
      'Resident memory after a forced collection, less that of the same process after it had served and lost 200 sockets, divided by the sockets; the people were brought by an earlier process. With 100 the difference is within the noise of the process. The kernel’s own buffers are not in it.',
    ],
  };
}

async function measureOnce(
  dataDir: string,
  tokens: readonly string[],
  sizes: readonly number[],
): Promise<{ count: number; memory: Memory; before: Memory }[]> {
  const preload = join(import.meta.dirname, '..', '_support', 'report-memory.ts');
  const server = await start('server/start.js', {
    DATA_DIR: dataDir,
    NODE_OPTIONS: `--import ${preload}`,
  });
  const holders: ChildProcess[] = [];
  try {
    const warm = await hold(server.url, tokens.slice(0, 200));
    warm.kill();
    await sleep(1_000);
    const before = await settle(server);
    const results: { count: number; memory: Memory; before: Memory }[] = [];
    let open = 0;
    for (const count of sizes) {
      for (; open < count;) {
        const some = Math.min(count - open, perHolder);
        holders.push(await hold(server.url, tokens.slice(open, open + some)));
        open += some;
      }
      results.push({ count, memory: await settle(server), before });
    }
    return results;
  } finally {
    for (const holder of holders) holder.kill();
    await server.stop();
  }
}

async function bringMany(dataDir: string, count: number): Promise<string[]> {
  const server = await start('server/start.js', { DATA_DIR: dataDir });
  const tokens: string[] = [];
  try {
    while (tokens.length < count) {
      const some = Math.min(1_000, count - tokens.length);
      const first = tokens.length;
      const batch = Array.from({ length: some }, (_, i) => ({
        username: `idle${first + i}`,
        name: `Idle ${first + i}`,
      }));
      tokens.push(...(await bringPeople(server.url, batch)).map(({ token }) => token));
    }
  } finally {
    await server.stop();
  }
  return tokens;
}

async function hold(url: string, tokens: string[]): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, '..', 'idle-sockets.ts'));
  child.send({ url, tokens });
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code) => reject(new Error(`a holder of sockets ended with ${code}`)));
  });
  return child;
}

/** Waits until resident memory after a collection no longer falls. */
async function settle(server: Started): Promise<Memory> {
  let last: Memory | undefined;
  for (let n = 0; n < 10; n += 1) {
    await sleep(1_500);
    const used = await ask(server);
    const memory = { ...used, rss: residentOf(server.process.pid!) };
    if (last && memory.rss > last.rss * 0.995) return memory.rss < last.rss ? memory : last;
    last = memory;
  }
  return last!;
}

function ask({ process: child }: Started): Promise<Memory> {
  return new Promise((resolve) => {
    const read = (chunk: Buffer): void => {
      const found = /memory (\{.*\})/.exec(chunk.toString());
      if (!found) return;
      child.stdout!.off('data', read);
      resolve(JSON.parse(found[1]!) as Memory);
    };
    child.stdout!.on('data', read);
    child.kill('SIGUSR2');
  });
}

function residentOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) * 1024;
}
