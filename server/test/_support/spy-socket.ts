import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import type { ClientFrame, Message, ServerFrame } from '@aside/protocol';
import { until } from './people.ts';

/** A client that only watches: it keeps every frame it is sent, in order. */
export interface SpySocket {
  readonly frames: ServerFrame[];
  readonly closed: { code: number } | null;
  /** The handshake succeeded at some time. */
  readonly isOpen: boolean;
  send(frame: ClientFrame | object | string): void;
  /** Sends bytes as they are, in a text frame unless `binary`. */
  sendBytes(bytes: Buffer, binary?: boolean): void;
  /** Sends a message and resolves with the ack or the refusal. */
  write(
    target: { to: string } | { conversationId: string },
    text: string,
    clientId?: string,
  ): Promise<ServerFrame & ({ t: 'ack' } | { t: 'refused' })>;
  /** The messages of a conversation as they came, oldest first. */
  messages(conversationId?: string): Message[];
  /** Resolves with the first frame, past or future, that fits. */
  frame<T extends ServerFrame['t']>(
    t: T,
    fits?: (frame: ServerFrame & { t: T }) => boolean,
  ): Promise<ServerFrame & { t: T }>;
  /** Stops or resumes reading from the network. */
  pause(): void;
  resume(): void;
  close(): Promise<void>;
}

/** Opens a socket as this person and resolves after the welcome. */
export async function openSocket(url: string, token: string, pos?: number): Promise<SpySocket> {
  const socket = rawSocket(url);
  socket.send({ t: 'hello', token, ...(pos === undefined ? {} : { pos }) });
  await socket.frame('welcome');
  return socket;
}

/** A socket that has not said hello yet. */
export function rawSocket(url: string, headers: Record<string, string> = {}): SpySocket {
  const ws = new WebSocket(`${url.replace('http', 'ws')}/api/socket`, { headers });
  const frames: ServerFrame[] = [];
  const waiting: [data: string | Buffer, binary: boolean][] = [];
  let closed: { code: number } | null = null;
  let isOpen = false;
  ws.on('open', () => (isOpen = true));
  ws.on('open', () => waiting.splice(0).forEach(([data, binary]) => ws.send(data, { binary })));
  ws.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as ServerFrame));
  ws.on('close', (code) => (closed = { code }));
  ws.on('error', () => {});
  const put = (data: string | Buffer, binary = false): void => {
    if (ws.readyState === ws.CONNECTING) waiting.push([data, binary]);
    else ws.send(data, { binary });
  };
  const send = (frame: object | string): void =>
    put(typeof frame === 'string' ? frame : JSON.stringify(frame));
  const socket: SpySocket = {
    frames,
    get closed() {
      return closed;
    },
    get isOpen() {
      return isOpen;
    },
    send,
    sendBytes: put,
    async write(target, text, clientId = randomUUID()) {
      const from = frames.length;
      send({ t: 'send', clientId, text, ...target });
      return until(() =>
        frames
          .slice(from)
          .find(
            (f): f is ServerFrame & ({ t: 'ack' } | { t: 'refused' }) =>
              (f.t === 'ack' || f.t === 'refused') && f.clientId === clientId,
          ),
      );
    },
    messages: (conversationId) =>
      frames.flatMap((f) =>
        f.t === 'message' && (!conversationId || f.conversationId === conversationId)
          ? [f.message]
          : [],
      ),
    frame: (t, fits = () => true) =>
      until(() => frames.find((f): f is never => f.t === t && fits(f as never))),
    pause: () => ws.pause(),
    resume: () => ws.resume(),
    async close() {
      ws.close();
      await until(() => closed);
    },
  };
  return socket;
}
