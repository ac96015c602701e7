import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { WebSocketServer, type ServerOptions } from 'ws';
import { limits } from '@aside/protocol';
import type { PersonId } from '../../base/ids.ts';
import { takeToken, type Bucket } from '../../domain/token-bucket.ts';
import { isOwnOrigin } from '../accounts/origin.ts';
import type { Viewer } from '../accounts/viewer.ts';
import type { AddressGate } from '../http/address-gate.ts';
import { problemOf } from '../http/problems.ts';
import { hangUp } from '../http/unreadable.ts';
import { Connection } from './connection.ts';
import type { SocketContext } from './context.ts';

const beatMs = 30_000;
/** How long a stop waits for the answers to sends that were taken. */
const drainMs = 5_000;

/** Sockets that have not said hello; beyond, the one that has waited longest goes. Who says it at once is not touched. */
const silentMax = 2_000;
/** How long a socket that we closed may take to close as well. */
const closeMs = 5_000;
const tooManyFromThere = 'Too many connections from your address.';

// The types do not know the last two yet.
const socketOptions: ServerOptions & { closeTimeout: number; maxPendingAutoPongs: number } = {
  noServer: true,
  maxPayload: limits.bodyMaxBytes,
  // Compression costs memory per socket and lets a small frame become a large one.
  perMessageDeflate: false,
  clientTracking: true,
  closeTimeout: closeMs,
  // Pongs that wait to leave; their own bound is the rate of frames, which closes with a code.
  maxPendingAutoPongs: 1_000,
};

export interface SocketServer {
  /** Answers what was taken, asks every client to come back later, then cuts the lines that are left. */
  stop(): Promise<void>;
  /** Sockets open now, those that have not said hello included. */
  readonly open: number;
}

type Given = Omit<SocketContext, 'forget' | 'mayGreet' | 'greeted'> & {
  socketsPerPerson: number;
  /** Counts sockets by the address that our proxy saw; null: connections are counted where they come in. */
  forwarded: AddressGate | null;
};

/** Accepts sockets at GET /api/socket of this HTTP server; every other upgrade is refused. */
export function createSocketServer(http: Server, given: Given): SocketServer {
  const connections = new Set<Connection>();
  /** Those that have not said hello, the longest-waiting first. */
  const silent = new Set<Connection>();
  const context: SocketContext = {
    ...given,
    mayGreet: limitHellos(given),
    greeted: (socket) => silent.delete(socket as Connection),
    forget(socket) {
      silent.delete(socket as Connection);
      connections.delete(socket as Connection);
    },
  };
  const add = (connection: Connection): void => {
    connections.add(connection);
    silent.add(connection);
    const [longest] = silent;
    if (silent.size > silentMax) longest?.close('helloTimeout');
  };
  const sockets = new WebSocketServer(socketOptions);
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Node no longer listens for us: without this, a client that hangs up now would end the process.
    socket.on('error', () => socket.destroy());
    const leave = given.forwarded ? given.forwarded.enter(forwardedAddress(request)) : () => {};
    if (!leave) return hangUp(socket, problemOf('rate_limited', tooManyFromThere, 10_000));
    socket.once('close', leave);
    void admit(request, context).then((viewer) => {
      if (viewer === 'refused') return refuseUpgrade(socket, request);
      const resolve = async (): Promise<Viewer | null> =>
        viewer && context.resolve(request.headers);
      sockets.handleUpgrade(request, socket, head, (ws) => {
        add(new Connection(ws, socket, context, resolve));
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

/** All sockets of a person may come back several times over, after a restart too; then only as fast as makes sense. */
function limitHellos({ socketsPerPerson, world }: Given): SocketContext['mayGreet'] {
  const rule = { ratePerSecond: socketsPerPerson / 2, burst: socketsPerPerson * 5 };
  const buckets = new LRUCache<PersonId, Bucket>({ max: 50_000 });
  return (personId) => {
    const outcome = takeToken(buckets.get(personId), rule, world.clock.now());
    buckets.set(personId, outcome.bucket);
    return outcome.taken;
  };
}

/** What our proxy added is the last; all before it is whatever the client wrote. */
function forwardedAddress({ headers, socket }: IncomingMessage): string {
  const chain = String(headers['x-forwarded-for'] ?? '').split(',');
  return chain.at(-1)?.trim() || (socket.remoteAddress ?? '');
}
