import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';

// A closed loop over real sockets: each sender keeps a number of messages in flight to its partner; a message
// counts when the recipient's socket has received it.

export interface Pair {
  senderToken: string;
  recipientToken: string;
  recipient: string;
}

export interface LoadResult {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  undelivered: number;
}

const body = 'x'.repeat(120);
const drainMs = 10_000;

export async function runLoad(
  url: string,
  pairs: readonly Pair[],
  inFlight: number,
  seconds: number,
): Promise<LoadResult> {
  const lines = await Promise.all(pairs.map((pair) => openLine(url, pair)));
  const latencies: number[] = [];
  const end = performance.now() + seconds * 1000;
  let waiting = 0;
  let delivered = 0;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000 + drainMs);
    for (const line of lines) {
      line.onDelivered = (ms) => {
        const now = performance.now();
        latencies.push(ms);
        waiting -= 1;
        if (now < end) {
          delivered += 1;
          waiting += 1;
          line.fire();
        } else if (waiting === 0) {
          clearTimeout(timer);
          resolve();
        }
      };
      for (let i = 0; i < inFlight; i += 1) {
        waiting += 1;
        line.fire();
      }
    }
  });
  for (const line of lines) line.close();
  latencies.sort((a, b) => a - b);
  const quantile = (q: number): number => latencies[Math.floor(latencies.length * q)] ?? Number.NaN;
  return {
    perSecond: delivered / seconds,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    undelivered: waiting,
  };
}

interface Line {
  onDelivered(ms: number): void;
  fire(): void;
  close(): void;
}

async function openLine(url: string, pair: Pair): Promise<Line> {
  const [sender, recipient] = await Promise.all([
    greet(url, pair.senderToken),
    greet(url, pair.recipientToken),
  ]);
  const conversationId = await meet(sender, recipient, pair.recipient);
  const started = new Map<string, number>();
  const line: Line = {
    onDelivered: () => {},
    fire() {
      const clientId = randomUUID();
      started.set(clientId, performance.now());
      sender.send(JSON.stringify({ t: 'send', clientId, conversationId, text: body }));
    },
    close() {
      sender.terminate();
      recipient.terminate();
    },
  };
  recipient.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as { t: string; message?: { clientId: string } };
    if (frame.t !== 'message') return;
    const at = started.get(frame.message!.clientId);
    if (at === undefined) return;
    started.delete(frame.message!.clientId);
    line.onDelivered(performance.now() - at);
  });
  sender.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as { t: string; code?: string };
    if (frame.t === 'refused') throw new Error(`a send was refused: ${frame.code}`);
  });
  return line;
}

function greet(url: string, token: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(`${url.replace('http', 'ws')}/api/socket`);
    ws.on('open', () => ws.send(JSON.stringify({ t: 'hello', token })));
    ws.once('message', () => resolve(ws));
    ws.once('error', reject);
  });
}

/** The first message is a request; the answer to it lets the sender write as they like. */
async function meet(sender: WebSocket, recipient: WebSocket, to: string): Promise<string> {
  const conversationId = await sendOne(sender, { to });
  await sendOne(recipient, { conversationId });
  return conversationId;
}

/** Resolves with the conversation that the ack names. */
function sendOne(
  ws: WebSocket,
  target: { to: string } | { conversationId: string },
): Promise<string> {
  const clientId = randomUUID();
  ws.send(JSON.stringify({ t: 'send', clientId, ...target, text: 'Hello' }));
  return new Promise((resolve, reject) => {
    const listen = (data: Buffer): void => {
      const frame = JSON.parse(data.toString()) as {
        t: string;
        clientId?: string;
        conversationId: string;
        code?: string;
      };
      if (frame.clientId !== clientId) return;
      ws.off('message', listen);
      if (frame.t === 'ack') resolve(frame.conversationId);
      else reject(new Error(`a greeting was refused: ${frame.code}`));
    };
    ws.on('message', listen);
  });
}
