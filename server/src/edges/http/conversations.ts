import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Folder as FolderName } from '@aside/protocol';
import {
  ConversationPage,
  ConversationView,
  Folder,
  PageLimit,
  ReadAnswer,
  ReadBody,
} from '@aside/protocol/schemas';
import { expireRequestsOf } from '../../actions/expire-requests.ts';
import { markRead } from '../../actions/mark-read.ts';
import type { World } from '../../actions/world.ts';
import { listInbox } from '../../queries/list-inbox.ts';
import { viewConversation } from '../../queries/read-conversation.ts';
import {
  conversationIdOf,
  conversationParams,
  viewerOf,
  type ConversationParams,
  type HttpContext,
} from './context.ts';

const ListQuery = Type.Object(
  {
    folder: Type.Optional({ ...Folder, default: 'inbox' }),
    /** Only conversations with something unread that are not muted. */
    unread: Type.Optional(Type.Enum(['true'])),
    /** Of the requests: only those without a badge, or only those with one. */
    quiet: Type.Optional(Type.Enum(['true', 'false'])),
    cursor: Type.Optional(Type.String({ maxLength: 60 })),
    limit: Type.Optional(PageLimit),
  },
  { additionalProperties: false },
);

interface ListQueryString {
  folder: FolderName;
  unread?: 'true';
  quiet?: 'true' | 'false';
  cursor?: string;
  limit: number;
}

/** The inbox and its folders, one conversation, and read marks. */
export function conversationRoutes(app: FastifyInstance, { world, settled }: HttpContext): void {
  app.get<{ Querystring: ListQueryString }>(
    '/api/conversations',
    {
      schema: {
        tags: ['conversations'],
        summary: 'A folder of mine, latest activity first',
        querystring: ListQuery,
        response: { 200: ConversationPage },
      },
    },
    async (request) => {
      const { personId } = viewerOf(request);
      const { unread, quiet, ...query } = request.query;
      await settled(personId);
      if (query.folder === 'archive') await expireRequestsOf(world, personId);
      return listInbox(world, personId, {
        ...query,
        unreadOnly: unread === 'true',
        quiet: quiet === undefined ? null : quiet === 'true',
      });
    },
  );

  app.get<{ Params: ConversationParams }>(
    '/api/conversations/:id',
    {
      schema: {
        tags: ['conversations'],
        summary: 'One conversation, and whether I may write in it',
        params: conversationParams,
        response: { 200: Type.Object({ conversation: ConversationView }) },
      },
    },
    async (request) => {
      const viewer = viewerOf(request);
      await settled(viewer.personId);
      const id = conversationIdOf(request.params.id);
      return { conversation: await viewConversation(world, viewer, id) };
    },
  );

  readRoute(app, world);
}

function readRoute(app: FastifyInstance, world: World): void {
  app.post<{ Params: ConversationParams; Body: { seq: number } }>(
    '/api/conversations/:id/read',
    {
      schema: {
        tags: ['conversations'],
        summary: 'Mark everything up to seq as read, on all my devices',
        params: conversationParams,
        body: ReadBody,
        response: { 200: ReadAnswer },
      },
    },
    (request) =>
      markRead(
        world,
        viewerOf(request).personId,
        conversationIdOf(request.params.id),
        request.body.seq,
      ),
  );
}
