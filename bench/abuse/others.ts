import { randomUUID } from 'node:crypto';
import type { Pair } from '../_support/load/web-socket-line.ts';
import { greet, meet } from './greet.ts';

// Ordinary people: each pair writes at an even pace over sockets, and some look at their inbox over HTTP. What they
// wait for is measured whether or not somebody abuses the server at the same time.

export interface Others {
  /** Forgets what was measured so far. */
  begin(): void;
  /** Waits until what is under way has arrived, and answers how long everything since `begin` took, in ms. */
  end(): Promise<Waits>;
  stop(): void;
}

export interface Waits {
  deliveries: number[];
  inboxes: number[];
  /** Sends and inboxes that were not answered within the patience, or were refused. */
  failures: number;
}

export interface Pace {
  /** Time between two messages of a pair. */
  writeEveryMs: number;
  /** Time between two looks at an inbox, all people together. */
  lookEveryMs: number;
}

const patienceMs = 10_000;

export async function openOthers(url: string, pairs: readonly Pair[], pace: Pace): Promise<Others> {
  let waits: Waits = { deliveries: [], inboxes: [], failures: 0 };
  let underWay = 0;
  const settle = (): void => void (underWay -= 1);
  const lines = await Promise.all(pairs.map((pair) => openLine(url, pair)));
  const write = async (line: Line): Promise<void> => {
    underWay += 1;
    const mine = waits;
    const tookMs = await line.deliver();
    if (tookMs === null) mine.failures += 1;
    else mine.deliveries.push(tookMs);
    settle();
  };
  const look = async (pair: Pair): Promise<void> => {
    underWay += 1;
    const mine = waits;
    const tookMs = await lookAtInbox(url, pair.recipientToken);
    if (tookMs === null) mine.failures += 1;
    else mine.inboxes.push(tookMs);
    settle();
  };
  let turn = 0;
  const timers = lines.map((line, i) =>
    every(pace.writeEveryMs, (i / lines.length) * pace.writeEveryMs, () => void write(line)),
  );
  timers.push(every(pace.lookEveryMs, 0, () => void look(pairs[(turn += 1) % pairs.length]!)));
  return {
    begin: () => (waits = { deliveries: [], inboxes: [], failures: 0 }),
    async end() {
      const mine = waits;
      waits = { deliveries: [], inboxes: [], failures: 0 };
      const latest = performance.now() + patienceMs;
      const count = mine.deliveries.length + mine.inboxes.length + mine.failures + underWay;
      const settled = (): number => mine.deliveries.length + mine.inboxes.length + mine.failures;
      while (settled() < count && performance.now() < latest && underWay > 0) await tick();
      return mine;
    },
    stop() {
      for (const stop of timers) stop();
      for (const line of lines) line.close();
    },
  };
}

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

function every(ms: number, firstAfterMs: number, act: () => void): () => void {
  let timer: NodeJS.Timeout = setTimeout(() => {
    timer = setInterval(act, ms);
    act();
  }, firstAfterMs);
  return () => clearTimeout(timer);
}

interface Line {
  /** Sends one message; answers after how many ms the other had it, or null. */
  deliver(): Promise<number | null>;
  close(): void;
}

async function openLine(url: string, pair: Pair): Promise<Line> {
  const [sender, recipient] = await Promise.all([
    greet(url, pair.senderToken),
    greet(url, pair.recipientToken),
  ]);
  const conversationId = await meet(sender, recipient, pair);
  const arrivals = new Map<string, (arrived: boolean) => void>();
  recipient.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as { t: string; message?: { clientId: string } };
    if (frame.t === 'message') arrivals.get(frame.message!.clientId)?.(true);
  });
  sender.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as { t: string; clientId: string };
    if (frame.t === 'refused') arrivals.get(frame.clientId)?.(false);
  });
  return {
    deliver() {
      const clientId = randomUUID();
      const from = performance.now();
      const text = `${clientId} and a few words more`;
      return new Promise((resolve) => {
        const settle = (arrived: boolean): void => {
          clearTimeout(timer);
          arrivals.delete(clientId);
          resolve(arrived ? performance.now() - from : null);
        };
        const timer = setTimeout(() => settle(false), patienceMs);
        arrivals.set(clientId, settle);
        sender.send(JSON.stringify({ t: 'send', clientId, conversationId, text }));
      });
    },
    close() {
      sender.terminate();
      recipient.terminate();
    },
  };
}

async function lookAtInbox(url: string, token: string): Promise<number | null> {
  const from = performance.now();
  try {
    const answer = await fetch(`${url}/api/conversations?limit=50`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(patienceMs),
    });
    await answer.arrayBuffer();
    return answer.ok ? performance.now() - from : null;
  } catch {
    return null;
  }
}
