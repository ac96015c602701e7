import type { FastifyInstance, FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { SendBody as SendBodyFields } from '@aside/protocol';
import { MessagePage, PageLimit, SendAnswer, SendBody } from '@aside/protocol/schemas';
import type { SendCommand } from '../../actions/send-message.ts';
import { readConversation } from '../../queries/read-conversation.ts';
import { sendingAs } from '../accounts/viewer.ts';
import {
  conversationIdOf,
  conversationParams,
  usernameParams,
  viewerOf,
  type ConversationParams,
  type HttpContext,
  type UsernameParams,
} from './context.ts';

const Seq = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const PageQuery = Type.Object(
  {
    before: Type.Optional(Seq),
    after: Type.Optional(Seq),
    limit: Type.Optional(PageLimit),
  },
  { additionalProperties: false },
);

interface PageQueryString {
  before?: number;
  after?: number;
  limit: number;
}

/** Sending and reading messages over HTTP. */
export function messageRoutes(app: FastifyInstance, { world, sender }: HttpContext): void {
  const answer = async (reply: FastifyReply, command: SendCommand): Promise<FastifyReply> => {
    const { message, arrived, isRepeat } = await sender.send(command);
    return reply.code(isRepeat ? 200 : 201).send({ message, arrived });
  };
  const sendSchema = { body: SendBody, response: { 200: SendAnswer, 201: SendAnswer } };

  app.post<{ Params: UsernameParams; Body: SendBodyFields }>(
    '/api/conversations/with/:username/messages',
    {
      schema: {
        tags: ['messages'],
        summary: 'Send to a person; opens the direct conversation',
        params: usernameParams,
        ...sendSchema,
      },
    },
    async (request, reply) => {
      const to = { username: request.params.username };
      return answer(reply, { ...sendingAs(viewerOf(request)), to, ...request.body });
    },
  );

  app.post<{ Params: ConversationParams; Body: SendBodyFields }>(
    '/api/conversations/:id/messages',
    {
      schema: {
        tags: ['messages'],
        summary: 'Send in a conversation; 200 when the client id was sent before',
        params: conversationParams,
        ...sendSchema,
      },
    },
    (request, reply) => {
      const to = { conversationId: conversationIdOf(request.params.id) };
      return answer(reply, { ...sendingAs(viewerOf(request)), to, ...request.body });
    },
  );

  app.get<{ Params: ConversationParams; Querystring: PageQueryString }>(
    '/api/conversations/:id/messages',
    {
      schema: {
        tags: ['messages'],
        summary: 'Messages ascending by seq; the newest page unless before or after is given',
        params: conversationParams,
        querystring: PageQuery,
        response: { 200: MessagePage },
      },
    },
    (request) => {
      const { limit, ...range } = request.query;
      const id = conversationIdOf(request.params.id);
      return readConversation(world.families, viewerOf(request).personId, id, range, limit);
    },
  );
}
