import { randomUUID } from 'node:crypto';
import type { Message } from '@aside/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { cuttingProxy, type CuttingProxy } from './_support/cutting-proxy.ts';
import { freshDatabase } from './_support/database.ts';
import { befriend, bringPeople, until, type TestPerson } from './_support/people.ts';
import { openSocket } from './_support/spy-socket.ts';
import { terminateSome } from './_support/sql.ts';
import { appForTest, type TestApp } from './_support/start-app.ts';

const fast = { SEND_RATE: '1000000', SEND_BURST: '1000000' };

test('while connections are being terminated, what is acked is stored once, in one order for both', async () => {
  const app = await appForTest({ env: fast });
  const { alice, bob } = await friends(app);
  const [alices, bobs] = await Promise.all([
    openSocket(app.url, alice.token),
    openSocket(app.url, bob.token),
  ]);
  const id = await befriend(alice, bob);
  const terminator = terminateUntilStopped(app.urls.conversation);
  const acked = await Promise.all(
    [alice, bob].flatMap((sender) => Array.from({ length: 15 }, () => sendInTurn(sender, id, 12))),
  );
  expect(await terminator.stop()).toBeGreaterThan(5);

  const log = await wholeLog(alice, id);
  expect(await wholeLog(bob, id)).toEqual(log);
  expect(log.map((m) => m.seq)).toEqual(log.map((_, i) => i + 1));
  const byClientId = new Map(log.map((m) => [m.clientId, m]));
  expect(byClientId.size).toBe(log.length);
  for (const message of acked.flat()) expect(byClientId.get(message.clientId)).toEqual(message);
  expect(acked.flat().length).toBe(360);

  for (const socket of [alices, bobs]) {
    const person = socket === alices ? alice : bob;
    await until(async () => (await person.inbox())[0]?.headSeq === log.length);
    const seqs = socket.messages(id).map((m) => m.seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    await socket.close();
  }
});

test('when the answer to a commit is lost, the message is there once, acked once and seen once by everybody', async () => {
  const { app, proxy } = await appBehindProxy();
  const { alice, bob } = await friends(app);
  const id = await befriend(alice, bob);
  const old = await alice.writeIn(id, 'once more');
  const [alices, bobs] = await Promise.all([
    openSocket(app.url, alice.token),
    openSocket(app.url, bob.token),
  ]);
  for (let round = 0; round < 8; round += 1) {
    const when = round % 2 === 0 ? 'after-commit' : 'before-commit';
    proxy.cutAfterCommits(0, when);
    // A true repeat travels in the same batch: it must be answered, but nobody is to see it again.
    const repeat = alice.writeIn(id, 'once more', old.body.message.clientId);
    // Every message is sent twice at once, as an impatient client would.
    const sends = Array.from({ length: 30 }, (_, i) => {
      const [sender, clientId] = [i % 2 === 0 ? alice : bob, randomUUID()];
      return [0, 1].map(() => sender.writeIn(id, `${round}.${i}`, clientId));
    }).flat();
    const answers = await Promise.all(sends);
    expect(
      answers.map((a) => a.status).filter((status) => status !== 201 && status !== 200),
    ).toEqual([]);
    expect((await repeat).body.message).toEqual(old.body.message);
  }
  expect(proxy.cuts).toBe(8);
  const log = await wholeLog(alice, id);
  expect(log.map((m) => m.seq)).toEqual(Array.from({ length: 243 }, (_, i) => i + 1));
  for (const socket of [alices, bobs]) {
    await until(() => socket.messages(id).at(-1)?.seq === 243);
    expect(socket.messages(id)).toEqual(log.slice(3));
    await socket.close();
  }
});

test('when the answer to the one statement that writes a message is lost, it is there once and seen once by everybody', async () => {
  const { app, proxy } = await appBehindProxy();
  const { alice, bob } = await friends(app);
  const id = await befriend(alice, bob);
  const [alices, bobs] = await Promise.all([
    openSocket(app.url, alice.token),
    openSocket(app.url, bob.token),
  ]);
  await alice.writeIn(id, 'they know each other');
  for (let round = 0; round < 8; round += 1) {
    proxy.cutAtStatement(`round ${round}`, round % 2 === 0 ? 'after-commit' : 'before-commit');
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        (i % 2 === 0 ? alice : bob).writeIn(id, `${i} of round ${round}`),
      ),
    );
    for (const { status } of answers) expect([200, 201]).toContain(status);
  }
  expect(proxy.cuts).toBe(8);
  const log = await wholeLog(alice, id);
  expect(log.map((m) => m.seq)).toEqual(Array.from({ length: 83 }, (_, i) => i + 1));
  for (const socket of [alices, bobs]) {
    await until(() => socket.messages(id).at(-1)?.seq === 83);
    expect(socket.messages(id)).toEqual(log.slice(2));
    await socket.close();
  }
});

test('while a family cannot be reached, people are told when to come back, and then all goes on by itself', async () => {
  const { app, proxy } = await appBehindProxy();
  const { alice, bob } = await friends(app);
  const id = await befriend(alice, bob);
  proxy.setDown(true);
  const clientId = randomUUID();
  const refused = await alice.writeIn(id, 'during', clientId);
  expect(refused).toMatchObject({ status: 503, body: { code: 'overloaded' } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await alice.get(`/api/conversations/${id}/messages`)).status).toBe(503);
  proxy.setDown(false);
  const again = await until(async () => {
    const answer = await alice.writeIn(id, 'during', clientId);
    return answer.status < 300 && answer;
  });
  expect(again.body.message.seq).toBe(3);
});

async function appBehindProxy(): Promise<{ app: TestApp; proxy: CuttingProxy }> {
  const database = await freshDatabase();
  onTestFinished(database.drop);
  const proxy = await cuttingProxy(database.urls.conversation);
  onTestFinished(() => proxy.stop());
  const urls = { ...database.urls, conversation: proxy.url };
  return { app: await appForTest({ urls, env: fast }), proxy };
}

function friends(app: TestApp): Promise<Record<'alice' | 'bob', TestPerson>> {
  return bringPeople(app.url, ['alice', 'bob'], { alice: ['bob'], bob: ['alice'] });
}

/** Sends one message after the other; one that was called busy is sent again under its client id, as a client would. */
async function sendInTurn(sender: TestPerson, id: string, count: number): Promise<Message[]> {
  const acked: Message[] = [];
  for (let n = 0; n < count; n += 1) {
    const clientId = randomUUID();
    const answer = await until(async () => {
      const one = await sender.writeIn(id, `${sender.username} ${n}`, clientId);
      if (one.status >= 300)
        expect(one).toMatchObject({ status: 503, body: { code: 'overloaded' } });
      return one.status < 300 && one;
    });
    acked.push(answer.body.message);
  }
  return acked;
}

async function wholeLog(person: TestPerson, id: string): Promise<Message[]> {
  const log: Message[] = [];
  for (;;) {
    const page = await person.messages(id, `?after=${log.at(-1)?.seq ?? 0}&limit=200`);
    if (page.length === 0) return log;
    log.push(...page);
  }
}

function terminateUntilStopped(url: string): { stop(): Promise<number> } {
  let stopped = false;
  let count = 0;
  const run = (async () => {
    while (!stopped) {
      count += await terminateSome(url, 2);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  })();
  return {
    async stop() {
      stopped = true;
      await run;
      return count;
    },
  };
}
