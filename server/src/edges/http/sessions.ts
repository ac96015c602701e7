import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { SessionView } from '@aside/protocol/schemas';
import { endOtherSessions, endSession, type SessionEnding } from '../../actions/end-session.ts';
import { isId, type SessionId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { listSessions } from '../../storage/accounts.ts';
import { requireSession, viewerOf } from './context.ts';

const SessionList = Type.Object({ sessions: Type.Array(SessionView) });
const SessionParams = Type.Object({ id: Type.String() });

/** Where a person is signed in, and ending that. Needs `request.viewer`. */
export function sessionRoutes(app: FastifyInstance, deps: SessionEnding): void {
  const { db, clock } = deps;

  app.get(
    '/api/sessions',
    { schema: { summary: 'Where I am signed in, newest first', response: { 200: SessionList } } },
    async (request): Promise<Static<typeof SessionList>> => {
      const { personId, sessionId } = viewerOf(request);
      const rows = await listSessions(db, personId, clock.now());
      const sessions = rows.map(({ id, createdAt, expiresAt, userAgent }) => ({
        id,
        createdAt: createdAt.toISOString(),
        expiresAt: expiresAt.toISOString(),
        userAgent,
        current: id === sessionId,
      }));
      return { sessions };
    },
  );

  app.delete<{ Params: Static<typeof SessionParams> }>(
    '/api/sessions/:id',
    {
      onRequest: requireSession,
      schema: { summary: 'Sign out there', params: SessionParams },
    },
    async (request, reply) => {
      const { personId } = viewerOf(request);
      const id = request.params.id as SessionId;
      if (!isId(id)) throw new Refusal('not_found');
      await endSession(deps, personId, id);
      return reply.code(204).send();
    },
  );

  app.delete(
    '/api/sessions',
    {
      onRequest: requireSession,
      schema: { summary: 'Sign out everywhere else; API keys stay' },
    },
    async (request, reply) => {
      const { personId, sessionId } = viewerOf(request);
      await endOtherSessions(deps, personId, sessionId);
      return reply.code(204).send();
    },
  );
}
