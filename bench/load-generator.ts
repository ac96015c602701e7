import { randomUUID } from 'node:crypto';
import type { Line } from './_support/load/line.ts';
import type { LoadOrder, LoadReport } from './_support/load/order.ts';
import { openWebSocketLine } from './_support/load/web-socket-line.ts';
import { openXmppLine } from './_support/load/xmpp-line.ts';

// The load, as a process of its own: sends.ts starts one per contestant and gives it orders. A closed loop: each
// sender keeps a number of messages in flight to its partner; a message counts when the recipient's socket received it.

const drainMs = 10_000;
/** Sockets opened at a time: a server that is greeted by all at once is measured at something else. */
const openAtOnce = 20;
let lines: Line[] = [];

process.on('message', (order: LoadOrder) => {
  void obey(order).then((report) => process.send!(report));
});
process.on('disconnect', () => process.exit(0));

async function obey(order: LoadOrder): Promise<LoadReport | 'opened'> {
  if (order.do === 'run') return run(lines.slice(0, order.pairs), order.inFlight, order.ms);
  const openers =
    order.protocol === 'xmpp'
      ? Array.from({ length: order.pairs }, (_, i) => () => openXmppLine(order.port, i))
      : order.people.map((pair) => () => openWebSocketLine(order.url, pair));
  lines = [];
  for (let i = 0; i < openers.length; i += openAtOnce) {
    const some = openers.slice(i, i + openAtOnce).map((open) => open());
    lines.push(...(await Promise.all(some)));
  }
  return 'opened';
}

async function run(used: readonly Line[], inFlight: number, ms: number): Promise<LoadReport> {
  const latencies: number[] = [];
  const started = new Map<string, number>();
  const cpuBefore = process.cpuUsage();
  const begin = performance.now();
  const end = begin + ms;
  let inTime = 0;
  const drained = Promise.withResolvers<void>();
  const timer = setTimeout(() => drained.resolve(), ms + drainMs);
  const post = (line: Line, count: number): void => {
    const at = performance.now();
    const ids = Array.from({ length: count }, () => randomUUID() as string);
    for (const id of ids) started.set(id, at);
    line.post(ids);
  };
  for (const line of used) {
    line.onReceived = (ids) => {
      const now = performance.now();
      let count = 0;
      for (const id of ids) {
        const at = started.get(id);
        if (at === undefined) continue;
        started.delete(id);
        latencies.push(now - at);
        count += 1;
      }
      if (now < end) {
        inTime += count;
        post(line, count);
      } else if (started.size === 0) drained.resolve();
    };
  }
  for (const line of used) post(line, inFlight);
  await drained.promise;
  clearTimeout(timer);
  const cpu = process.cpuUsage(cpuBefore);
  latencies.sort((a, b) => a - b);
  const quantile = (q: number): number => latencies[Math.floor(latencies.length * q)] ?? NaN;
  return {
    perSecond: inTime / (ms / 1000),
    delivered: latencies.length,
    undelivered: started.size,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    cpuMs: (cpu.user + cpu.system) / 1000,
  };
}
