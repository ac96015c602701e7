import type { FastifyInstance } from 'fastify';
import { LRUCache } from 'lru-cache';
import { Type } from 'typebox';
import { revokePurposes } from '../../actions/set-consent.ts';
import type { World } from '../../actions/world.ts';
import { Refusal } from '../../base/refusal.ts';
import { takeToken, type Bucket, type BucketRule } from '../../domain/token-bucket.ts';
import { readUnsubscription, type Unsubscription } from '../../domain/unsubscribe.ts';
import { findPerson } from '../../storage/people.ts';

// The way out that needs no session, in the shape of RFC 8058: a POST to the link stops that kind of message from that
// sender. Opening the link only shows a page with the button, because mail programs open links by themselves.

const params = Type.Object({ token: Type.String() });
/** From one address: a mail provider that follows its users' links, not somebody who keeps the database busy. */
const rule: BucketRule = { ratePerSecond: 20, burst: 500 };
const addressesMax = 10_000;

export function unsubscribeRoutes(app: FastifyInstance, world: World): void {
  // The one-click POST of a mail program is a form; what it says beside the address is not looked at.
  const refuseHaste = limitEachAddress(world);
  void app.register(async (scope) => {
    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data']) {
      scope.addContentTypeParser(type, (_request, payload, done) => {
        payload.resume();
        payload.on('end', () => done(null));
      });
    }
    scope.post<{ Params: { token: string } }>(
      '/api/unsubscribe/:token',
      {
        schema: {
          tags: ['consent'],
          summary:
            'Stop this kind of message from this sender; works signed out, any number of times',
          params,
          security: [],
          response: { 200: Type.Object({ stopped: Type.Boolean() }) },
        },
      },
      async (request, reply) => {
        const wanted = read(world, request.params.token);
        // Only those that reach the database; a token that is none costs nothing.
        refuseHaste(request.ip);
        await stop(world, wanted);
        if (!wantsPage(request.headers.accept)) return { stopped: true };
        const shown = await page(world, wanted, languageOf(request.headers), 'done');
        return reply.type('text/html; charset=utf-8').serializer(asText).send(shown);
      },
    );
    scope.get<{ Params: { token: string } }>(
      '/api/unsubscribe/:token',
      {
        schema: {
          tags: ['consent'],
          summary: 'A page with the button that stops it; changes nothing by itself',
          params,
          security: [],
        },
      },
      async (request, reply) => {
        const wanted = read(world, request.params.token);
        const shown = await page(world, wanted, languageOf(request.headers), 'ask');
        return reply.type('text/html; charset=utf-8').send(shown);
      },
    );
  });
}

function limitEachAddress({ clock }: World): (ip: string) => void {
  const buckets = new LRUCache<string, Bucket>({ max: addressesMax });
  return (ip) => {
    const outcome = takeToken(buckets.get(ip), rule, clock.now());
    buckets.set(ip, outcome.bucket);
    if (outcome.taken) return;
    throw new Refusal('rate_limited', undefined, { retryAfterMs: outcome.retryAfterMs });
  };
}

function read(world: World, token: string): Unsubscription {
  const wanted = readUnsubscription(world.unsubscribe, token);
  if (!wanted) throw new Refusal('not_found');
  return wanted;
}

/** Nothing is left to stop for an account that is gone. */
async function stop(world: World, wanted: Unsubscription): Promise<void> {
  const { recipientId, senderId, purpose } = wanted;
  if ((await findPerson(world.families.person, recipientId)) === null) return;
  await revokePurposes(world, recipientId, senderId, [purpose], 'link');
}

function wantsPage(accept: string | undefined): boolean {
  return accept?.includes('text/html') ?? false;
}

function languageOf(headers: { 'accept-language'?: string | undefined }): 'en' | 'de' {
  return headers['accept-language']?.trim().toLowerCase().startsWith('de') ? 'de' : 'en';
}

const words = {
  en: {
    kinds: { service: 'service messages', automated: 'automated messages', promotional: 'offers' },
    title: (kind: string, from: string) => `Stop ${kind} from ${from}`,
    gone: 'this sender',
    ask: 'They stop at once, from every brand of the same owner too. Personal messages stay as they are.',
    button: 'Stop them',
    doneTitle: (kind: string, from: string) => `No more ${kind} from ${from}`,
    done: 'Stopped. Only you can allow them again, in Aside.',
  },
  de: {
    kinds: {
      service: 'Servicenachrichten',
      automated: 'automatische Nachrichten',
      promotional: 'Angebote',
    },
    title: (kind: string, from: string) => `Keine ${kind} mehr von ${from}`,
    gone: 'diesem Absender',
    ask: 'Sie enden sofort, auch von allen Marken desselben Inhabers. Persönliche Nachrichten bleiben, wie sie sind.',
    button: 'Beenden',
    doneTitle: (kind: string, from: string) => `Keine ${kind} mehr von ${from}`,
    done: 'Beendet. Nur du kannst sie in Aside wieder erlauben.',
  },
} as const;

/** Usernames hold nothing that HTML would read. The form posts to the address it came from. */
async function page(
  { families }: World,
  { senderId, purpose }: Unsubscription,
  language: 'en' | 'de',
  state: 'ask' | 'done',
): Promise<string> {
  const sender = await findPerson(families.person, senderId);
  const text = words[language];
  const from = sender ? `@${sender.username}` : text.gone;
  const title = (state === 'done' ? text.doneTitle : text.title)(text.kinds[purpose], from);
  const body =
    state === 'done'
      ? `<p role="status">${text.done}</p>`
      : `<p>${text.ask}</p><form method="post"><button>${text.button}</button></form>`;
  return (
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8">` +
    '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">' +
    `<link rel="stylesheet" href="/plain.css"><link rel="icon" href="/icon.svg"><title>${title}</title></head>` +
    `<body><main><h1>${title}</h1>${body}</main></body></html>`
  );
}

function asText(value: unknown): string {
  return value as string;
}
