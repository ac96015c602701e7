import type { WhyAnswer } from '@aside/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  act,
  allow,
  ledger,
  openHouse,
  raw,
  robotOf,
  sendFor,
  stop,
  type House,
} from './_support/house.ts';
import { until, type TestPerson } from './_support/people.ts';
import { snapshot } from './_support/snapshot.ts';
import { ask } from './_support/sql.ts';

// Two ways out that need no button: a word as the whole answer, and a link that works signed out.

let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.app.stop());

interface Trade {
  shop: TestPerson;
  robot: TestPerson;
  rita: TestPerson;
  /** The conversation. */
  id: string;
  /** The path of the latest message's link. */
  link: string;
}

async function trade(
  purpose: 'service' | 'automated' | 'promotional' = 'automated',
): Promise<Trade> {
  const { shop, rita } = await house.bring({ shop: { kind: 'brand' }, rita: {} });
  const robot = await robotOf(house, shop);
  await allow(rita, shop, 'all');
  const sent = await sendFor(robot, rita, purpose, 'The library closes at six today.');
  const id = sent.body.message.conversationId;
  const link = (await rita.messages(id))[0]!.unsubscribe!;
  return { shop, rita, robot, id, link };
}

const grants = async (rita: TestPerson, shop: TestPerson): Promise<unknown> =>
  (await rita.get<{ grants: object }>(`/api/people/${shop.username}`)).body.grants;
const every = (state: string): object => ({ service: state, automated: state, promotional: state });

describe('a word', () => {
  const words = [
    'stop',
    'STOP!',
    'Unsubscribe.',
    ' quit ',
    'opt-out',
    'E n d',
    'Stopp',
    'Abmelden 🙏',
    'kündigen',
    'Kündigen',
    'ＳＴＯＰ',
    'ЅТОР',
    'ѕtор',
    's\u200bt\u00ado\u200dp',
    '“stop”',
    'стоп',
  ];
  test.each(words)('“%s” as the whole answer ends all that is not personal', async (word) => {
    const { shop, rita, robot, id } = await trade();
    expect((await rita.writeIn(id, word)).status).toBe(201);
    expect(await grants(rita, shop)).toEqual(every('revoked'));
    for (const purpose of ['personal', 'service', 'automated', 'promotional'] as const) {
      expect((await sendFor(robot, rita, purpose, 'Are you sure?')).body.code).toBe('opted_out');
    }
    const acts = await ledger(rita);
    expect(acts.filter((entry) => entry.kind === 'revoke')).toMatchObject(
      Array.from({ length: 3 }, () => ({ via: 'keyword', person: { id: shop.id } })),
    );
  });

  test.each([
    'stop it, you',
    'please do not stop',
    'stop 1',
    'The end of it',
    'endlich',
    'when do you stop?',
    'st0p',
  ])('“%s” is a sentence', async (text) => {
    const { shop, rita, id } = await trade();
    await rita.writeIn(id, text);
    expect(await grants(rita, shop)).toEqual(every('granted'));
  });

  test('said to a friend, or after a personal message, is a word', async () => {
    const { ann, rita } = await house.bring({ ann: { follows: [] }, rita: { reach: 'everyone' } });
    await allow(rita, ann, 'all');
    const sent = await ann.write(rita.username, 'Shall we stop here?');
    const id = sent.body.message.conversationId;
    await act(rita, id, 'accept');
    expect((await rita.writeIn(id, 'Stop')).status).toBe(201);
    expect(await grants(rita, ann)).toEqual(every('granted'));
    // The twin: the same word after a message that is not personal.
    await sendFor(ann, rita, 'service', 'Your lesson is at four.');
    await rita.writeIn(id, 'Stop');
    expect(await grants(rita, ann)).toEqual(every('revoked'));
  });

  test('works by socket and by name, and is heard from the person, not from their program', async () => {
    const one = await trade();
    const program = await robotOf(house, one.rita);
    await program.writeIn(one.id, 'stop');
    expect(await grants(one.rita, one.shop)).toEqual(every('granted'));
    const socket = await house.watch(one.rita);
    await socket.write({ to: one.shop.username }, 'stop');
    expect(await grants(one.rita, one.shop)).toEqual(every('revoked'));
    const other = await trade();
    const line = await house.watch(other.rita);
    await line.write({ conversationId: other.id }, 'stop');
    expect(await grants(other.rita, other.shop)).toEqual(every('revoked'));
  });

  test('takes effect even where the message that carries it is refused, and says so', async () => {
    const { shop, rita, robot, id } = await trade();
    await act(shop, id, 'unaccept');
    const answer = await rita.writeIn(id, 'stop');
    expect(answer).toMatchObject({ status: 403, body: { code: 'not_accepting' } });
    expect((answer.body as unknown as { detail: string }).detail).toMatch(/^Stopped: /);
    expect(await grants(rita, shop)).toEqual(every('revoked'));
    expect((await sendFor(robot, rita, 'service', 'Hm')).body.code).toBe('opted_out');
  });

  test('of one person stops nothing for another', async () => {
    const one = await trade();
    const { ruth } = await house.bring({ ruth: {} });
    await allow(ruth, one.shop, 'all');
    await one.rita.writeIn(one.id, 'stop');
    expect((await ruth.writeIn(one.id, 'stop')).status).toBe(404);
    expect(await grants(ruth, one.shop)).toEqual(every('granted'));
  });
});

describe('the link', () => {
  const post = (path: string, body?: string, type?: string) =>
    raw(house.url, null, 'POST', path, body, type ? { 'content-type': type } : {});

  test.each([
    ['nothing', undefined, undefined],
    ['a form', 'List-Unsubscribe=One-Click', 'application/x-www-form-urlencoded'],
    ['a form with a charset', 'a=b', 'application/x-www-form-urlencoded; charset=utf-8'],
    ['JSON', '{}', 'application/json'],
    [
      'a multipart form',
      '--x\r\ncontent-disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
      'multipart/form-data; boundary=x',
    ],
  ])(
    'stops this purpose of this sender for whoever posts %s, signed out',
    async (_, body, type) => {
      const { shop, rita, robot, link } = await trade('service');
      const answer = await post(link, body, type);
      expect(answer).toMatchObject({ status: 200, text: '{"stopped":true}' });
      expect(await grants(rita, shop)).toEqual({ ...every('granted'), service: 'revoked' });
      expect((await sendFor(robot, rita, 'service', 'Hm')).body.code).toBe('opted_out');
      expect((await sendFor(robot, rita, 'automated', 'Hm')).body.arrived).toBe('inbox');
      expect((await ledger(rita))[0]).toMatchObject({
        kind: 'revoke',
        via: 'link',
        purpose: 'service',
      });
      // The other sender's grant is untouched, and doing it again changes nothing.
      const before = await ledger(rita);
      expect(await post(link, body, type)).toEqual(answer);
      expect(await ledger(rita)).toEqual(before);
    },
  );

  test('opened a hundred times, by any program that follows links, changes nothing', async () => {
    const { shop, rita, link } = await trade();
    const before = await snapshot(house.app.urls);
    const stored = await ask(house.app.urls.person, 'select count(*) from ledger');
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => raw(house.url, null, 'GET', link)),
    );
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toMatch(/^text\/html/);
      expect(answer.text).toContain('<form method="post">');
      expect(answer.text).not.toContain(rita.username);
    }
    for (const method of ['HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH']) {
      await raw(house.url, null, method, link);
    }
    expect(await grants(rita, shop)).toEqual(every('granted'));
    expect(await ask(house.app.urls.person, 'select count(*) from ledger')).toEqual(stored);
    expect(await snapshot(house.app.urls)).toEqual(before);
  });

  test('shows a person what they did, in their language', async () => {
    const { link } = await trade();
    const page = await raw(house.url, null, 'POST', link, undefined, {
      accept: 'text/html',
      'accept-language': 'de-CH,de;q=0.9',
    });
    expect(page).toMatchObject({ status: 200, text: expect.stringContaining('Beendet.') });
    expect(page.text).toContain('lang="de"');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  });

  test('that is wrong, cut, changed, foreign or made up is not found', async () => {
    const { shop, rita, link } = await trade();
    const token = link.split('/').at(-1)!;
    const flipped = (at: number): string =>
      token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
    const wrong = [
      ...Array.from({ length: token.length - 1 }, (_, at) => flipped(at)),
      token.slice(0, -2),
      token.slice(2),
      token + token,
      `${token}AA`,
      token.toLowerCase(),
      Buffer.from(`${rita.id} ${shop.id} a`).toString('base64url'),
      'x',
      '%00',
      '..',
      'A'.repeat(200),
      'A'.repeat(5_000),
    ].filter((one) => one !== token);
    for (const one of wrong) {
      for (const method of ['GET', 'POST']) {
        const { status } = await raw(house.url, null, method, `/api/unsubscribe/${one}`);
        // What is too long for an address is not looked up.
        expect([one, status]).toEqual([one, one.length <= 200 ? 404 : 400]);
      }
    }
    expect(await grants(rita, shop)).toEqual(every('granted'));
  }, 60_000);

  test('is shown to its recipient alone, in lists, pages and “why”', async () => {
    const { shop, rita, robot, id, link } = await trade('promotional');
    const why = await rita.get<WhyAnswer>(`/api/conversations/${id}/messages/1/why`);
    expect(why.body).toMatchObject({ unsubscribe: link, entry: { kind: 'grant' } });
    expect((await rita.inbox())[0]!.lastMessage).toMatchObject({ unsubscribe: link });
    expect((await shop.messages(id))[0]).not.toHaveProperty('unsubscribe');
    expect((await shop.inbox())[0]!.lastMessage).not.toHaveProperty('unsubscribe');
    expect((await shop.get(`/api/conversations/${id}/messages/1/why`)).status).toBe(404);
    const sockets = [await house.watch(shop), await house.watch(robot)];
    await sendFor(robot, rita, 'automated', 'Once more');
    for (const socket of sockets) {
      await until(() => socket.messages(id).length);
      expect(JSON.stringify(socket.frames)).not.toContain('/api/unsubscribe/');
    }
  });

  test('still works when the recipient is gone, and when the sender is', async () => {
    const one = await trade();
    await one.rita.call('DELETE', '/api/me');
    expect((await post(one.link)).status).toBe(200);
    const other = await trade();
    await other.shop.call('DELETE', '/api/me');
    expect((await post(other.link)).status).toBe(200);
  });

  test('of a brand stops its siblings too', async () => {
    const { shop, second, rita } = await house.bring({
      shop: { kind: 'brand', owner: 'linked' },
      second: { kind: 'brand', owner: 'linked' },
      rita: {},
    });
    for (const one of [shop, second]) await allow(rita, one, 'promotional');
    const sent = await sendFor(shop, rita, 'promotional', '20 % off everything');
    const [message] = await rita.messages(sent.body.message.conversationId);
    await post(message!.unsubscribe!);
    for (const one of [shop, second]) {
      expect((await sendFor(one, rita, 'promotional', 'Hm')).body.code).toBe('opted_out');
    }
    await stop(rita, shop, 'all');
  });
});
