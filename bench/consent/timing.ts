import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { Agent, request as ask } from 'node:http';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { operatorKey, start } from '../_support/start.ts';

// How well the time of a refusal tells what it hides. States that must look alike are tried in turn, in an order drawn
// anew in every round, on one server and one connection; a table shows how far their times lie apart.
// usage: node bench/consent/timing.ts [TRIES-PER-STATE [WARM-UP]]

const tries = Number(process.argv[2] ?? 1_000);
const warmUp = Number(process.argv[3] ?? 300);

interface Person {
  id: string;
  username: string;
  token: string;
}

interface State {
  name: string;
  /** Only states of one group must look alike. */
  group: string;
  code: string;
  sender: Person;
  recipient: Person;
  timesMs: number[];
}

type Prepare = (sender: Person, recipient: Person, id: string) => Promise<unknown>;

const folder = await mkdtemp(join(tmpdir(), 'aside-timing-'));
// PostgreSQL may run as another user, who must be able to enter.
await chmod(folder, 0o755);
const server = await start('server/start.js', {
  DATA_DIR: folder,
  SEND_RATE: '1000000',
  SEND_BURST: '1000000',
  WRITE_RATE: '1000000',
  READ_RATE: '1000000',
  READ_BURST: '1000000',
  WRITE_BURST: '1000000',
});
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
try {
  const states = await prepareStates();
  for (let round = 0; round < warmUp + tries; round += 1) {
    for (const state of shuffled(states)) {
      const { ms, code } = await refusedSend(state);
      if (code !== state.code) throw new Error(`${state.name} answered ${code}`);
      if (round >= warmUp) state.timesMs.push(ms);
    }
  }
  print(states);
} finally {
  agent.destroy();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}

async function prepareStates(): Promise<State[]> {
  const doors: [string, Prepare][] = [
    ['reach: following, not followed', async () => {}],
    ['reach: nobody', (_, to) => call(to, 'PATCH', '/api/settings', { reach: 'nobody' })],
    ['blocked', (from, to) => call(to, 'PUT', `/api/people/${from.username}/block`)],
    [
      'blocked, reach: everyone',
      async (from, to) => {
        await call(to, 'PATCH', '/api/settings', { reach: 'everyone' });
        await call(to, 'PUT', `/api/people/${from.username}/block`);
      },
    ],
  ];
  const requests: [string, Prepare][] = [
    ['pending', async () => {}],
    ['declined', (_, to, id) => call(to, 'POST', `/api/conversations/${id}/decline`)],
    ['blocked', (from, to) => call(to, 'PUT', `/api/people/${from.username}/block`)],
  ];
  const states: State[] = [];
  for (const [name, prepare] of doors) {
    const [sender, recipient] = await bringTwo(states.length);
    await prepare(sender, recipient, '');
    const group = 'without a request, by name';
    states.push({ name, group, code: 'not_accepting', sender, recipient, timesMs: [] });
  }
  for (const [name, prepare] of requests) {
    const [sender, recipient] = await bringTwo(states.length);
    await call(recipient, 'PATCH', '/api/settings', { reach: 'everyone' });
    const sent = await call<{ message: { conversationId: string } }>(
      sender,
      'POST',
      `/api/conversations/with/${recipient.username}/messages`,
      { clientId: randomUUID(), text: 'Hello' },
    );
    await prepare(sender, recipient, sent.message.conversationId);
    const group = 'after a request, by name';
    states.push({ name, group, code: 'request_pending', sender, recipient, timesMs: [] });
  }
  return states;
}

async function bringTwo(n: number): Promise<[Person, Person]> {
  const createdAt = new Date(Date.now() - 365 * 86_400_000).toISOString();
  const people = [`from_${n}`, `to_${n}`].map((username) => ({ username, name: 'P', createdAt }));
  const made = await call<Person[]>(operatorKey, 'POST', '/api/operator/people', people);
  return [made[0]!, made[1]!];
}

async function call<T>(
  as: Person | string,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const token = typeof as === 'string' ? as : as.token;
  const answer = await fetch(server.url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return (text === '' ? null : JSON.parse(text)) as T;
}

/** From the first byte written to the last byte read, on the one connection that is kept open. */
function refusedSend({ sender, recipient }: State): Promise<{ ms: number; code: string }> {
  const body = JSON.stringify({ clientId: randomUUID(), text: 'Hello again' });
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const from = performance.now();
    const sent = ask(
      {
        agent,
        hostname,
        port,
        method: 'POST',
        path: `/api/conversations/with/${recipient.username}/messages`,
        headers: {
          authorization: `Bearer ${sender.token}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          const ms = performance.now() - from;
          const { code } = JSON.parse(Buffer.concat(chunks).toString()) as { code: string };
          resolve({ ms, code });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

function shuffled<T>(list: readonly T[]): T[] {
  const all = [...list];
  for (let i = all.length - 1; i > 0; i -= 1) {
    const j = Math.floor(Math.random() * (i + 1));
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all;
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

/** How often a time of `b` is longer than one of `a`, ties counting half: 0.5 tells nothing, 1 or 0 everything. */
function auc(a: readonly number[], b: readonly number[]): number {
  const sorted = [...a].sort((x, y) => x - y);
  const below = (value: number, isInclusive: boolean): number => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const isLess = isInclusive ? sorted[middle]! <= value : sorted[middle]! < value;
      if (isLess) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const wins = b.reduce((sum, value) => sum + (below(value, false) + below(value, true)) / 2, 0);
  return wins / (a.length * b.length);
}

/** The share that two histograms have in common, over 20 bins that hold equally many of both together. */
function overlap(a: readonly number[], b: readonly number[]): number {
  const bins = 20;
  const both = [...a, ...b].sort((x, y) => x - y);
  const edges = Array.from({ length: bins - 1 }, (_, i) => quantile(both, (i + 1) / bins));
  const shares = (times: readonly number[]): number[] => {
    const counts = Array.from({ length: bins }, () => 0);
    for (const time of times) {
      const bin = edges.findIndex((edge) => time < edge);
      counts[bin < 0 ? bins - 1 : bin]! += 1;
    }
    return counts.map((count) => count / times.length);
  };
  const [ofA, ofB] = [shares(a), shares(b)];
  return ofA.reduce((sum, share, i) => sum + Math.min(share, ofB[i]!), 0);
}

/** The same of one state with itself, its tries split at random: what chance alone makes of it. */
function ownHalves(times: readonly number[]): [number[], number[]] {
  const drawn = shuffled(times);
  return [drawn.slice(0, drawn.length >> 1), drawn.slice(drawn.length >> 1)];
}

function print(states: readonly State[]): void {
  console.log(
    `${tries} refused sends of each state, interleaved, one connection, after ${warmUp} to warm up`,
  );
  console.log('AUC: 0.5 tells nothing. Guess: how often the better guess from one time is right.');
  for (const group of new Set(states.map((state) => state.group))) {
    const members = states.filter((state) => state.group === group);
    console.log(`\n${group}\n${'state'.padEnd(32)} | median ms |  p90 ms |  p99 ms`);
    for (const { name, timesMs } of members) {
      const sorted = [...timesMs].sort((a, b) => a - b);
      const cells = [0.5, 0.9, 0.99].map((share) => quantile(sorted, share).toFixed(3).padStart(7));
      console.log([name.padEnd(32), ` ${cells[0]} `, cells[1], cells[2]].join(' | '));
    }
    console.log(`${'pair'.padEnd(62)} |   AUC | guess | overlap`);
    for (const [i, one] of members.entries()) {
      for (const other of members.slice(i + 1)) {
        line(`${one.name} / ${other.name}`, one.timesMs, other.timesMs);
      }
    }
    line(`${members[0]!.name} / itself`, ...ownHalves(members[0]!.timesMs));
  }
}

function line(name: string, a: readonly number[], b: readonly number[]): void {
  const area = auc(a, b);
  const guess = Math.max(area, 1 - area);
  const cells = [area, guess, overlap(a, b)].map((value) => value.toFixed(3));
  console.log(`${name.padEnd(62)} | ${cells[0]} | ${cells[1]} |   ${cells[2]}`);
}
