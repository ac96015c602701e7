import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { cpuMsOfTree } from '../_support/cpu.ts';
import type { Bench } from './bench.ts';
import { pointOf, type Curve, type Point } from './curve.ts';

// From `npm start` to the line that says it serves: with an empty data folder, and again.

const goalSeconds = 2;
const root = join(import.meta.dirname, '..', '..');

export async function measureStartUp(bench: Bench): Promise<Curve> {
  const tries = bench.quick ? 3 : 7;
  const times: Record<'first' | 'again', StartUp[]> = { first: [], again: [] };
  for (let n = 0; n < tries; n += 1) {
    const data = join(await bench.folder(), 'data');
    times.first.push(await startOnce(data));
    times.again.push(await startOnce(data));
  }
  const points = (pick: (one: StartUp) => number): Point[] => [
    pointOf('first', times.first.map(pick)),
    pointOf('again', times.again.map(pick)),
  ];
  const ready = points((one) => one.seconds);
  return {
    key: 'start-up',
    title: 'npm start',
    isUnordered: true,
    across: 'data folder',
    unit: 's',
    series: [
      { name: 'to the ready line', points: ready },
      { name: 'processor time until then', points: points((one) => one.cpuSeconds) },
    ],
    goal: {
      value: goalSeconds,
      words: `under ${goalSeconds} s on an initialised data folder`,
      isMet: ready[1]!.median < goalSeconds,
    },
    notes: [
      'From `npm start` to its line with the address, the start of npm itself and of PostgreSQL included.',
    ],
  };
}

interface StartUp {
  seconds: number;
  cpuSeconds: number;
}

async function startOnce(data: string): Promise<StartUp> {
  const begin = performance.now();
  const child = spawn('npm', ['start', '--silent'], {
    cwd: root,
    env: { ...process.env, PORT: '0', DATA_DIR: data, LOG_LEVEL: 'warn' },
    // A group of its own, so that the signal reaches the server below npm as well.
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let text = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('ready at')) resolve();
    });
    void ended.then(() => reject(new Error(`npm start ended: ${text}`)));
  });
  const seconds = (performance.now() - begin) / 1000;
  const cpuSeconds = cpuMsOfTree(child.pid!) / 1000;
  process.kill(-child.pid!, 'SIGTERM');
  await ended;
  return { seconds, cpuSeconds };
}
