import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { freshDatabase, type FreshDatabase } from './_support/database.ts';
import { hasNats, natsUrl, startNats, whyNoNats, type NatsServer } from './_support/nats.ts';
import { befriend, bringPeople, call, person, until, type TestPerson } from './_support/people.ts';
import { openSocket, type SpySocket } from './_support/spy-socket.ts';
import { ask } from './_support/sql.ts';
import { operatorKey, startTestApp, type TestApp } from './_support/start-app.ts';

// Two whole servers in front of one database, connected by a NATS cluster of three.

if (!hasNats) console.warn(`two nodes: ${whyNoNats}`);

let nats: NatsServer[];
let database: FreshDatabase;
let a: TestApp;
let b: TestApp;

beforeAll(async () => {
  if (!hasNats) return;
  nats = await startNats(3);
  database = await freshDatabase();
  const env = { NATS_URL: natsUrl(nats), SEND_RATE: '100000', SEND_BURST: '100000' };
  a = await startTestApp({ urls: database.urls, env });
  b = await startTestApp({ urls: database.urls, env });
});

afterAll(async () => {
  await Promise.all([a?.stop(), b?.stop()]);
  await database?.drop();
  for (const server of nats ?? []) await server.stop();
});

let count = 0;

interface Friends {
  alice: TestPerson;
  bob: TestPerson;
  id: string;
}

async function friends(): Promise<Friends> {
  count += 1;
  const [one, two] = [`alice_${count}`, `bob_${count}`];
  const made = await bringPeople(a.url, [one, two], { [one]: [two], [two]: [one] });
  const [alice, bob] = [made[one]!, made[two]!];
  return { alice, bob, id: await befriend(alice, bob) };
}

const at = (app: TestApp, one: TestPerson): TestPerson => person(app.url, one);

async function watch(app: TestApp, one: TestPerson): Promise<SpySocket> {
  const socket = await openSocket(app.url, one.token);
  onTestFinished(() => socket.close());
  return socket;
}

function seqs(socket: SpySocket, id: string): number[] {
  return socket.messages(id).map((message) => message.seq);
}

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Everybody writes at once, through sockets at both nodes; all of them must be told the same, whole and once. */
async function writeFromBothSides(
  { alice, bob, id }: Friends,
  each: number,
  meanwhile: () => Promise<void> = async () => {},
): Promise<void> {
  const sockets = await Promise.all([
    watch(a, alice),
    watch(b, bob),
    watch(b, alice),
    watch(a, bob),
  ]);
  const head = (await alice.messages(id)).at(-1)!.seq;
  for (let i = 0; i < each; i += 1) {
    for (const socket of sockets) {
      socket.send({ t: 'send', clientId: randomUUID(), conversationId: id, text: `number ${i}` });
    }
    if (i === each >> 1) await meanwhile();
    if (i % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 4));
  }
  const last = head + each * sockets.length;
  for (const socket of sockets) {
    await until(() => seqs(socket, id).at(-1) === last, 20_000);
    expect(seqs(socket, id).filter((seq) => seq > head)).toEqual(numbers(head + 1, last));
  }
}

describe.runIf(hasNats)('two nodes', () => {
  test('what is sent through one arrives at the other', async () => {
    const { alice, bob, id } = await friends();
    const there = await watch(b, bob);
    const sent = await at(a, alice).writeIn(id, 'Over there!');
    const frame = await there.frame('message', (f) => f.message.id === sent.body.message.id);
    const message = { text: 'Over there!' };
    expect(frame).toMatchObject({ conversationId: id, arrived: 'inbox', message });
    await there.frame('tick', ({ rows }) => rows.some((row) => row.headSeq === frame.message.seq));
  });

  test('that write to one conversation at once show it in one order, whole and once', async () => {
    await writeFromBothSides(await friends(), 125);
  });

  test('tell each other of edits, acceptance, read marks, profiles and typing', async () => {
    const { alice, bob, id } = await friends();
    const there = await watch(b, bob);
    (await watch(a, alice)).send({ t: 'typing', conversationId: id });
    expect(await there.frame('typing')).toMatchObject({ conversationId: id, personId: alice.id });
    await at(a, alice).writeIn(id, 'Have you seen this?');
    await at(a, bob).call('POST', `/api/conversations/${id}/read`, { seq: 3 });
    await there.frame('tick', ({ rows }) => rows.some((row) => row.readSeq === 3));
    await at(a, bob).call('PATCH', '/api/me', { bio: 'Gardener' });
    await there.frame('me');

    const { carla, dora } = await bringPeople(a.url, ['carla', 'dora'], { dora: ['carla'] });
    const theirs = await watch(b, carla);
    const first = await at(a, carla).write('dora', 'Helo');
    const { conversationId } = first.body.message;
    const path = `/api/conversations/${conversationId}/messages/1`;
    expect((await at(a, carla).call('PATCH', path, { text: 'Hello' })).status).toBe(200);
    await theirs.frame('changed', ({ message }) => message?.text === 'Hello');
    await at(a, dora).call('POST', `/api/conversations/${conversationId}/accept`);
    await theirs.frame('changed', (f) => f.message === undefined);
  });

  test('end a session together, before whoever ended it is answered', async () => {
    const { bob } = await friends();
    const there = await watch(b, bob);
    const { body } = await at(b, bob).get<{ sessions: { id: string }[] }>('/api/sessions');
    const path = `/api/sessions/${body.sessions[0]!.id}`;
    expect((await at(a, bob).call('DELETE', path)).status).toBe(204);
    expect((await at(b, bob).get('/api/me')).status).toBe(401);
    expect(await until(() => there.closed?.code)).toBe(4401);
  });

  test('refuse a key at once that was deleted at the other', async () => {
    const { bob } = await friends();
    const made = await at(a, bob).call<{ id: string; key: string }>('POST', '/api/keys', {
      name: 'x',
    });
    const robot = person(b.url, { ...bob, token: made.body.key });
    const there = await watch(b, robot);
    expect((await robot.get('/api/me')).status).toBe(200);
    expect((await at(a, bob).call('DELETE', `/api/keys/${made.body.id}`)).status).toBe(204);
    expect((await robot.get('/api/me')).status).toBe(401);
    expect(await until(() => there.closed?.code)).toBe(4401);
  });

  test('close the sockets of a deleted account, and refuse who is suspended, at both', async () => {
    const { alice, bob, id } = await friends();
    const [hers, his] = [await watch(b, alice), await watch(b, bob)];
    const path = `/api/operator/people/${alice.username}/suspension`;
    expect((await call(a.url, operatorKey, 'PUT', path)).status).toBe(204);
    expect(await until(() => hers.closed?.code)).toBe(4402);
    const refused = await at(b, alice).writeIn(id, 'Still here?');
    expect(refused.body.code).toBe('suspended');
    expect((await at(a, bob).call('DELETE', '/api/me')).status).toBe(204);
    expect((await at(b, bob).get('/api/me')).status).toBe(401);
    expect(await until(() => his.closed?.code)).toBe(4401);
  });

  test('refuse at once what was blocked or opted out of at the other', async () => {
    const { alice, bob, id } = await friends();
    const there = await watch(b, alice);
    expect(await there.write({ conversationId: id }, 'Allowed')).toMatchObject({ t: 'ack' });
    await at(a, bob).call('PUT', `/api/people/${alice.username}/block`);
    const after = await there.write({ conversationId: id }, 'Not any more');
    expect(after).toMatchObject({ t: 'refused', code: 'not_accepting' });

    const made = await bringPeople(a.url, ['shop', 'rita'], { rita: ['shop'] });
    const [shop, rita] = [at(b, made.shop), at(a, made.rita)];
    await rita.call('PUT', '/api/consent/shop/service', {});
    const send = (clientId = randomUUID()): ReturnType<TestPerson['call']> =>
      shop.call('POST', '/api/conversations/with/rita/messages', {
        clientId,
        text: 'Your parcel is on its way.',
        purpose: 'service',
      });
    expect((await send()).status).toBe(201);
    await rita.call('DELETE', '/api/consent/shop/service');
    expect((await send()).body).toMatchObject({ code: 'opted_out' });
  });

  test('with different secrets know each other’s tokens and keys, but not cookies', async () => {
    const signUp = await fetch(`${a.url}/api/auth/sign-up/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        name: 'Cora',
        username: 'cora',
        email: 'cora@mail.example',
        password: 'correct horse',
      }),
    });
    const { token } = (await signUp.json()) as { token: string };
    const cookie = signUp.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ');
    const statusAt = async (app: TestApp, headers: Record<string, string>): Promise<number> =>
      (await fetch(`${app.url}/api/me`, { headers })).status;
    expect(await statusAt(a, { cookie })).toBe(200);
    expect(await statusAt(b, { cookie })).toBe(401);
    expect(await statusAt(b, { authorization: `Bearer ${token}` })).toBe(200);
  });

  test('never share a node number', async () => {
    const rows = await ask(database.urls.identity, 'select number, token from node');
    expect(new Set(rows.map((row) => row['number'])).size).toBe(2);
    expect(new Set(rows.map((row) => row['token'])).size).toBe(2);
  });

  test('lose and repeat nothing when one of three NATS servers is killed under traffic', async () => {
    await writeFromBothSides(await friends(), 100, async () => {
      await nats[0]!.stop();
    });
    await nats[0]!.restart();
  });

  test('tell within the sweep what happened while all of NATS was gone, and end sessions all the same', async () => {
    const { alice, bob, id } = await friends();
    const { bob: other } = await friends();
    const [there, theirs] = [await watch(b, bob), await watch(b, other)];
    for (const server of nats) await server.stop();
    await at(a, alice).writeIn(id, 'Into the dark');
    await at(a, bob).call('PATCH', '/api/me', { bio: 'In the dark' });
    await at(a, bob).call('POST', `/api/conversations/${id}/read`, { seq: 3 });
    await until(() => seqs(there, id).includes(3));
    await there.frame('tick', ({ rows }) => rows.some((row) => row.readSeq === 3));
    await there.frame('changed');

    const { body } = await at(b, other).get<{ sessions: { id: string }[] }>('/api/sessions');
    await at(a, other).call('DELETE', `/api/sessions/${body.sessions[0]!.id}`);
    expect((await at(b, other).get('/api/me')).status).toBe(401);
    expect(await until(() => theirs.closed?.code)).toBe(4401);
    const profiles = (): number => there.frames.filter((frame) => frame.t === 'me').length;
    const before = profiles();
    for (const server of nats) await server.restart();
    await until(() => profiles() > before);
    await until(async () => {
      await at(a, alice).writeIn(id, 'Light again');
      const head = (await alice.messages(id)).at(-1)!.seq;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return seqs(there, id).includes(head);
    });
    expect(seqs(there, id)).toEqual(numbers(3, seqs(there, id).at(-1)!));
  });
});
