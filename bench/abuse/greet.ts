import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import type { Pair } from '../_support/load/web-socket-line.ts';

/** A socket that has been welcomed. */
export function greet(url: string, token: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(`${url.replace('http', 'ws')}/api/socket`);
    ws.on('open', () => ws.send(JSON.stringify({ t: 'hello', token })));
    ws.once('message', () => resolve(ws));
    ws.once('error', reject);
  });
}

/** The first message is a request; the answer to it lets the sender write as they like. Answers the conversation. */
export async function meet(sender: WebSocket, recipient: WebSocket, pair: Pair): Promise<string> {
  const conversationId = await sendOne(sender, { to: pair.recipient });
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
      const frame = JSON.parse(data.toString()) as Record<string, string>;
      if (frame['clientId'] !== clientId) return;
      ws.off('message', listen);
      if (frame['t'] === 'ack') resolve(frame['conversationId']!);
      else reject(new Error(`a greeting was refused: ${frame['code']}`));
    };
    ws.on('message', listen);
  });
}
