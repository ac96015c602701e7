import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { limits, type Report as ReportBody } from '@aside/protocol';
import { Id, PersonHit, ProfileView, Report, Standing } from '@aside/protocol/schemas';
import type { PersonId } from '../../base/ids.ts';
import { viaOf } from '../../actions/decide-request.ts';
import { reportPerson } from '../../actions/report-person.ts';
import { blockPerson, unblockPerson } from '../../actions/set-block.ts';
import { followPerson, unfollowPerson } from '../../actions/set-follow.ts';
import { setMuting } from '../../actions/set-mute.ts';
import { searchPeople, viewPerson, viewStanding } from '../../queries/view-person.ts';
import { personNamed } from '../../storage/person-named.ts';
import type { World } from '../../actions/world.ts';
import type { Viewer } from '../accounts/viewer.ts';
import { usernameParams, viewerOf, type HttpContext, type UsernameParams } from './context.ts';

/** Other people: finding and viewing them, and what the viewer decides about them. */
export function peopleRoutes(app: FastifyInstance, { world }: HttpContext): void {
  const { families } = world;

  app.get<{ Querystring: { q: string } }>(
    '/api/people',
    {
      schema: {
        tags: ['people'],
        summary: 'People whose username or name begins with q, and whether I may write to them',
        querystring: Type.Object(
          { q: Type.String({ maxLength: limits.searchMaxChars }) },
          { additionalProperties: false },
        ),
        response: { 200: Type.Object({ people: Type.Array(PersonHit) }) },
      },
    },
    async (request) => ({
      people: await searchPeople(
        world,
        viewerOf(request).personId,
        request.query.q,
        limits.searchResultsMax,
      ),
    }),
  );

  app.get<{ Params: UsernameParams }>(
    '/api/people/:username',
    {
      schema: {
        tags: ['people'],
        summary: 'A profile, how we stand, and whether I may write',
        params: usernameParams,
        response: { 200: ProfileView },
      },
    },
    async (request) => {
      const personId = await personNamed(families, request.params.username);
      return viewPerson(world, viewerOf(request), personId);
    },
  );

  changeRoutes(app, world);
  reportRoute(app, world);
}

function changeRoutes(app: FastifyInstance, world: World): void {
  const { families } = world;
  for (const [word, change] of Object.entries(changes)) {
    for (const [method, on] of [
      ['PUT', true],
      ['DELETE', false],
    ] as const) {
      app.route<{ Params: UsernameParams }>({
        method,
        url: `/api/people/:username/${word}`,
        schema: {
          tags: ['people'],
          summary: `${on ? 'Begin' : 'Stop'} to ${word} a person; repeating it changes nothing`,
          params: usernameParams,
          response: { 200: Standing },
        },
        handler: async (request) => {
          const viewer = viewerOf(request);
          const otherId = await personNamed(families, request.params.username);
          await change(world, viewer, otherId, on);
          return viewStanding(world, viewer, otherId);
        },
      });
    }
  }
}

function reportRoute(app: FastifyInstance, world: World): void {
  app.post<{ Params: UsernameParams; Body: ReportBody }>(
    '/api/people/:username/report',
    {
      schema: {
        tags: ['people'],
        summary: 'Report a person to the operator, with a copy of the messages named',
        params: usernameParams,
        body: Report,
        response: { 201: Type.Object({ id: Id }) },
      },
    },
    async (request, reply) => {
      const { personId } = viewerOf(request);
      const otherId = await personNamed(world.families, request.params.username);
      const report = await reportPerson(world, personId, otherId, request.body);
      return reply.code(201).send(report);
    },
  );
}

type Change = (world: World, viewer: Viewer, otherId: PersonId, on: boolean) => Promise<void>;

const changes: Record<'follow' | 'block' | 'mute', Change> = {
  follow: (world, { personId }, otherId, on) =>
    (on ? followPerson : unfollowPerson)(world, personId, otherId),
  block: (world, viewer, otherId, on) =>
    (on ? blockPerson : unblockPerson)(world, viewer.personId, otherId, viaOf(viewer)),
  mute: (world, { personId }, otherId, on) => setMuting(world, personId, otherId, on),
};
