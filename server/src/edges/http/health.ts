import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { families, type Family } from '../../base/family.ts';
import { Refusal } from '../../base/refusal.ts';

const patienceMs = 3_000;

/**
 * GET /healthz: 200 when every family's database answers within 3 s, else 503 with the names of those that do not.
 * However many ask, a family is asked once at a time, so that health never takes more than one of its connections.
 */
export function healthRoute(
  app: FastifyInstance,
  pings: Readonly<Record<Family, () => Promise<unknown>>>,
): void {
  const underWay = new Map<Family, Promise<boolean>>();
  const answers = (family: Family): Promise<boolean> => {
    const asked = underWay.get(family) ?? ask(family);
    return Promise.race([asked, sleep(patienceMs, false, { ref: false })]);
  };
  const ask = (family: Family): Promise<boolean> => {
    const asked = pings[family]()
      .then(() => true)
      .catch(() => false)
      .finally(() => underWay.delete(family));
    underWay.set(family, asked);
    return asked;
  };

  app.get(
    '/healthz',
    {
      schema: {
        tags: ['operator'],
        summary:
          'Whether the server can serve; 503 with a problem body when a database does not answer',
        security: [],
        response: { 200: Type.Object({ ok: Type.Boolean() }) },
      },
    },
    async () => {
      const up = await Promise.all(families.map(answers));
      const silent = families.filter((_, i) => !up[i]);
      if (silent.length === 0) return { ok: true };
      throw new Refusal('overloaded', `No answer from the database of: ${silent.join(', ')}.`, {
        retryAfterMs: 1_000,
      });
    },
  );
}
