import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { limits } from '@aside/protocol';
import { isOwnOrigin } from '../accounts/origin.ts';
import type { Viewer } from '../accounts/viewer.ts';
import { problemOf } from '../http/problems.ts';
import { hangUp } from '../http/unreadable.ts';
import { Connection } from './connection.ts';
import type { SocketContext } from './context.ts';

const beatMs = 30_000;
/** How long a stop waits for the answers to sends that were taken. */
const drainMs = 5_000;

export interface SocketServer {
  /** Answers what was taken, asks every client to come back later, then cuts the lines that are left. */
  stop(): Promise<void>;
  /** Sockets open now, those that have not said hello included. */
  readonly open: number;
}

/** Accepts sockets at GET /api/socket of this HTTP server; every other upgrade is refused. */
export function createSocketServer(
  http: Server,
  given: Omit<SocketContext, 'forget'>,
): SocketServer {
  const connections = new Set<Connection>();
  const context: SocketContext = {
    ...given,
    forget: (socket) => connections.delete(socket as Connection),
  };
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.bodyMaxBytes,
    // Compression costs memory per socket and lets a small frame become a large one.
    perMessageDeflate: false,
    clientTracking: true,
  });
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Node no longer listens for us: without this, a client that hangs up now would end the process.
    socket.on('error', () => socket.destroy());
    void admit(request, context).then((viewer) => {
      if (viewer === 'refused') return refuseUpgrade(socket, request);
      const resolve = async (): Promise<Viewer | null> =>
        viewer && context.resolve(request.headers);
      sockets.handleUpgrade(request, socket, head, (ws) => {
        connections.add(new Connection(ws, socket, context, resolve));
      });
    });
  };
  http.on('upgrade', upgrade);
  const heart = setInterval(() => {
    for (const connection of connections) connection.beat();
  }, beatMs);
  return {
    async stop() {
      clearInterval(heart);
      http.off('upgrade', upgrade);
      const drained = Promise.all([...connections].map((connection) => connection.drain()));
      await Promise.race([drained, sleep(drainMs, undefined, { ref: false })]);
      for (const connection of connections) connection.close('goingAway');
      const cut = setTimeout(() => {
        for (const ws of sockets.clients) ws.terminate();
      }, 1_000);
      await new Promise<void>((resolve) => sockets.close(() => resolve()));
      clearTimeout(cut);
    },
    get open() {
      return connections.size;
    },
  };
}

/**
 * A token never travels in the address, where it would be logged. A page of another site may not use the
 * cookie; without one the session comes in the first frame, and the origin does not matter.
 */
async function admit(
  request: IncomingMessage,
  context: SocketContext,
): Promise<Viewer | null | 'refused'> {
  const url = URL.parse(request.url ?? '/', 'http://localhost');
  if (url?.pathname !== '/api/socket' || url.searchParams.has('token')) return 'refused';
  const viewer = await context.resolve(request.headers).catch(() => null);
  const sent = { origin: request.headers.origin, host: request.headers.host ?? '' };
  if (viewer?.via === 'cookie' && !isOwnOrigin(sent, context.publicUrl)) return 'refused';
  return viewer;
}

function refuseUpgrade(socket: Duplex, request: IncomingMessage): void {
  const inQuery = (request.url ?? '').includes('token=');
  const problem = inQuery
    ? problemOf(
        'invalid',
        'A token in the address would end up in logs; send it in the first frame.',
      )
    : (request.url ?? '').startsWith('/api/socket')
      ? problemOf('wrong_origin')
      : problemOf('not_found');
  hangUp(socket, problem);
}
