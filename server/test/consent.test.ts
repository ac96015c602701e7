import { grantWording, type Consent, type Language } from '@aside/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  act,
  allow,
  block,
  dayMs,
  ledger,
  openHouse,
  robotOf,
  sendFor,
  stop,
  unblock,
  type House,
} from './_support/house.ts';
import { call, person, type TestPerson } from './_support/people.ts';

// Whatever is not personal comes by the recipient's own word alone, and that word is taken back for good.

let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.app.stop());

interface Trade {
  shop: TestPerson;
  robot: TestPerson;
  rita: TestPerson;
}

async function trade(owner?: string): Promise<Trade> {
  const { shop, rita } = await house.bring({
    shop: { kind: 'brand', ...(owner ? { owner } : {}), reach: 'everyone' },
    rita: {},
  });
  return { shop, rita, robot: await robotOf(house, shop) };
}

const texts = {
  service: 'Your parcel waits at the counter.',
  automated: 'The library closes at six today.',
  promotional: '20 % off everything this week',
} as const;
const kinds = Object.keys(texts) as (keyof typeof texts)[];

const post = (robot: TestPerson, to: TestPerson, kind: keyof typeof texts) =>
  sendFor(robot, to, kind, texts[kind]);

async function consents(one: TestPerson): Promise<Consent[]> {
  return (await one.get<{ consents: Consent[] }>('/api/consent')).body.consents;
}

/** What becomes of one message of each kind by the robot: where it arrives, or the code of the refusal. */
async function outcomes(robot: TestPerson, to: TestPerson): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const kind of kinds) {
    const { body } = await post(robot, to, kind);
    found.push(body.arrived ?? body.code);
  }
  return found;
}

async function joinOwner(brand: TestPerson, owner: string): Promise<void> {
  const { status } = await call(house.url, house.app.operatorKey, 'POST', '/api/operator/people', [
    { username: brand.username, name: 'Head', owner },
  ]);
  expect(status).toBe(200);
}

const all = (word: string): string[] => kinds.map(() => word);

describe('a grant', () => {
  test('lets exactly its purpose through, to the inbox, with a label and the act that allowed it', async () => {
    for (const kind of kinds) {
      const { robot, rita, shop } = await trade();
      expect(await outcomes(robot, rita)).toEqual(all('consent_required'));
      const granted = await allow(rita, shop, kind);
      expect(granted.body.grants).toEqual({
        ...Object.fromEntries(kinds.map((one) => [one, 'off'])),
        [kind]: 'granted',
      });
      for (const one of kinds) {
        const { body } = await post(robot, rita, one);
        if (one !== kind) expect(body.code).toBe('consent_required');
        else {
          const [entry] = await ledger(rita);
          expect(body).toMatchObject({
            arrived: 'inbox',
            message: { origin: 'automated', purpose: kind, allowedBy: entry!.id },
          });
        }
      }
      const [row] = await rita.inbox();
      expect(row).toMatchObject({ folder: 'inbox', state: 'none', headSeq: 1 });
      expect(row!.section).toBe(kind === 'promotional' ? 'offers' : undefined);
      expect(await rita.inbox('requests')).toEqual([]);
    }
  });

  test.each(['en', 'de'] as const)(
    'stores the words of the button that was pressed: %s',
    async (language: Language) => {
      const { rita, shop } = await trade();
      await allow(rita, shop, 'promotional', { language });
      const wording = grantWording(language, 'promotional', shop.username);
      expect(wording).toContain(`@${shop.username}`);
      const [entry] = await ledger(rita);
      expect(entry).toMatchObject({
        kind: 'grant',
        purpose: 'promotional',
        via: 'session',
        wording,
        person: { id: shop.id },
      });
      expect(await consents(rita)).toMatchObject([
        { state: 'granted', purpose: 'promotional', why: 'grant', wording, entryId: entry!.id },
      ]);
      // Pressing it again, in whatever language, changes nothing.
      await allow(rita, shop, 'promotional', { language: language === 'de' ? 'en' : 'de' });
      expect(await ledger(rita)).toEqual([entry]);
    },
  );

  test('of all is three acts, each with its own words; what was granted before stays as it was', async () => {
    const { rita, shop, robot } = await trade();
    await allow(rita, shop, 'service', { language: 'de' });
    await allow(rita, shop, 'all');
    const entries = await ledger(rita);
    expect(entries.map((entry) => [entry.purpose, entry.wording])).toEqual([
      ['promotional', grantWording('en', 'promotional', shop.username)],
      ['automated', grantWording('en', 'automated', shop.username)],
      ['service', grantWording('de', 'service', shop.username)],
    ]);
    expect(await outcomes(robot, rita)).toEqual(all('inbox'));
  });

  test('is refused for oneself, for nobody, for who is blocked, for what needs none', async () => {
    const { rita, shop } = await trade();
    expect((await allow(rita, rita, 'service')).status).toBe(400);
    expect((await rita.call('PUT', '/api/consent/nobody_here/service', {})).status).toBe(404);
    for (const purpose of ['personal', 'everything', 'toString', '__proto__']) {
      expect((await rita.call('PUT', `/api/consent/${shop.username}/${purpose}`, {})).status).toBe(
        400,
      );
    }
    for (const body of [{ language: 'fr' }, { wording: 'Yes' }, [], 'yes']) {
      expect((await allow(rita, shop, 'service', body as object)).status).toBe(400);
    }
    await block(rita, shop);
    expect((await allow(rita, shop, 'service')).body.code).toBe('you_blocked');
    expect(await consents(rita)).toEqual([]);
  });

  test('is the person’s own: no program grants, though it may stop', async () => {
    const { rita, shop, robot } = await trade();
    const program = await robotOf(house, rita);
    for (const purpose of [...kinds, 'all'] as const) {
      expect(await allow(program, shop, purpose)).toMatchObject({
        status: 403,
        body: { code: 'session_required' },
      });
    }
    expect(await ledger(rita)).toEqual([]);
    await allow(rita, shop, 'all');
    expect((await stop(program, shop, 'all')).status).toBe(200);
    expect(await outcomes(robot, rita)).toEqual(all('opted_out'));
    expect((await ledger(rita))[0]).toMatchObject({ kind: 'revoke', via: 'key' });
  });

  test('ends with a block, and an unblock brings nothing back', async () => {
    const { rita, shop, robot } = await trade();
    await allow(rita, shop, 'all');
    expect(await outcomes(robot, rita)).toEqual(all('inbox'));
    await block(rita, shop);
    expect(await outcomes(robot, rita)).toEqual(all('consent_required'));
    expect(await consents(rita)).toEqual([]);
    await unblock(rita, shop);
    expect(await outcomes(robot, rita)).toEqual(all('consent_required'));
    expect((await rita.get(`/api/people/${shop.username}`)).body).toMatchObject({
      grants: { service: 'off', automated: 'off', promotional: 'off' },
    });
  });

  test('of the brand to the person gives the person nothing, and following gives nobody anything', async () => {
    const { rita, shop, robot } = await trade();
    await rita.call('PUT', `/api/people/${shop.username}/follow`);
    await rita.call('PATCH', '/api/settings', { reach: 'everyone' });
    await allow(shop, rita, 'all');
    expect(await outcomes(robot, rita)).toEqual(all('consent_required'));
    // Nor does a personal message that was accepted.
    const sent = await shop.write(rita.username, 'Is this your umbrella?');
    await act(rita, sent.body.message.conversationId, 'accept');
    expect(await outcomes(robot, rita)).toEqual(all('consent_required'));
  });
});

describe('taken back', () => {
  test('it stays so whatever happens, until the person grants anew', async () => {
    const { rita, shop, robot } = await trade();
    await allow(rita, shop, 'all');
    await post(robot, rita, 'service');
    expect((await stop(rita, shop, 'all')).body.grants).toEqual({
      service: 'revoked',
      automated: 'revoked',
      promotional: 'revoked',
    });
    const still = async (): Promise<void> =>
      expect(await outcomes(robot, rita)).toEqual(all('opted_out'));
    await still();
    await rita.write(shop.username, 'When do you open?');
    await still();
    await shop.call('PATCH', '/api/me', { name: 'Quite another shop' });
    await still();
    await block(rita, shop);
    await still();
    await unblock(rita, shop);
    await still();
    await rita.call('PUT', `/api/people/${shop.username}/follow`);
    await house.wait(400 * dayMs, [rita, shop]);
    await rita.write(shop.username, 'A year later');
    await still();
    await allow(rita, shop, 'service');
    expect(await outcomes(robot, rita)).toEqual(['inbox', 'opted_out', 'opted_out']);
  });

  test('one purpose leaves the others; a second time changes nothing; never granted is refused as well', async () => {
    const { rita, shop, robot } = await trade();
    await allow(rita, shop, 'all');
    await stop(rita, shop, 'promotional');
    expect(await outcomes(robot, rita)).toEqual(['inbox', 'inbox', 'opted_out']);
    const before = await ledger(rita);
    await stop(rita, shop, 'promotional');
    expect(await ledger(rita)).toEqual(before);
    const other = await trade();
    await stop(other.rita, other.shop, 'automated');
    await other.rita.write(other.shop.username, 'Hello');
    expect(await outcomes(other.robot, other.rita)).toEqual([
      'inbox',
      'opted_out',
      'consent_required',
    ]);
  });

  test('does not touch what is personal, and the other way round', async () => {
    const { rita, shop, robot } = await trade();
    await rita.write(shop.username, 'Hello');
    await stop(rita, shop, 'all');
    expect((await shop.write(rita.username, 'Hello Rita')).body.arrived).toBe('inbox');
    expect(await outcomes(robot, rita)).toEqual(all('opted_out'));
    const answer = await rita.call('DELETE', `/api/consent/${shop.username}/personal`);
    expect(answer.status).toBe(200);
    expect((await shop.write(rita.username, 'Still there?')).body.code).toBe('not_accepting');
    expect((await rita.call('DELETE', `/api/consent/${shop.username}/personal`)).status).toBe(404);
  });
});

describe('brands of one owner', () => {
  test('share a refusal, also those that join later, and never a grant', async () => {
    const first = await trade('acme');
    const { rita } = first;
    const { second } = await house.bring({ second: { kind: 'brand', owner: 'acme' } });
    const { other } = await house.bring({ other: { kind: 'brand', owner: 'emca' } });
    const [sibling, stranger] = [await robotOf(house, second), await robotOf(house, other)];
    await allow(rita, first.shop, 'all');
    expect(await outcomes(sibling, rita)).toEqual(all('consent_required'));
    await allow(rita, second, 'all');
    await allow(rita, other, 'all');
    expect(await outcomes(sibling, rita)).toEqual(all('inbox'));
    await stop(rita, first.shop, 'promotional');
    for (const robot of [first.robot, sibling]) {
      expect(await outcomes(robot, rita)).toEqual(['inbox', 'inbox', 'opted_out']);
    }
    expect(await outcomes(stranger, rita)).toEqual(all('inbox'));
    await stop(rita, second, 'all');
    const { third } = await house.bring({
      third: { kind: 'brand', owner: 'acme', reach: 'everyone' },
    });
    const late = await robotOf(house, third);
    expect(await outcomes(late, rita)).toEqual(all('opted_out'));
    await rita.write(third.username, 'Are you the same people?');
    expect(await outcomes(late, rita)).toEqual(all('opted_out'));
    const owned = (await ledger(rita)).filter((entry) => entry.via === 'owner');
    expect(new Set(owned.map((entry) => entry.kind))).toEqual(new Set(['revoke']));
  });

  test('a grant to one of them, given afterwards, holds for that one alone', async () => {
    const { rita, shop, robot } = await trade('umbrella');
    const { second } = await house.bring({ second: { kind: 'brand', owner: 'umbrella' } });
    const sibling = await robotOf(house, second);
    await stop(rita, shop, 'all');
    expect(await outcomes(sibling, rita)).toEqual(all('opted_out'));
    await allow(rita, second, 'service');
    expect(await outcomes(sibling, rita)).toEqual(['inbox', 'opted_out', 'opted_out']);
    expect(await outcomes(robot, rita)).toEqual(all('opted_out'));
    // And ends with the next refusal of any of them, though that one was refused before.
    await stop(rita, shop, 'service');
    expect(await outcomes(sibling, rita)).toEqual(all('opted_out'));
  });

  test('one with a grant that comes under an owner who was refused since is refused', async () => {
    const { rita, shop } = await trade('hydra');
    const { head } = await house.bring({ head: { kind: 'brand' } });
    const robot = await robotOf(house, head);
    await allow(rita, head, 'all');
    await stop(rita, shop, 'all');
    expect(await outcomes(robot, rita)).toEqual(all('inbox'));
    await joinOwner(head, 'hydra');
    expect(await outcomes(robot, rita)).toEqual(all('opted_out'));
  });

  test('one that was refused and then comes under an owner brings its refusals along', async () => {
    const { rita, shop, robot } = await trade('lerna');
    const { head } = await house.bring({ head: { kind: 'brand' } });
    await allow(rita, shop, 'service');
    await stop(rita, head, 'automated');
    await joinOwner(head, 'lerna');
    expect(await outcomes(robot, rita)).toEqual(['inbox', 'opted_out', 'consent_required']);
    await allow(rita, shop, 'automated');
    await joinOwner(head, 'lerna');
    expect(await outcomes(robot, rita)).toEqual(['inbox', 'inbox', 'consent_required']);
  });
});

describe('in flight', () => {
  const ways: [string, (trade_: Trade) => Promise<unknown>][] = [
    ['the button', ({ rita, shop }) => stop(rita, shop, 'all')],
    ['a word', ({ rita, shop }) => rita.write(shop.username, 'STOP')],
    ['a block', ({ rita, shop }) => block(rita, shop)],
    [
      'the link',
      async ({ rita }) => {
        const [row] = await rita.inbox();
        const last = (await rita.messages(row!.id)).at(-1)!;
        return person(house.url, { ...rita, token: '' }).call('POST', last.unsubscribe!);
      },
    ],
  ];
  test.each(ways)('no message arrives after the opt-out by %s is answered', async (_, optOut) => {
    const given = await trade();
    const { rita, robot, shop } = given;
    await allow(rita, shop, 'all');
    await post(robot, rita, 'automated');
    const socket = await house.watch(rita);
    const send = () => post(robot, rita, 'automated');
    const early = Array.from({ length: 25 }, send);
    const answered = optOut(given);
    const late = Array.from({ length: 4 }, () => sendUntil(answered, send));
    expect(await answered).toMatchObject({ status: expect.toSatisfy((n: number) => n < 300) });
    const [row] = await rita.inbox();
    const known = await rita.messages(row!.id);
    const lates = await Promise.all(late);
    for (const one of lates) expect(one.at(-1)!.status).toBe(403);
    const answers = [...(await Promise.all(early)), ...lates.flat()];
    const after = await rita.messages(row!.id);
    expect(after).toEqual(known);
    const delivered = answers.filter((answer) => answer.status === 201);
    expect(delivered.length).toBe(known.filter((m) => m.senderId === shop.id).length - 1);
    expect(socket.messages(row!.id).length).toBeLessThanOrEqual(known.length);
  });
});

/** Sends one after the other while `answered` is open, at most 40, and once more after it: the last must be too late. */
async function sendUntil<T>(answered: Promise<unknown>, send: () => Promise<T>): Promise<T[]> {
  let isOpen = true;
  void answered.finally(() => (isOpen = false));
  const answers: T[] = [];
  while (isOpen && answers.length < 40) answers.push(await send());
  await answered;
  answers.push(await send());
  return answers;
}
