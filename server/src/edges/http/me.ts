import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type {
  ProfileChange as ProfileChangeBody,
  SettingsChange as SettingsChangeBody,
} from '@aside/protocol';
import { Me, PersonCard, ProfileChange, Settings, SettingsChange } from '@aside/protocol/schemas';
import { changeProfile } from '../../actions/update-profile.ts';
import { changeSettings } from '../../actions/update-settings.ts';
import { viewBlocks, viewMe, viewSettings } from '../../queries/view-person.ts';
import { requireSession, viewerOf, type HttpContext } from './context.ts';

/** The viewer's own profile, settings and block list. */
export function meRoutes(app: FastifyInstance, { world }: HttpContext): void {
  app.get(
    '/api/me',
    { schema: { tags: ['me'], summary: 'My profile', response: { 200: Me } } },
    (request) => viewMe(world.families, viewerOf(request).personId),
  );

  app.patch<{ Body: ProfileChangeBody }>(
    '/api/me',
    {
      schema: {
        tags: ['me'],
        summary: 'Change my profile; what is left out stays',
        body: ProfileChange,
        response: { 200: Me },
      },
    },
    async (request) => {
      const { personId } = viewerOf(request);
      await changeProfile(world, personId, request.body);
      return viewMe(world.families, personId);
    },
  );

  app.get(
    '/api/settings',
    { schema: { tags: ['me'], summary: 'My settings', response: { 200: Settings } } },
    (request) => viewSettings(world.families, viewerOf(request).personId),
  );

  app.patch<{ Body: SettingsChangeBody }>(
    '/api/settings',
    {
      onRequest: requireSession,
      schema: {
        tags: ['me'],
        summary: 'Change my settings; what is left out stays',
        body: SettingsChange,
        response: { 200: Settings },
      },
    },
    async (request) => {
      const { personId } = viewerOf(request);
      await changeSettings(world, personId, request.body);
      return viewSettings(world.families, personId);
    },
  );

  const Blocks = Type.Object({ people: Type.Array(PersonCard) });
  app.get(
    '/api/blocks',
    {
      schema: { tags: ['me'], summary: 'Whom I blocked, latest first', response: { 200: Blocks } },
    },
    async (request) => ({
      people: await viewBlocks(world.families, viewerOf(request).personId),
    }),
  );
}
