import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { OperatorPeople, OperatorPersonAnswer, type OperatorPerson } from '@aside/protocol/schemas';
import { bringPeople, type PeopleBringing } from '../../actions/bring-people.ts';
import { setSuspension, type SuspensionSetting } from '../../actions/set-suspension.ts';
import { Refusal } from '../../base/refusal.ts';
import { sessionMs } from '../accounts/auth.ts';
import { nothing, usernameParams, type UsernameParams } from './context.ts';
import { requireOperator } from './operator-key.ts';

export interface OperatorDeps extends PeopleBringing, SuspensionSetting {
  /** Null: the routes answer like unknown ones. */
  operatorKey: string | null;
  /** ASIDE_TEST_CLOCK. */
  testClock: boolean;
}

const tenYearsMs = 10 * 365.25 * 86_400_000;
const ClockBody = Type.Object(
  { advanceMs: Type.Integer({ minimum: 0, maximum: tenYearsMs }) },
  { additionalProperties: false },
);
/** 1,000 people with a few hundred follows each. */
const peopleBodyMaxBytes = 16 * 1024 * 1024;

/**
 * What the host application may do with ASIDE_OPERATOR_KEY. Where no key is set, or with a wrong one, these routes
 * are `not_found`, before anything of the request is read.
 */
export function operatorRoutes(app: FastifyInstance, deps: OperatorDeps): void {
  const { operatorKey, clock } = deps;
  const requireKey = requireOperator(operatorKey);
  const requireTestClock = async (request: FastifyRequest): Promise<void> => {
    await requireKey(request);
    if (!deps.testClock) throw new Refusal('not_found');
  };

  app.post<{ Body: OperatorPerson[] }>(
    '/api/operator/people',
    {
      bodyLimit: peopleBodyMaxBytes,
      onRequest: requireKey,
      preValidation: async (request) => foldUsernames(request.body),
      schema: {
        tags: ['operator'],
        summary: 'Bring people and whom they follow; 404 without the operator key',
        security: [{ operator: [] }],
        body: { ...OperatorPeople, minItems: 1 },
        response: { 200: Type.Array(OperatorPersonAnswer) },
      },
    },
    (request) => bringPeople(deps, request.body, sessionMs),
  );

  suspensionRoutes(app, deps, requireKey);

  app.post<{ Body: Static<typeof ClockBody> }>(
    '/api/operator/clock',
    {
      onRequest: requireTestClock,
      schema: {
        tags: ['operator'],
        summary: 'Move every clock of this server forward; 404 without ASIDE_TEST_CLOCK=1',
        security: [{ operator: [] }],
        body: ClockBody,
        response: { 200: Type.Object({ now: Type.String() }) },
      },
    },
    async (request) => {
      clock.advance(request.body.advanceMs);
      return { now: new Date(clock.now()).toISOString() };
    },
  );
}

/** Who is suspended can sign in and read; what they send is refused. */
function suspensionRoutes(
  app: FastifyInstance,
  deps: SuspensionSetting,
  requireKey: (request: FastifyRequest) => Promise<void>,
): void {
  const schema = {
    tags: ['operator'],
    security: [{ operator: [] }],
    params: usernameParams,
    response: { 204: nothing },
  };
  app.put<{ Params: UsernameParams }>(
    '/api/operator/people/:username/suspension',
    {
      onRequest: requireKey,
      schema: { ...schema, summary: 'Suspend an account: it reads, but cannot send' },
    },
    async (request, reply) => {
      await setSuspension(deps, request.params.username, true);
      return reply.code(204).send();
    },
  );
  app.delete<{ Params: UsernameParams }>(
    '/api/operator/people/:username/suspension',
    { onRequest: requireKey, schema: { ...schema, summary: 'Lift a suspension' } },
    async (request, reply) => {
      await setSuspension(deps, request.params.username, false);
      return reply.code(204).send();
    },
  );
}

/** Upper case in usernames is folded before the schema looks; anything else is left for it to refuse. */
function foldUsernames(body: unknown): void {
  if (!Array.isArray(body)) return;
  for (const person of body as unknown[]) {
    if (typeof person !== 'object' || person === null) continue;
    const entry = person as { username?: unknown; follows?: unknown };
    if (typeof entry.username === 'string') entry.username = entry.username.toLowerCase();
    if (Array.isArray(entry.follows)) {
      entry.follows = entry.follows.map((name: unknown) =>
        typeof name === 'string' ? name.toLowerCase() : name,
      );
    }
  }
}
