import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { Refusal } from '../../base/refusal.ts';
import { whenOver } from './when-over.ts';

/** Requests of one connection that are not answered yet. Hardly anybody sends a second one before the first is. */
const underWayMax = 64;

/** One packet can carry hundreds of small requests, which would all begin in the same moment. */
export function boundEachLine(app: FastifyInstance): void {
  const underWay = new WeakMap<Socket, number>();
  // Each request under way listens for the end of its connection; their number is bounded here.
  app.server.on('connection', (socket: Socket) => socket.setMaxListeners(underWayMax + 20));
  app.addHook('onRequest', async (request, reply) => {
    const { socket } = request.raw;
    const count = (underWay.get(socket) ?? 0) + 1;
    if (count > underWayMax) {
      throw new Refusal('rate_limited', 'Too many requests at once on one connection.', {
        retryAfterMs: 1_000,
      });
    }
    underWay.set(socket, count);
    whenOver(reply, () => underWay.set(socket, underWay.get(socket)! - 1));
  });
}
