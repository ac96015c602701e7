import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { RequestsBody as RequestsBodyFields } from '@aside/protocol';
import {
  ConversationView,
  HeldMessage,
  RequestsAnswer,
  RequestsBody,
} from '@aside/protocol/schemas';
import {
  acceptRequest,
  decideRequests,
  declineRequest,
  unaccept,
} from '../../actions/decide-request.ts';
import { takeBackHeld, viewHeld } from '../../actions/release-held.ts';
import type { World } from '../../actions/world.ts';
import { viewConversation } from '../../queries/read-conversation.ts';
import {
  conversationIdOf,
  conversationParams,
  nothing,
  viewerOf,
  type ConversationParams,
  type HttpContext,
} from './context.ts';

/** Deciding requests, one by one or many at once, and what the brake holds back. */
export function requestRoutes(app: FastifyInstance, { world, settled }: HttpContext): void {
  const Answer = Type.Object({ conversation: ConversationView });
  const acts = [
    ['accept', acceptRequest, 'Accept a request: its sender may write on'],
    ['unaccept', unaccept, 'Take an acceptance back: the conversation goes to the requests'],
  ] as const;
  for (const [word, act, summary] of acts) {
    app.post<{ Params: ConversationParams }>(
      `/api/conversations/:id/${word}`,
      {
        schema: {
          tags: ['requests'],
          summary,
          params: conversationParams,
          response: { 200: Answer },
        },
      },
      async (request) => {
        const viewer = viewerOf(request);
        const id = conversationIdOf(request.params.id);
        await settled(viewer.personId);
        await act(world, viewer, id);
        return { conversation: await viewConversation(world, viewer, id) };
      },
    );
  }

  declineRoutes(app, { world, settled });
  heldRoutes(app, world);
}

function declineRoutes(
  app: FastifyInstance,
  { world, settled }: Pick<HttpContext, 'world' | 'settled'>,
): void {
  app.post<{ Params: ConversationParams }>(
    '/api/conversations/:id/decline',
    {
      schema: {
        tags: ['requests'],
        summary: 'Decline a request; its sender is told nothing',
        params: conversationParams,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const viewer = viewerOf(request);
      await settled(viewer.personId);
      await declineRequest(world, viewer, conversationIdOf(request.params.id));
      return reply.code(204).send();
    },
  );

  app.post<{ Body: RequestsBodyFields }>(
    '/api/requests',
    {
      schema: {
        tags: ['requests'],
        summary: 'Decide many requests at once, unopened; each succeeds or fails by itself',
        body: RequestsBody,
        response: { 200: RequestsAnswer },
      },
    },
    async (request) => {
      const viewer = viewerOf(request);
      const { ids, action } = request.body;
      await settled(viewer.personId);
      return { results: await decideRequests(world, viewer, ids, action) };
    },
  );
}

function heldRoutes(app: FastifyInstance, world: World): void {
  app.get(
    '/api/held',
    {
      schema: {
        tags: ['messages'],
        summary: 'My messages that wait until I sign in again',
        response: { 200: Type.Object({ held: Type.Array(HeldMessage) }) },
      },
    },
    async (request) => ({ held: await viewHeld(world, viewerOf(request).personId) }),
  );

  app.delete<{ Params: { clientId: string } }>(
    '/api/held/:clientId',
    {
      schema: {
        tags: ['messages'],
        summary: 'Take a waiting message back',
        params: Type.Object({ clientId: Type.String({ format: 'uuid' }) }),
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      await takeBackHeld(world, viewerOf(request).personId, request.params.clientId.toLowerCase());
      return reply.code(204).send();
    },
  );
}
