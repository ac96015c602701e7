import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import type { KeyBody as KeyBodyFields } from '@aside/protocol';
import { KeyBody, KeyView, NewKey } from '@aside/protocol/schemas';
import { createKey, type KeyMaking } from '../../actions/create-key.ts';
import type { SessionEnding } from '../../actions/end-session.ts';
import { revokeKey } from '../../actions/revoke-key.ts';
import { isId, type KeyId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { listKeys } from '../../storage/keys.ts';
import { nothing, requireSession, viewerOf } from './context.ts';

const KeyList = Type.Object({ keys: Type.Array(KeyView) });
const KeyParams = Type.Object({ id: Type.String() });

/** A person's API keys: for programs that act in their name. No key manages keys. Needs `request.viewer`. */
export function keyRoutes(app: FastifyInstance, deps: KeyMaking & SessionEnding): void {
  app.post<{ Body: KeyBodyFields }>(
    '/api/keys',
    {
      onRequest: requireSession,
      schema: {
        tags: ['keys'],
        summary: 'Make an API key; it is shown here and never again',
        body: KeyBody,
        response: { 201: NewKey },
      },
    },
    async (request, reply) => {
      const made = await createKey(deps, viewerOf(request).personId, request.body.name);
      return reply.code(201).send(made);
    },
  );

  app.get(
    '/api/keys',
    {
      onRequest: requireSession,
      schema: { tags: ['keys'], summary: 'My API keys, newest first', response: { 200: KeyList } },
    },
    async (request): Promise<Static<typeof KeyList>> => {
      const rows = await listKeys(deps.db, viewerOf(request).personId);
      const keys = rows.map(({ id, name, createdAt, lastUsedAt, hint }) => ({
        id,
        name,
        createdAt: createdAt.toISOString(),
        ...(lastUsedAt === null ? {} : { lastUsedAt: lastUsedAt.toISOString() }),
        hint,
      }));
      return { keys };
    },
  );

  app.delete<{ Params: Static<typeof KeyParams> }>(
    '/api/keys/:id',
    {
      onRequest: requireSession,
      schema: {
        tags: ['keys'],
        summary: 'Delete an API key; what uses it is refused at once',
        params: KeyParams,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (!isId(id)) throw new Refusal('not_found');
      await revokeKey(deps, viewerOf(request).personId, id as KeyId);
      return reply.code(204).send();
    },
  );
}
