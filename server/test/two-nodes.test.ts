import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { freshDatabase, type FreshDatabase } from './_support/database.ts';
import { hasNats, natsUrl, startNats, whyNoNats, type NatsServer } from './_support/nats.ts';
import { befriend, bringPeople, person, until, type TestPerson } from './_support/people.ts';
import { openSocket, type SpySocket } from './_support/spy-socket.ts';
import { startTestApp, type TestApp } from './_support/start-app.ts';

// Two whole servers in front of one database, connected by a NATS cluster of three.

let nats: NatsServer[];
let database: FreshDatabase;
let [a, b]: TestApp[] = [];

beforeAll(async () => {
  if (!hasNats) return console.warn(`two nodes: ${whyNoNats}`);
  nats = await startNats(3);
  database = await freshDatabase();
  const env = { NATS_URL: natsUrl(nats), SEND_RATE: '100000', SEND_BURST: '100000' };
  [a, b] = [
    await startTestApp({ urls: database.urls, env }),
    await startTestApp({ urls: database.urls, env }),
  ];
});

afterAll(async () => {
  await a?.stop();
  await b?.stop();
  await database?.drop();
  for (const server of nats ?? []) await server.stop();
});

let count = 0;

/** Two friends, as their programs see them at either node. */
async function friends(): Promise<{ alice: TestPerson; bob: TestPerson; id: string }> {
  count += 1;
  const [one, two] = [`alice_${count}`, `bob_${count}`];
  const made = await bringPeople(a!.url, [one, two], { [one]: [two], [two]: [one] });
  const [alice, bob] = [made[one]!, made[two]!];
  return { alice, bob, id: await befriend(alice, bob) };
}

const at = (app: TestApp | undefined, one: TestPerson): TestPerson => person(app!.url, one);

async function watch(app: TestApp | undefined, one: TestPerson): Promise<SpySocket> {
  const socket = await openSocket(app!.url, one.token);
  onTestFinished(() => socket.close());
  return socket;
}

function seqs(socket: SpySocket, id: string): number[] {
  return socket.messages(id).map((message) => message.seq);
}

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

test.runIf(hasNats)('what is sent through one node arrives at the other', async () => {
  const { alice, bob, id } = await friends();
  const there = await watch(b, bob);
  const sent = await at(a, alice).writeIn(id, 'Over there!');
  const frame = await there.frame('message', (f) => f.message.id === sent.body.message.id);
  expect(frame).toMatchObject({
    conversationId: id,
    arrived: 'inbox',
    message: { text: 'Over there!' },
  });
});

test.runIf(hasNats)(
  'two nodes that write to one conversation at once show it in one order, whole and once',
  async () => {
    const { alice, bob, id } = await friends();
    const sockets = await Promise.all([
      watch(a, alice),
      watch(b, bob),
      watch(b, alice),
      watch(a, bob),
    ]);
    await Promise.all(
      numbers(1, 250).map(async (i) => {
        const [one, two] = i % 2 === 0 ? [sockets[0], sockets[1]] : [sockets[2], sockets[3]];
        one.send({ t: 'send', clientId: randomUUID(), conversationId: id, text: `a ${i}` });
        two.send({ t: 'send', clientId: randomUUID(), conversationId: id, text: `b ${i}` });
      }),
    );
    for (const socket of sockets) {
      await until(() => seqs(socket, id).at(-1) === 502, 20_000);
      expect(seqs(socket, id).filter((seq) => seq > 2)).toEqual(numbers(3, 502));
    }
  },
);
