import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Message } from '@aside/protocol';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { freshDatabase, type FreshDatabase } from './_support/database.ts';
import { hasNats, startNats, type NatsServer } from './_support/nats.ts';
import { befriend, bringPeople, person, until, type TestPerson } from './_support/people.ts';
import { openSocket, type SpySocket } from './_support/spy-socket.ts';
import { startTestApp, type TestApp } from './_support/start-app.ts';

// One node listens to NATS and never sweeps. The other has no NATS, so that the test alone decides which news of what
// was written there arrive, in which order, and how often.

let nats: NatsServer;
let wire: NatsConnection;
let database: FreshDatabase;
let mute: TestApp;
let listening: TestApp;

const env = { SEND_RATE: '100000', SEND_BURST: '100000' };

beforeAll(async () => {
  if (!hasNats) return;
  [nats] = (await startNats()) as [NatsServer];
  wire = await connect({ servers: `127.0.0.1:${nats.port}` });
  database = await freshDatabase();
  const { urls } = database;
  mute = await startTestApp({ urls, env });
  const hearing = { NATS_URL: nats.url, NATS_PREFIX: 'here', NODE_SWEEP_MS: '600000' };
  listening = await startTestApp({ urls, env: { ...env, ...hearing } });
});

afterAll(async () => {
  await wire?.close();
  await Promise.all([mute?.stop(), listening?.stop()]);
  await database?.drop();
  await nats?.stop();
});

interface Scene {
  alice: TestPerson;
  bob: TestPerson;
  id: string;
  /** Bob's socket at the node that listens. */
  there: SpySocket;
}

let count = 0;

async function scene(): Promise<Scene> {
  count += 1;
  const [one, two] = [`amy_${count}`, `bo_${count}`];
  const made = await bringPeople(mute.url, [one, two], { [one]: [two], [two]: [one] });
  const [alice, bob] = [made[one]!, made[two]!];
  const id = await befriend(alice, bob);
  const there = await openSocket(listening.url, bob.token);
  onTestFinished(() => there.close());
  // NATS carries words in order: once this typing mark is there, so is the subscription.
  await until(() => {
    wire.publish(
      `here.p.${bob.id}`,
      event({ type: 'typing', conversationId: id, personId: alice.id }),
    );
    return there.frames.some((frame) => frame.t === 'typing');
  });
  return { alice, bob, id, there };
}

async function write({ alice, id }: Scene, messages: number): Promise<Message[]> {
  const sent: Message[] = [];
  for (let i = 0; i < messages; i += 1) sent.push((await alice.writeIn(id, `${i}`)).body.message);
  return sent;
}

const event = (what: object): string => JSON.stringify({ memberIds: [], ...what });

/** The news of a message, as the node that wrote it would have sent them. */
function tell({ bob, id }: Scene, message: Message, previous?: Message | 'long ago'): void {
  const previousAt = previous === 'long ago' ? 0 : Date.parse((previous ?? message).createdAt);
  const what = {
    type: 'messages',
    conversationId: id,
    messages: [message],
    requestSeqs: [],
    previousAt,
  };
  wire.publish(`here.p.${bob.id}`, event(what));
}

const seqs = ({ there, id }: Scene): number[] => there.messages(id).map((message) => message.seq);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe.runIf(hasNats)('news between nodes', () => {
  test('that arrive swapped are told in order', async () => {
    const stage = await scene();
    const [one, two, three, four] = await write(stage, 4);
    tell(stage, one!, 'long ago');
    await until(() => seqs(stage).length === 1);
    for (const message of [three, four, two]) tell(stage, message!);
    await until(() => seqs(stage).length === 4);
    expect(seqs(stage)).toEqual([3, 4, 5, 6]);
  });

  test('that arrive twice, and long after, are told once', async () => {
    const stage = await scene();
    const sent = await write(stage, 3);
    for (const message of [...sent, ...sent, ...sent.toReversed()])
      tell(stage, message, 'long ago');
    await pause(300);
    for (const message of sent.toReversed()) tell(stage, message);
    await until(() => seqs(stage).length >= 3);
    await pause(300);
    expect(seqs(stage)).toEqual([3, 4, 5]);
  });

  test('that are lost in between are fetched', async () => {
    const stage = await scene();
    const sent = await write(stage, 30);
    tell(stage, sent[0]!);
    tell(stage, sent[29]!);
    await until(() => seqs(stage).length === 30);
    expect(seqs(stage)).toEqual(sent.map(({ seq }) => seq));
  });

  test('of which the first is lost bring along what came since they listen, and nothing older', async () => {
    const stage = await scene();
    const sent = await write(stage, 5);
    tell(stage, sent[4]!, sent[3]);
    await until(() => seqs(stage).length === 5);
    expect(seqs(stage)).toEqual([3, 4, 5, 6, 7]);
  });

  test('of an inbox row alone bring the message that it speaks of', async () => {
    const stage = await scene();
    const [sent] = await write(stage, 1);
    const row = { conversationId: stage.id, headSeq: 3, readSeq: 2, folder: 'inbox', quiet: false };
    const tick = { ...row, muted: false, lastActivityAt: sent!.createdAt, pos: 1_000 };
    const what = { type: 'ticks', personId: stage.bob.id, ticks: [tick], isUrgent: true };
    wire.publish(`here.p.${stage.bob.id}`, event(what));
    await until(() => seqs(stage).length === 1);
    // Rows before it may be missing, so it must not be said that everything up to it is here.
    const told = await stage.there.frame('tick', ({ rows }) =>
      rows.some(({ pos }) => pos === 1_000),
    );
    expect(told.pos).toBeLessThan(1_000);
  });

  test('for somebody else, of another kind or no news at all are passed over', async () => {
    const stage = await scene();
    const { id } = stage;
    const subject = `here.p.${stage.bob.id}`;
    for (const text of ['not json', '{}', '[]', '{"type":"new-in-some-later-version"}', 'null'])
      wire.publish(subject, text);
    wire.publish(subject, event({ type: 'person-changed', personId: stage.alice.id }));
    wire.publish(
      subject,
      event({ type: 'sessions-ended', personId: stage.bob.id, sessionIds: 'all' }),
    );
    wire.publish('here.nodes', 'not json');
    wire.publish('here.nodes', '{"kind":"new","from":"x","n":1}');
    const [sent] = await write(stage, 1);
    tell(stage, sent!);
    await until(() => seqs(stage).length === 1);
    expect(stage.there.frames.map((frame) => frame.t)).not.toContain('me');
    expect(stage.there.closed).toBeNull();
    expect(await person(listening.url, stage.bob).messages(id)).toHaveLength(3);
  });
});
