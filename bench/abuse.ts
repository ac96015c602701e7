import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { knobs } from '../server/src/config.ts';
import { openOthers, type Others, type Waits } from './abuse/others.ts';
import { cpuMsOf } from './_support/cpu.ts';
import type { Pair } from './_support/load/web-socket-line.ts';
import { greet, meet } from './abuse/greet.ts';
import { bringPairs, start } from './_support/start.ts';

// What the others notice of somebody who abuses the server: the p99 of their deliveries and inbox pages alone and
// beside the abuser, in turns on one server with the default limits. Ratios count. Each row is another abuser.
// usage: npm run bench:abuse [-- --seconds N] [--rounds N] [--only WORDS]

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const pairs = 50;
const pace = { writeEveryMs: 250, lookEveryMs: 50 };
const kinds = [
  'sends by socket',
  'sends by HTTP',
  'five people’s sends by socket',
  'a thousand sockets of one person',
  'hellos from the beginning of time',
  'connections that say nothing',
  'people looked up',
  'inbox pages',
  'sign-in attempts',
  'requests of nobody',
  'settings changed',
  'typing marks and pings',
].filter((kind) => kind.includes(values.only));

const folder = await mkdtemp(join(tmpdir(), 'aside-bench-'));
// PostgreSQL may run as another user, who must be able to enter.
await chmod(folder, 0o755);
const server = await start('server/start.js', {
  DATA_DIR: join(folder, 'data'),
  READ_RATE: knobs.READ_RATE.default,
  READ_BURST: knobs.READ_BURST.default,
});
try {
  const people = await bringPairs(server.url, pairs + 5);
  const abusers = await Promise.all(people.slice(pairs).map(settleIn));
  const others = await openOthers(server.url, people.slice(0, pairs), pace);
  await measure(others, 3);
  console.log(
    `${pairs} pairs write ${(1000 / pace.writeEveryMs) * pairs} messages/s and look at ${1000 / pace.lookEveryMs} inboxes/s; ` +
      `p99 of ${rounds} rounds of ${seconds} s alone and as many beside the abuser`,
  );
  console.log(
    'abuser                            | delivery alone, beside, ratio | inbox alone, beside, ratio | cores alone, beside | failed | the abuser got',
  );
  for (const kind of kinds) await compare(kind, others, abusers);
  others.stop();
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}

async function compare(kind: string, others: Others, abusers: object[]): Promise<void> {
  const alone: Waits[] = [];
  const beside: Waits[] = [];
  const busy = [0, 0];
  // Held still and let go, so that no round pays for the start of a process.
  const abuser = await startAbuser(kind, abusers);
  for (let round = 0; round < rounds; round += 1) {
    abuser.kill('SIGSTOP');
    await sleep(300);
    const before = cpuMsOf(server.process.pid!);
    alone.push(await measure(others, seconds));
    const between = cpuMsOf(server.process.pid!);
    abuser.kill('SIGCONT');
    beside.push(await measure(others, seconds));
    busy[0]! += (between - before) / 1000;
    busy[1]! += (cpuMsOf(server.process.pid!) - between) / 1000;
  }
  const got = await endAbuser(abuser);
  const cells = [
    kind.padEnd(33),
    sideBySide(alone, beside, 'deliveries').padStart(29),
    sideBySide(alone, beside, 'inboxes').padStart(26),
    busy
      .map((one) => (one / rounds / seconds).toFixed(2))
      .join(', ')
      .padStart(19),
    String(sum(beside.map((one) => one.failures))).padStart(6),
    Object.entries(got)
      .map(([what, count]) => `${what}: ${count}`)
      .join(', '),
  ];
  console.log(cells.join(' | '));
}

async function measure(others: Others, forSeconds: number): Promise<Waits> {
  others.begin();
  await sleep(forSeconds * 1000);
  return others.end();
}

/** The p99 of all rounds together, alone and beside, and the ratio of the two. */
function sideBySide(alone: Waits[], beside: Waits[], what: 'deliveries' | 'inboxes'): string {
  const [a, b] = [alone, beside].map((all) => p99(all.flatMap((one) => one[what])));
  return `${a!.toFixed(1)} ms, ${b!.toFixed(1)} ms, ${(b! / a!).toFixed(2)}`;
}

/** An abuser has somebody they may write to, so that only the limits stand between them and the others. */
async function settleIn(pair: Pair): Promise<{ token: string; conversationId: string }> {
  const lines = [
    await greet(server.url, pair.senderToken),
    await greet(server.url, pair.recipientToken),
  ];
  const conversationId = await meet(lines[0]!, lines[1]!, pair);
  for (const line of lines) line.terminate();
  return { token: pair.senderToken, conversationId };
}

function p99(waits: number[]): number {
  return [...waits].sort((a, b) => a - b)[Math.floor(waits.length * 0.99)] ?? Number.NaN;
}

function sum(values_: number[]): number {
  return values_.reduce((all, one) => all + one, 0);
}

async function startAbuser(
  kind: string,
  abusers: object[],
): Promise<ChildProcessByStdio<null, Readable, null>> {
  const file = join(import.meta.dirname, 'abuse', 'abuser.ts');
  const child = spawn(process.execPath, [file, kind, server.url, JSON.stringify(abusers)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

async function endAbuser(
  child: ChildProcessByStdio<null, Readable, null>,
): Promise<Record<string, number>> {
  const chunks: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  await closed;
  return JSON.parse(chunks.join('')) as Record<string, number>;
}
