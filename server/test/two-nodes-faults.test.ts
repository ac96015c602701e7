import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from '@aside/protocol';
import { freshDatabase, type FreshDatabase } from './_support/database.ts';
import { hasNats, natsUrl, startNats, type NatsServer } from './_support/nats.ts';
import { startNode, type NodeProcess } from './_support/node-process.ts';
import { befriend, bringPeople, person, until, type TestPerson } from './_support/people.ts';
import { startTestApp, type TestApp } from './_support/start-app.ts';
import { openSocket, type SpySocket } from './_support/spy-socket.ts';
import { swallowingProxy } from './_support/swallowing-proxy.ts';

// Nodes as processes of their own, which are killed, paused, cut off and restarted while people write.

/** How long a node is paused; 20 s in a long run. */
const pausedMs = Number(process.env['ASIDE_TEST_PAUSE_MS'] ?? 4_000);

const secret = 'the same secret on every node of this test';
const fast = { SEND_RATE: '100000', SEND_BURST: '100000' };

let nats: NatsServer[];
let database: FreshDatabase;

beforeAll(async () => {
  if (!hasNats) return;
  nats = await startNats(3);
  database = await freshDatabase();
});

afterAll(async () => {
  await database?.drop();
  for (const server of nats ?? []) await server.stop();
});

/** A node in a process of its own, to be killed or paused. */
async function apart(url = natsUrl(nats)): Promise<NodeProcess> {
  const started = await startNode(database.urls, url, { ASIDE_AUTH_SECRET: secret });
  onTestFinished(async () => {
    started.signal('SIGCONT');
    await started.end('SIGKILL');
  });
  return started;
}

/** A node in this process, which starts faster. */
async function here(url = natsUrl(nats)): Promise<TestApp> {
  const env = { NATS_URL: url, ASIDE_AUTH_SECRET: secret, ...fast };
  const started = await startTestApp({ urls: database.urls, env });
  onTestFinished(() => started.stop());
  return started;
}

let count = 0;

async function friends(url: string): Promise<{ alice: TestPerson; bob: TestPerson; id: string }> {
  count += 1;
  const [one, two] = [`anna_${count}`, `ben_${count}`];
  const made = await bringPeople(url, [one, two], { [one]: [two], [two]: [one] });
  const [alice, bob] = [made[one]!, made[two]!];
  return { alice, bob, id: await befriend(alice, bob) };
}

/** A client that writes without a pause, comes back wherever it can, and fetches what it missed. */
class Client {
  readonly log = new Map<number, string>();
  readonly acked = new Map<string, number>();
  readonly sockets: SpySocket[] = [];
  private readonly one: TestPerson;
  private readonly id: string;
  private readonly urls: () => string[];
  private isStopping = false;
  private running: Promise<unknown> = Promise.resolve();

  constructor(one: TestPerson, id: string, urls: () => string[]) {
    this.one = one;
    this.id = id;
    this.urls = urls;
  }

  start(): void {
    this.running = this.run();
  }

  /** Stops writing; every message it began is acknowledged then, and its log holds everything up to `head`. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await this.running;
  }

  async catchUp(url: string): Promise<void> {
    const client = person(url, this.one);
    for (;;) {
      const page = await client.messages(
        this.id,
        `?after=${Math.max(0, ...this.log.keys())}&limit=200`,
      );
      for (const message of page) this.keep(message);
      if (page.length === 0) return;
    }
  }

  private async run(): Promise<void> {
    let clientId = randomUUID();
    let socket: SpySocket | null = null;
    let seen = 0;
    for (let i = 0; !this.isStopping || !socket; i += 1) {
      if (!socket || socket.closed) {
        socket = await this.open(i);
        if (!socket) continue;
        seen = 0;
        this.sockets.push(socket);
      }
      const line: SpySocket = socket;
      line.send({ t: 'send', clientId, conversationId: this.id, text: clientId });
      const answer = await until(
        () =>
          line.closed ??
          line.frames.slice(seen).find((f) => f.t === 'ack' && f.clientId === clientId),
        5_000,
      ).catch(() => null);
      seen = Math.max(0, line.frames.length - 50);
      if (answer && 't' in answer && answer.t === 'ack') {
        this.acked.set(clientId, answer.seq);
        clientId = randomUUID();
      } else if (!line.closed) await line.close();
      await sleep(3);
    }
    await socket?.close();
  }

  private async open(i: number): Promise<SpySocket | null> {
    const urls = this.urls();
    const opening = openSocket(urls[i % urls.length]!, this.one.token).catch(() => null);
    const opened = await Promise.race([opening, sleep(1_500, null)]);
    if (opened === null) await sleep(50);
    return opened;
  }

  private keep(message: Message): void {
    this.log.set(message.seq, message.clientId ?? '');
  }
}

/** On one socket the messages ascend; a gap or a repeat is a fault. */
function faultsOf(socket: SpySocket, id: string): string[] {
  const seqs = socket.messages(id).map((message) => message.seq);
  return seqs.flatMap((seq, i) =>
    i > 0 && seq !== seqs[i - 1]! + 1 ? [`${seqs[i - 1]}→${seq}`] : [],
  );
}

async function expectWhole(
  clients: Client[],
  alice: TestPerson,
  id: string,
  url: string,
): Promise<void> {
  for (const client of clients) await client.stop();
  for (const client of clients) await client.catchUp(url);
  const stored: Message[] = [];
  for (;;) {
    const page = await person(url, alice).messages(id, `?after=${stored.length}&limit=200`);
    if (page.length === 0) break;
    stored.push(...page);
  }
  expect(stored.map((message) => message.seq)).toEqual(stored.map((_, i) => i + 1));
  expect(new Set(stored.map((message) => message.clientId)).size).toBe(stored.length);
  for (const client of clients) {
    expect(client.acked.size).toBeGreaterThan(20);
    for (const [clientId, seq] of client.acked) expect(stored[seq - 1]?.clientId).toBe(clientId);
    expect(client.log.size).toBe(stored.length);
    for (const socket of client.sockets) expect(faultsOf(socket, id)).toEqual([]);
  }
}

describe.runIf(hasNats)('a node of two', { timeout: 60_000 }, () => {
  test('is killed under traffic: what was acknowledged is there, and everybody knows all of it', async () => {
    const [a, b] = await Promise.all([apart(), here()]);
    const { alice, bob, id } = await friends(a.url);
    let urls: [string, ...string[]] = [a.url, b.url];
    const clients = [
      new Client(alice, id, () => urls),
      new Client(bob, id, () => [...urls].reverse()),
    ];
    for (const client of clients) client.start();
    const watching = await openSocket(b.url, bob.token);
    await sleep(1_000);
    urls = [b.url];
    await a.end('SIGKILL');
    await sleep(1_500);
    await expectWhole(clients, alice, id, b.url);
    const head = (await person(b.url, alice).messages(id)).at(-1)!.seq;
    await until(() => watching.messages(id).at(-1)?.seq === head);
    expect(faultsOf(watching, id)).toEqual([]);
    await watching.close();
  });

  test('is paused while a session ends: afterwards it tells that session nothing and does nothing for it', async () => {
    const proxy = await swallowingProxy(nats[2]!.port);
    onTestFinished(() => proxy.stop());
    const [a, b] = await Promise.all([here(), apart(`nats://127.0.0.1:${proxy.port}`)]);
    const { alice, bob, id } = await friends(a.url);
    const [his, hers] = [await openSocket(b.url, bob.token), await openSocket(b.url, alice.token)];
    await his.write({ conversationId: id }, 'Before the pause');
    const { body } = await person(a.url, bob).get<{ sessions: { id: string }[] }>('/api/sessions');
    b.signal('SIGSTOP');
    // What the other says must not come to its help when it wakes up.
    proxy.setDead(true);
    await sleep(200);
    // Sent while nobody reads it there, and waiting when the node wakes up.
    his.send({
      t: 'send',
      clientId: randomUUID(),
      conversationId: id,
      text: 'Out of a stolen phone',
    });
    const began = performance.now();
    const ended = await person(a.url, bob).call('DELETE', `/api/sessions/${body.sessions[0]!.id}`);
    expect(ended.status).toBe(204);
    expect(performance.now() - began).toBeLessThan(5_000);
    const note = await person(a.url, alice).writeIn(id, 'For his eyes only');
    await sleep(pausedMs);
    b.signal('SIGCONT');
    expect(await until(() => his.closed?.code)).toBe(4401);
    proxy.setDead(false);
    await until(() => hers.messages(id).at(-1)?.seq === note.body.message.seq);
    expect(his.messages(id).map(({ text }) => text)).toEqual(['Before the pause']);
    expect(hers.messages(id).map(({ text }) => text)).toEqual([
      'Before the pause',
      'For his eyes only',
    ]);
    await hers.write({ conversationId: id }, 'The others go on');
    await hers.close();
  });

  test('whose line to NATS is half open hears by the sweep, and makes a new line by itself', async () => {
    const proxy = await swallowingProxy(nats[1]!.port);
    onTestFinished(() => proxy.stop());
    const [a, b] = await Promise.all([here(), here(`nats://127.0.0.1:${proxy.port}`)]);
    const { alice, bob, id } = await friends(a.url);
    const there = await openSocket(b.url, bob.token);
    const first = await person(a.url, alice).writeIn(id, 'Through the line');
    await until(() => there.messages(id).length === 1);
    proxy.setDead(true);
    const lost = await person(a.url, alice).writeIn(id, 'Into the void');
    const { body } = await person(a.url, alice).get<{ sessions: { id: string }[] }>(
      '/api/sessions',
    );
    const hers = await openSocket(b.url, alice.token);
    await person(a.url, alice).call('DELETE', `/api/sessions/${body.sessions[0]!.id}`);
    expect((await person(b.url, alice).get('/api/me')).status).toBe(401);
    expect(await until(() => hers.closed?.code)).toBe(4401);
    await until(() => there.messages(id).length === 2);
    proxy.setDead(false);
    await sleep(3_500);
    await person(a.url, bob).writeIn(id, 'And back');
    await until(() => there.messages(id).length === 3);
    const seqs = [first.body.message.seq, lost.body.message.seq, lost.body.message.seq + 1];
    expect(there.messages(id).map(({ seq }) => seq)).toEqual(seqs);
    await there.close();
  });

  test('is restarted after the other, and nobody loses a message', async () => {
    let [a, b] = await Promise.all([here(), here()]);
    const { alice, bob, id } = await friends(a.url);
    const clients = [
      new Client(alice, id, () => [a.url, b.url]),
      new Client(bob, id, () => [b.url, a.url]),
    ];
    for (const client of clients) client.start();
    await sleep(700);
    await a.stop();
    a = await here();
    await sleep(500);
    await b.stop();
    b = await here();
    await sleep(500);
    await expectWhole(clients, alice, id, a.url);
  });
});
