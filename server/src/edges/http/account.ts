import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { PersonId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { deleteAccount } from '../../actions/delete-account.ts';
import { exportAccount } from '../../queries/export-account.ts';
import { nothing, requireSession, viewerOf, type HttpContext } from './context.ts';

/** The account as a whole: taking everything along, and deleting it. Signing up, in and out is at /api/auth. */
export function accountRoutes(
  app: FastifyInstance,
  context: HttpContext & { endSessions(personId: PersonId): Promise<void> | void },
): void {
  app.delete(
    '/api/me',
    {
      onRequest: requireSession,
      schema: { tags: ['me'], summary: 'Delete my account', response: { 204: nothing } },
    },
    async (request, reply) => {
      const { personId } = viewerOf(request);
      await deleteAccount(context.world, personId, async () => {
        await context.endSessions(personId);
        await context.settled(personId);
      });
      return reply.code(204).send();
    },
  );

  // One export at a time for each person, because it reads everything.
  const exporting = new Set<PersonId>();
  app.get(
    '/api/export',
    { schema: { tags: ['me'], summary: 'Everything of mine as one JSON document' } },
    async (request, reply) => {
      const { personId } = viewerOf(request);
      if (exporting.has(personId)) {
        throw new Refusal('rate_limited', 'An export of your account is already under way.', {
          retryAfterMs: 10_000,
        });
      }
      exporting.add(personId);
      await context.settled(personId);
      const stream = Readable.from(exportAccount(context.world, personId));
      stream.once('close', () => exporting.delete(personId));
      return reply
        .type('application/json; charset=utf-8')
        .header('content-disposition', 'attachment; filename="aside-export.json"')
        .send(stream);
    },
  );
}
