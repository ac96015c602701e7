import { randomUUID } from 'node:crypto';
import type { Line, Receive } from './_support/load/line.ts';
import type { LoadOrder, LoadReport } from './_support/load/order.ts';
import { openMesh, openWebSocketLine } from './_support/load/web-socket-line.ts';
import { openXmppLine } from './_support/load/xmpp-line.ts';

// The load, as a process of its own: a benchmark starts one per contestant and gives it orders. A closed loop: each
// sender keeps a number of messages in flight; a message counts when its recipient's socket has received it.

const drainMs = 10_000;
/** Pairs of sockets opened at a time: a server that is greeted by all at once is measured at something else. */
const openAtOnce = 20;
let lines: Line[] = [];
let received: Receive = () => {};
const receive: Receive = (ids) => received(ids);

process.on('message', (order: LoadOrder) => {
  void obey(order).then((report) => process.send!(report));
});
process.on('disconnect', () => process.exit(0));

async function obey(order: LoadOrder): Promise<LoadReport | 'opened'> {
  if (order.do === 'run') return run(lines.slice(0, order.senders), order.inFlight, order.ms);
  lines = await open(order);
  return 'opened';
}

function open(order: LoadOrder & { do: 'open' }): Promise<Line[]> {
  switch (order.protocol) {
    case 'mesh':
      return openMesh(order.url, order.mesh, receive);
    case 'aside':
      return openSome(order.people.length, (i) =>
        openWebSocketLine(order.url, order.people[i]!, receive),
      );
    case 'xmpp':
      return openSome(order.pairs, (i) => openXmppLine(order.port, i, receive));
  }
}

async function openSome(count: number, openOne: (i: number) => Promise<Line>): Promise<Line[]> {
  const opened: Line[] = [];
  while (opened.length < count) {
    const some = Math.min(openAtOnce, count - opened.length);
    const first = opened.length;
    opened.push(...(await Promise.all(Array.from({ length: some }, (_, i) => openOne(first + i)))));
  }
  return opened;
}

interface Flight {
  line: Line;
  at: number;
}

async function run(used: readonly Line[], inFlight: number, ms: number): Promise<LoadReport> {
  const latencies: number[] = [];
  const flights = new Map<string, Flight>();
  const cpuBefore = process.cpuUsage();
  const end = performance.now() + ms;
  let inTime = 0;
  const drained = Promise.withResolvers<void>();
  const timer = setTimeout(() => drained.resolve(), ms + drainMs);
  const post = (line: Line, count: number, at: number): void => {
    const ids = Array.from({ length: count }, () => randomUUID() as string);
    for (const id of ids) flights.set(id, { line, at });
    line.post(ids);
  };
  received = (ids) => {
    const now = performance.now();
    const counts = new Map<Line, number>();
    for (const id of ids) {
      const flight = flights.get(id);
      if (!flight) continue;
      flights.delete(id);
      latencies.push(now - flight.at);
      counts.set(flight.line, (counts.get(flight.line) ?? 0) + 1);
    }
    if (now >= end) {
      if (flights.size === 0) drained.resolve();
      return;
    }
    for (const [line, count] of counts) {
      inTime += count;
      post(line, count, now);
    }
  };
  for (const line of used) post(line, inFlight, performance.now());
  await drained.promise;
  clearTimeout(timer);
  const cpu = process.cpuUsage(cpuBefore);
  latencies.sort((a, b) => a - b);
  const quantile = (q: number): number => latencies[Math.floor(latencies.length * q)] ?? NaN;
  return {
    perSecond: inTime / (ms / 1000),
    delivered: latencies.length,
    undelivered: flights.size,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    cpuMs: (cpu.user + cpu.system) / 1000,
  };
}
