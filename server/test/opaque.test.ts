import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  act,
  block,
  dayMs,
  openHouse,
  quietFrames,
  raw,
  request,
  robotOf,
  unblock,
  type House,
  type Raw,
} from './_support/house.ts';
import type { TestPerson } from './_support/people.ts';

// What a recipient decided and has not said looks alike: byte for byte, on every route and in every frame that the
// other one can reach. Two recipients differ in that decision alone; ids, names and times are written as letters.

let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.app.stop());

interface Scene {
  /** Who must not see; with a session and with a key. */
  sam: TestPerson;
  robot: TestPerson;
  rita: TestPerson;
  /** Sam’s unanswered request, if the scene has one. */
  id: string;
  clientId: string;
}

type Prepare = (scene: Scene) => Promise<unknown>;

const first = 'Hello, may I ask you something?';

async function scene(withRequest: boolean): Promise<Scene> {
  const { sam, rita } = await house.bring({
    sam: {},
    rita: { reach: withRequest ? 'everyone' : 'following' },
  });
  const clientId = randomUUID();
  const robot = await robotOf(house, sam);
  if (!withRequest) return { sam, robot, rita, id: '4711', clientId };
  const sent = await sam.write(rita.username, first, clientId);
  return { sam, robot, rita, id: sent.body.message.conversationId, clientId };
}

/** Written so that two scenes can be compared: what names this scene is replaced by what it is. */
function levelled(text: string, { sam, rita, id }: Scene): string {
  const named: [string, string][] = [
    [sam.username, 'SAM'],
    [rita.username, 'RITA'],
    [sam.id, 'ID-OF-SAM'],
    [rita.id, 'ID-OF-RITA'],
    ...(id === '4711' ? [] : [[id, 'CONVERSATION'] as [string, string]]),
  ];
  const replaced = named.reduce((all, [from, to]) => all.replaceAll(from, to), text);
  return replaced
    .replace(/\b\d{17,19}\b/g, 'ID')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'CLIENT-ID');
}

function levelledAnswer(answer: Raw, of: Scene): unknown {
  const { headers, ...rest } = answer;
  const text = levelled(answer.text, of);
  // As many bytes as before: only what replaces them is shorter.
  const { 'content-length': length, ...others } = headers;
  return { ...rest, text, headers: others, isBlank: length === '0' };
}

/** Every question and every act that is open to Sam, in an order in which each finds the scene unspoilt. */
async function everything(of: Scene): Promise<unknown[]> {
  const { sam, robot, rita, id, clientId } = of;
  const seen: unknown[] = [];
  const ask = async (
    one: TestPerson,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<void> => {
    const answer = await raw(house.url, one.token, method, path, body);
    const who = one === robot ? 'robot' : 'sam';
    seen.push([who, method, levelled(path, of), levelledAnswer(answer, of)]);
  };
  const look = async (): Promise<void> => {
    for (const one of [sam, robot]) {
      await ask(one, 'GET', `/api/people/${rita.username}`);
      await ask(one, 'GET', `/api/conversations/${id}`);
      await ask(one, 'GET', '/api/conversations?folder=inbox');
    }
    await ask(sam, 'GET', `/api/people?q=${rita.username}`);
    await ask(sam, 'GET', `/api/conversations/${id}/messages`);
    await ask(sam, 'GET', `/api/conversations/${id}/messages/1/why`);
    for (const list of ['requests', 'archive']) {
      await ask(sam, 'GET', `/api/conversations?folder=${list}`);
    }
    for (const list of ['consent', 'consent/ledger', 'held', 'blocks']) {
      await ask(sam, 'GET', `/api/${list}`);
    }
    await ask(sam, 'GET', '/api/export');
  };
  const write = async (words: readonly string[]): Promise<void> => {
    for (const one of [sam, robot]) {
      const tries = [
        ...(['personal', 'service', 'automated', 'promotional'] as const).map((purpose) => ({
          text: 'Hello?',
          purpose,
        })),
        ...words.map((text) => ({ text })),
      ];
      for (const body of tries) {
        const sent = { clientId: randomUUID(), ...body };
        await ask(one, 'POST', `/api/conversations/with/${rita.username}/messages`, sent);
        await ask(one, 'POST', `/api/conversations/${id}/messages`, sent);
        await ask(one, 'POST', `/api/conversations/with/${rita.username}/check`, body);
      }
      for (const text of [first, 'Another text under the same id']) {
        const repeat = `/api/conversations/with/${rita.username}/messages`;
        await ask(one, 'POST', repeat, { clientId, text });
        await ask(one, 'POST', `/api/conversations/${id}/messages`, { clientId, text });
      }
    }
  };
  const edit = async (text: string, seq = 1): Promise<void> =>
    ask(sam, 'PATCH', `/api/conversations/${id}/messages/${seq}`, { text });

  await look();
  await write(['x'.repeat(281), 'See https://example.com', 'stop']);
  await edit('x'.repeat(281));
  await edit('');
  await edit('Hello, may I ask you a thing?');
  await look();
  await write([]);
  await edit('And again');
  await edit('What?', 2);
  await ask(sam, 'POST', `/api/conversations/${id}/read`, { seq: 1 });
  for (const word of ['accept', 'decline']) {
    await ask(sam, 'POST', `/api/conversations/${id}/${word}`);
    await ask(sam, 'POST', '/api/requests', { ids: [id], action: word });
  }
  const about = `/api/people/${rita.username}`;
  await ask(sam, 'POST', `${about}/report`, { reason: 'No answer.' });
  await ask(sam, 'POST', `${about}/report`, { reason: 'Hm', conversationId: id, seqs: [1] });
  for (const word of ['follow', 'mute', 'block']) {
    await ask(sam, 'PUT', `${about}/${word}`);
    await ask(sam, 'GET', about);
    await ask(sam, 'GET', `/api/conversations/${id}`);
    await ask(sam, 'GET', '/api/conversations');
    await ask(sam, 'DELETE', `${about}/${word}`);
  }
  await ask(sam, 'PUT', `/api/consent/${rita.username}/all`, {});
  await ask(sam, 'DELETE', `/api/consent/${rita.username}/all`);
  await look();
  await write([]);
  return seen;
}

/** The same by socket, with whatever comes to Sam meanwhile. */
async function frames(of: Scene): Promise<string[]> {
  const { sam, robot, rita, id, clientId } = of;
  const seen: string[] = [];
  for (const one of [sam, robot]) {
    const socket = await house.watch(one);
    for (const text of ['Hello?', 'x'.repeat(281), 'stop']) {
      await socket.write({ to: rita.username }, text);
      await socket.write({ conversationId: id }, text);
    }
    await socket.write({ to: rita.username }, first, clientId);
    socket.send({ t: 'typing', conversationId: id });
    socket.send({ t: 'read', conversationId: id, seq: 1 });
    await quietFrames(socket);
    const late = await house.watch(one, 0);
    await quietFrames(late);
    seen.push(
      ...[...socket.frames, ...late.frames].map((frame) => levelled(JSON.stringify(frame), of)),
    );
  }
  return seen;
}

type State = [name: string, prepare: Prepare];

async function compare(
  withRequest: boolean,
  state: Prepare,
  others: readonly State[],
  after: (scenes: readonly Scene[]) => Promise<void> = async () => {},
): Promise<void> {
  const scenes: Scene[] = [];
  for (const prepare of [state, ...others.map(([, one]) => one)]) {
    const made = await scene(withRequest);
    await prepare(made);
    scenes.push(made);
  }
  await after(scenes);
  const seen = await Promise.all(
    scenes.map(async (one) => ({ byHttp: await everything(one), bySocket: await frames(one) })),
  );
  for (const [i, [name]] of others.entries()) {
    expect({ name, seen: seen[i + 1] }).toEqual({ name, seen: seen[0] });
  }
}

describe('a request that', () => {
  const hidden: State[] = [
    ['was declined', ({ rita, id }) => act(rita, id, 'decline')],
    ['was blocked', ({ rita, sam }) => block(rita, sam)],
    [
      'was declined, then blocked',
      async ({ rita, sam, id }) => {
        await act(rita, id, 'decline');
        await block(rita, sam);
      },
    ],
    [
      'was blocked, then unblocked',
      async ({ rita, sam }) => {
        await block(rita, sam);
        await unblock(rita, sam);
      },
    ],
    [
      'was reported',
      ({ rita, id }) => rita.call('POST', '/api/requests', { ids: [id], action: 'report' }),
    ],
    [
      'met a closed door since',
      ({ rita }) => rita.call('PATCH', '/api/settings', { reach: 'nobody' }),
    ],
    ['met a mute', ({ rita, sam }) => rita.call('PUT', `/api/people/${sam.username}/mute`)],
    ['was read', ({ rita, id }) => rita.call('POST', `/api/conversations/${id}/read`, { seq: 1 })],
  ];

  test('was declined, blocked, unblocked, reported or read looks like one that waits', async () => {
    await compare(true, async () => {}, hidden);
  }, 120_000);

  test('has run out looks like one that was declined or blocked before', async () => {
    await compare(
      true,
      async () => {},
      hidden.slice(0, 3),
      async (scenes) => {
        await house.wait(
          31 * dayMs,
          scenes.flatMap(({ sam, rita }) => [sam, rita]),
        );
      },
    );
  }, 120_000);

  test('was answered before and taken back, then made anew, looks alike as well', async () => {
    const again: Prepare = async ({ sam, rita, id }) => {
      await rita.inbox();
      await act(rita, id, 'accept');
      await act(rita, id, 'unaccept');
      await sam.writeIn(id, 'Once more');
      await rita.inbox();
    };
    await compare(
      true,
      again,
      hidden.slice(0, 2).map(([name, prepare]) => [
        name,
        async (one) => {
          await again(one);
          await prepare(one);
        },
      ]),
    );
  }, 120_000);
});

describe('a door that is closed', () => {
  test('by a block, for everybody, or because nobody follows, is the same door', async () => {
    await compare(false, async () => {}, [
      ['blocked', ({ rita, sam }) => block(rita, sam)],
      [
        'blocked with an open door for others',
        async ({ rita, sam }) => {
          await block(rita, sam);
          await rita.call('PATCH', '/api/settings', { reach: 'everyone' });
        },
      ],
      [
        'blocked after a follow and a grant',
        async ({ rita, sam }) => {
          await rita.call('PUT', `/api/people/${sam.username}/follow`);
          await rita.call('PUT', `/api/consent/${sam.username}/all`, {});
          await block(rita, sam);
        },
      ],
      [
        'blocked for a while',
        async ({ rita, sam }) => {
          await block(rita, sam);
          await unblock(rita, sam);
        },
      ],
      ['reach nobody', ({ rita }) => rita.call('PATCH', '/api/settings', { reach: 'nobody' })],
      [
        'reach nobody, though she follows',
        async ({ rita, sam }) => {
          await rita.call('PATCH', '/api/settings', { reach: 'nobody' });
          await block(rita, sam);
        },
      ],
      ['muted', ({ rita, sam }) => rita.call('PUT', `/api/people/${sam.username}/mute`)],
    ]);
  }, 120_000);

  test('after they once talked is the same whether by a block or by taking acceptance back', async () => {
    const talked: Prepare = async (one) => {
      await one.rita.call('PATCH', '/api/settings', { reach: 'everyone' });
      one.id = await request(one.sam, one.rita);
      await one.rita.inbox();
      await act(one.rita, one.id, 'accept');
      await one.sam.writeIn(one.id, 'Thank you');
      // Once listed, it is counted: otherwise two messages may share one change of the list, or not.
      await one.rita.inbox();
      await one.rita.writeIn(one.id, 'You are welcome');
      await one.rita.inbox();
      await one.rita.call('PATCH', '/api/settings', { reach: 'nobody' });
    };
    const after =
      (...words: string[]): Prepare =>
      async (one) => {
        await talked(one);
        for (const word of words) {
          if (word === 'block') await block(one.rita, one.sam);
          else await act(one.rita, one.id, word);
        }
      };
    await compare(
      false,
      after('unaccept'),
      [
        ['blocked', after('block')],
        ['declined after all', after('unaccept', 'decline')],
        ['declined and blocked', after('unaccept', 'decline', 'block')],
      ],
      // What her last message opened has run out by then; a block would have voided it.
      async (scenes) => {
        await house.wait(
          8 * dayMs,
          scenes.flatMap(({ sam, rita }) => [sam, rita]),
        );
      },
    );
  }, 120_000);
});

test('what differs for the sender is told: the comparison sees it', async () => {
  await expect(
    compare(true, async () => {}, [['accepted', ({ rita, id }) => act(rita, id, 'accept')]]),
  ).rejects.toThrow('deeply equal');
}, 60_000);
