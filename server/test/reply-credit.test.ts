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
  unblock,
  type House,
} from './_support/house.ts';
import type { TestPerson } from './_support/people.ts';

// Who writes to a robot gets one answer from it; who writes to a shop gets five about their matter. No robot writes twice.

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

async function trade(kind: 'brand' | 'person' = 'brand'): Promise<Trade> {
  const { shop, rita } = await house.bring({ shop: { kind, reach: 'everyone' }, rita: {} });
  return { shop, rita, robot: await robotOf(house, shop) };
}

/** She writes, and a person of the shop presses Accept: no answer of a robot does that. */
async function writes(rita: TestPerson, shop: TestPerson, words = 'Hello'): Promise<string> {
  const sent = await rita.write(shop.username, words);
  const { id, conversationId, seq } = sent.body.message;
  if (seq === 1) expect((await act(shop, conversationId, 'accept')).status).toBe(200);
  return id;
}

const code = async (sent: ReturnType<typeof sendFor>): Promise<unknown> => {
  const { body } = await sent;
  return body.code ?? body.message.purpose;
};
const text = 'We have read your message.';

describe('without a grant', () => {
  test('no robot writes first, nor twice in a row, whatever it claims', async () => {
    const { shop, robot, rita } = await trade();
    for (const purpose of ['personal', 'service', 'automated'] as const) {
      expect(await code(sendFor(robot, rita, purpose, text))).toBe('consent_required');
    }
    await writes(rita, shop, 'Do you repair fountain pens?');
    expect(await code(sendFor(robot, rita, 'promotional', text))).toBe('consent_required');
    expect(await code(sendFor(robot, rita, 'automated', text))).toBe('automated');
    for (const purpose of ['personal', 'service', 'automated'] as const) {
      expect(await code(sendFor(robot, rita, purpose, text))).toBe('await_reply');
    }
    // Another key, other words, another client: the same robot.
    const second = await robotOf(house, shop);
    expect(await code(sendFor(second, rita, 'automated', 'Quite another sentence.'))).toBe(
      'await_reply',
    );
    const socket = await house.watch(second);
    expect(await socket.write({ to: rita.username }, 'By socket')).toMatchObject({
      t: 'refused',
      code: 'await_reply',
    });
  });

  test.each(['personal', 'service', 'automated'] as const)(
    'a reply opens exactly one more, claimed as %s',
    async (purpose) => {
      const { shop, robot, rita } = await trade();
      for (let round = 0; round < 3; round += 1) {
        await writes(rita, shop, `Question ${round}`);
        expect((await sendFor(robot, rita, purpose, text)).status).toBe(201);
        expect(await code(sendFor(robot, rita, purpose, text))).toBe('await_reply');
      }
    },
  );

  test('two replies open one, and of ten robots at once one gets through', async () => {
    const { shop, robot, rita } = await trade();
    await writes(rita, shop, 'First');
    await writes(rita, shop, 'Second');
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => sendFor(robot, rita, 'automated', text)),
    );
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
  });

  test('a repeated client id is the same message and uses nothing', async () => {
    const { shop, robot, rita } = await trade();
    await writes(rita, shop, 'Hello');
    const clientId = crypto.randomUUID();
    const first = await sendFor(robot, rita, 'automated', text, clientId);
    const again = await sendFor(robot, rita, 'automated', text, clientId);
    expect(again).toMatchObject({ status: 200, body: first.body });
    expect((await rita.messages(first.body.message.conversationId)).length).toBe(2);
  });

  test('what the recipient’s program writes opens nothing', async () => {
    const { shop, robot, rita } = await trade();
    await writes(rita, shop, 'Hello');
    await sendFor(robot, rita, 'automated', text);
    await allow(shop, rita, 'automated');
    const program = await robotOf(house, rita);
    expect((await sendFor(program, shop, 'automated', 'I am away.')).status).toBe(201);
    expect(await code(sendFor(robot, rita, 'automated', text))).toBe('await_reply');
  });

  test('two robots do not talk for ever', async () => {
    const { shop, robot, rita } = await trade();
    const program = await robotOf(house, rita);
    await writes(rita, shop, 'Hello');
    const said: unknown[] = [];
    for (let round = 0; round < 4; round += 1) {
      said.push(await code(sendFor(robot, rita, 'automated', text)));
      said.push(await code(sendFor(program, shop, 'automated', text)));
    }
    expect(said.filter((one) => one === 'automated')).toHaveLength(1);
  });

  test('the reply holds for 24 hours', async () => {
    const { shop, robot, rita } = await trade();
    await writes(rita, shop, 'Hello');
    await house.advance(dayMs - 60_000);
    expect(await code(sendFor(robot, rita, 'automated', text))).toBe('automated');
    await writes(rita, shop, 'Hello again');
    await house.advance(dayMs);
    expect(await code(sendFor(robot, rita, 'automated', text))).toBe('await_reply');
    await writes(rita, shop, 'Third');
    expect(await code(sendFor(robot, rita, 'automated', text))).toBe('automated');
  });

  test('a block voids what a reply had opened', async () => {
    const { shop, robot, rita } = await trade();
    await writes(rita, shop, 'Hello');
    await block(rita, shop);
    expect(await code(sendFor(robot, rita, 'automated', text))).toBe('await_reply');
    await unblock(rita, shop);
    expect(await code(sendFor(robot, rita, 'automated', text))).toBe('await_reply');
    await writes(rita, shop, 'Hello anew');
    expect(await code(sendFor(robot, rita, 'automated', text))).toBe('automated');
  });

  test('the reply itself is the act that “why” names', async () => {
    const { shop, robot, rita } = await trade();
    const id = await writes(rita, shop, 'Hello');
    const conversationId = (await rita.inbox())[0]!.id;
    await sendFor(robot, rita, 'automated', text);
    await writes(rita, shop, 'Thank you');
    await sendFor(robot, rita, 'automated', text);
    const allowedBy = (await rita.messages(conversationId)).map((message) => message.allowedBy);
    expect(allowedBy[1]).toBe(id);
    const entries = await ledger(rita);
    expect(entries.map((entry) => entry.id)).toEqual([allowedBy[3], id]);
    expect(entries[0]).toMatchObject({ kind: 'reply_credit', via: 'message', conversationId });
  });
});

describe('a person of the shop', () => {
  test('may write five service messages within 7 days, and no more', async () => {
    const { shop, rita } = await trade('person');
    expect(await code(sendFor(shop, rita, 'service', text))).toBe('consent_required');
    await writes(rita, shop, 'Where is my order?');
    for (let i = 0; i < 5; i += 1) {
      expect(await code(sendFor(shop, rita, 'service', text))).toBe('service');
    }
    expect(await code(sendFor(shop, rita, 'service', text))).toBe('await_reply');
    expect(await code(sendFor(shop, rita, 'automated', text))).toBe('await_reply');
    expect(await code(sendFor(shop, rita, 'promotional', text))).toBe('consent_required');
    await writes(rita, shop, 'And now?');
    await house.advance(7 * dayMs - 60_000);
    expect(await code(sendFor(shop, rita, 'service', text))).toBe('service');
    await house.advance(60_000);
    expect(await code(sendFor(shop, rita, 'service', text))).toBe('await_reply');
  });

  test('and its robot share one reply: what one used the other has not', async () => {
    const { shop, robot, rita } = await trade('person');
    await writes(rita, shop, 'First');
    expect(await code(sendFor(shop, rita, 'service', text))).toBe('service');
    expect(await code(sendFor(robot, rita, 'automated', text))).toBe('await_reply');
    expect(await code(sendFor(shop, rita, 'service', text))).toBe('service');
    await writes(rita, shop, 'Second');
    expect(await code(sendFor(robot, rita, 'service', text))).toBe('service');
    expect(await code(sendFor(shop, rita, 'service', text))).toBe('await_reply');
    // A personal answer needs no credit: she wrote first.
    expect((await shop.write(rita.username, 'It is on its way')).body.arrived).toBe('inbox');
  });
});

describe('what a message is for', () => {
  test('a key’s message is never personal, whatever is claimed, by HTTP and socket', async () => {
    const { shop, robot, rita } = await trade('person');
    await allow(rita, shop, 'automated');
    for (const claim of ['personal', undefined] as const) {
      const path = `/api/conversations/with/${rita.username}/messages`;
      const sent = await robot.call<{ message: object }>('POST', path, {
        clientId: crypto.randomUUID(),
        text,
        ...(claim ? { purpose: claim } : {}),
      });
      expect(sent.body.message).toMatchObject({ origin: 'automated', purpose: 'automated' });
    }
    const socket = await house.watch(robot);
    const clientId = crypto.randomUUID();
    socket.send({ t: 'send', clientId, to: rita.username, text, purpose: 'personal' });
    const ack = await socket.frame('ack', (frame) => frame.clientId === clientId);
    const stored = (await rita.messages(ack.conversationId)).find((m) => m.seq === ack.seq);
    expect(stored).toMatchObject({ origin: 'automated', purpose: 'automated' });
    // Nobody says of themselves where a message came from.
    const path = `/api/conversations/with/${rita.username}/messages`;
    const forged = { clientId: crypto.randomUUID(), text, origin: 'interactive' };
    expect((await robot.call('POST', path, forged)).status).toBe(400);
    expect(
      (await robot.call('POST', path, { ...forged, origin: undefined, purpose: 'nice' })).status,
    ).toBe(400);
  });

  test('a line that sells makes a service or automated message an offer', async () => {
    const { shop, robot, rita } = await trade();
    await allow(rita, shop, 'service');
    await allow(rita, shop, 'automated');
    const sells = 'Your parcel is there. Use the discount code SAVE10 for 20 % off!';
    for (const one of [robot, shop]) {
      expect(await code(sendFor(one, rita, 'service', text))).toBe('service');
      expect(await code(sendFor(one, rita, 'service', sells))).toBe('consent_required');
    }
    await allow(rita, shop, 'promotional');
    expect(await code(sendFor(robot, rita, 'service', sells))).toBe('promotional');
    expect((await rita.inbox())[0]).toMatchObject({ section: 'offers' });
    expect((await shop.inbox())[0]).not.toHaveProperty('section');
  });

  test('a person’s own message stays personal, whatever it says; a brand’s does not', async () => {
    const friend = await trade('person');
    await friend.rita.write(friend.shop.username, 'Hi');
    const sells = '20 % off everything this week';
    expect(await code(sendFor(friend.shop, friend.rita, 'personal', sells))).toBe('personal');
    const brand = await trade('brand');
    await brand.rita.write(brand.shop.username, 'Hi');
    expect(await code(sendFor(brand.shop, brand.rita, 'personal', sells))).toBe('consent_required');
    expect(await code(sendFor(brand.shop, brand.rita, 'personal', text))).toBe('personal');
  });

  test('what is claimed to be stricter is taken at its word', async () => {
    const { shop, rita } = await trade('person');
    await writes(rita, shop, 'Hi');
    expect(await code(sendFor(shop, rita, 'promotional', 'Hello'))).toBe('consent_required');
    expect(await code(sendFor(shop, rita, 'automated', 'Hello'))).toBe('await_reply');
  });
});
