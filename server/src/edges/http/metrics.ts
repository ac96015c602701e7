import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { HttpTallies, Metrics } from '../../base/metrics.ts';
import { metricsContentType } from '../../base/reading.ts';
import { requireOperator } from './operator-key.ts';

/** GET /metrics: what this node counts, for Prometheus. */
export function metricsRoute(
  app: FastifyInstance,
  operatorKey: string | null,
  metrics: Metrics,
): void {
  app.get(
    '/metrics',
    {
      onRequest: requireOperator(operatorKey),
      schema: {
        tags: ['operator'],
        summary: 'What this node counts, as Prometheus reads it; 404 without the operator key',
        security: [{ operator: [] }],
        response: { 200: { content: { 'text/plain': { schema: Type.String() } } } },
      },
    },
    async (_request, reply) => {
      const text = await metrics.text();
      // A route with a schema writes JSON unless told otherwise.
      return reply
        .type(metricsContentType)
        .header('cache-control', 'no-store')
        .serializer(() => text)
        .send(text);
    },
  );
}

/** Counts every answer by the route's pattern, never by the address that was asked: that names people. */
export function countRequests(app: FastifyInstance, tallies: HttpTallies): void {
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url;
    // An unknown address has no pattern, and its method may be anything.
    const what = route === undefined ? '- unknown' : `${request.method} ${route}`;
    tallies.requests.add(`${what} ${Math.floor(reply.statusCode / 100)}xx`);
    tallies.seconds.add(reply.elapsedTime / 1000);
  });
}
