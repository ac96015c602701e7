import type { FastifyInstance } from 'fastify';
import type { PersonId } from '../../base/ids.ts';
import { deleteAccount } from '../../actions/delete-account.ts';
import { nothing, viewerOf, type HttpContext } from './context.ts';

/** The account as a whole: deleting it. Signing up, in and out is at /api/auth. */
export function accountRoutes(
  app: FastifyInstance,
  context: HttpContext & { endSessions(personId: PersonId): Promise<void> | void },
): void {
  app.delete(
    '/api/me',
    { schema: { tags: ['me'], summary: 'Delete my account', response: { 204: nothing } } },
    async (request, reply) => {
      const { personId } = viewerOf(request);
      await deleteAccount(context.world, personId);
      await context.endSessions(personId);
      return reply.code(204).send();
    },
  );
}
