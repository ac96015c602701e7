import type { FastifyInstance, FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type {
  CheckBody as CheckBodyFields,
  EditBody as EditBodyFields,
  SendBody as SendBodyFields,
} from '@aside/protocol';
import {
  CheckAnswer,
  CheckBody,
  EditAnswer,
  EditBody,
  MessagePage,
  PageLimit,
  SendAnswer,
  SendBody,
  WhyAnswer,
} from '@aside/protocol/schemas';
import { editMessage } from '../../actions/edit-message.ts';
import type { SendCommand } from '../../actions/send-message.ts';
import { checkText } from '../../queries/check-text.ts';
import { readConversation } from '../../queries/read-conversation.ts';
import { sendingAs } from '../accounts/viewer.ts';
import type { World } from '../../actions/world.ts';
import { Refusal } from '../../base/refusal.ts';
import { whyMessage } from '../../queries/view-consent.ts';
import { personNamed } from '../../storage/person-named.ts';
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
      return readConversation(world, viewerOf(request).personId, id, range, limit);
    },
  );
}

function checkRoute(app: FastifyInstance, world: World): void {
  app.post<{ Params: UsernameParams; Body: CheckBodyFields }>(
    '/api/conversations/with/:username/check',
    {
      schema: {
        tags: ['messages'],
        summary: 'What would become of this text if I sent it now; nothing is sent',
        params: usernameParams,
        body: CheckBody,
        response: { 200: CheckAnswer },
      },
    },
    async (request) => {
      const recipientId = await personNamed(world.families, request.params.username);
      return checkText(world, viewerOf(request), recipientId, request.body);
    },
  );
}

const messageParams = Type.Object({ id: Type.String(), seq: Type.String() });
interface MessageParams {
  id: string;
  seq: string;
}

/** A number from a path; one that cannot exist is answered like one that does not. */
function seqOf(text: string): number {
  if (!/^[1-9]\d{0,15}$/.test(text)) throw new Refusal('not_found');
  return Number(text);
}

/** Single messages, and what would become of a text: limited like every other change. */
export function oneMessageRoutes(app: FastifyInstance, { world }: HttpContext): void {
  checkRoute(app, world);
  app.patch<{ Params: MessageParams; Body: EditBodyFields }>(
    '/api/conversations/:id/messages/:seq',
    {
      schema: {
        tags: ['messages'],
        summary: 'Correct my unanswered first message, once',
        params: messageParams,
        body: EditBody,
        response: { 200: EditAnswer },
      },
    },
    async (request) => {
      const conversationId = conversationIdOf(request.params.id);
      const seq = seqOf(request.params.seq);
      const { text } = request.body;
      const message = await editMessage(world, {
        ...sendingAs(viewerOf(request)),
        conversationId,
        seq,
        text,
      });
      return { message };
    },
  );

  app.get<{ Params: MessageParams }>(
    '/api/conversations/:id/messages/:seq/why',
    {
      schema: {
        tags: ['consent'],
        summary:
          'Why I am seeing this: the act of mine that allowed a message that is not personal',
        params: messageParams,
        response: { 200: WhyAnswer },
      },
    },
    (request) =>
      whyMessage(
        world,
        viewerOf(request).personId,
        conversationIdOf(request.params.id),
        seqOf(request.params.seq),
      ),
  );
}
