import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { GrantBody as GrantBodyFields, GrantPurpose } from '@aside/protocol';
import { ConsentPage, GrantBody, Grants, LedgerPage, PageLimit } from '@aside/protocol/schemas';
import { pairNamed, unaccept, viaOf } from '../../actions/decide-request.ts';
import { grantPurposes, revokePurposes } from '../../actions/set-consent.ts';
import type { World } from '../../actions/world.ts';
import { viewConsents, viewGrants, viewLedger } from '../../queries/view-consent.ts';
import { personNamed } from '../../storage/person-named.ts';
import { requireSession, viewerOf, type HttpContext } from './context.ts';

const PageQuery = Type.Object(
  {
    cursor: Type.Optional(Type.String({ maxLength: 60 })),
    limit: Type.Optional(PageLimit),
  },
  { additionalProperties: false },
);
interface PageQueryString {
  cursor?: string;
  limit: number;
}

const every: readonly GrantPurpose[] = ['service', 'automated', 'promotional'];
const purposeWord = Type.Enum([...every, 'all']);
type PurposeWord = GrantPurpose | 'all';

const GrantsAnswer = Type.Object({ grants: Grants });

/** Who may write to me and why: the list, the ledger, and the buttons that grant and take back. */
export function consentRoutes(app: FastifyInstance, { world }: HttpContext): void {
  app.get<{ Querystring: PageQueryString }>(
    '/api/consent',
    {
      schema: {
        tags: ['consent'],
        summary: 'Who may write to me, since when and why; and who may not',
        querystring: PageQuery,
        response: { 200: ConsentPage },
      },
    },
    (request) => viewConsents(world, viewerOf(request).personId, request.query),
  );

  app.get<{ Querystring: PageQueryString }>(
    '/api/consent/ledger',
    {
      schema: {
        tags: ['consent'],
        summary: 'Everything I allowed and refused, latest first; nothing in it ever changes',
        querystring: PageQuery,
        response: { 200: LedgerPage },
      },
    },
    (request) => viewLedger(world, viewerOf(request).personId, request.query),
  );

  grantRoute(app, world);
  revokeRoute(app, world);
}

function grantRoute(app: FastifyInstance, world: World): void {
  app.put<{ Params: { username: string; purpose: PurposeWord }; Body: GrantBodyFields }>(
    '/api/consent/:username/:purpose',
    {
      onRequest: requireSession,
      schema: {
        tags: ['consent'],
        summary:
          'Let this person send me this kind of message; the wording of the button is stored',
        params: Type.Object({ username: Type.String(), purpose: purposeWord }),
        body: GrantBody,
        response: { 200: GrantsAnswer },
      },
    },
    async (request) => {
      const { personId } = viewerOf(request);
      const { username, purpose } = request.params;
      const otherId = await personNamed(world.families, username);
      const language = request.body.language ?? 'en';
      await grantPurposes(world, personId, otherId, purposesOf(purpose), language);
      return { grants: await viewGrants(world, personId, otherId) };
    },
  );
}

function revokeRoute(app: FastifyInstance, world: World): void {
  app.delete<{ Params: { username: string; purpose: PurposeWord | 'personal' } }>(
    '/api/consent/:username/:purpose',
    {
      schema: {
        tags: ['consent'],
        summary: 'Stop this kind of message from this person until I allow it again',
        params: Type.Object({
          username: Type.String(),
          purpose: Type.Enum([...every, 'all', 'personal']),
        }),
        response: { 200: GrantsAnswer },
      },
    },
    async (request) => {
      const viewer = viewerOf(request);
      const { personId } = viewer;
      const { username, purpose } = request.params;
      const otherId = await personNamed(world.families, username);
      if (purpose === 'personal') {
        await unaccept(world, viewer, await pairNamed(world, personId, otherId));
      } else {
        await revokePurposes(world, personId, otherId, purposesOf(purpose), viaOf(viewer));
      }
      return { grants: await viewGrants(world, personId, otherId) };
    },
  );
}

function purposesOf(purpose: PurposeWord): readonly GrantPurpose[] {
  return purpose === 'all' ? every : [purpose];
}
