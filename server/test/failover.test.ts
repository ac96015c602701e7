import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { ensureDebian } from '../../tools/debian.ts';
import { befriend, bringPeople, until, type TestPerson } from './_support/people.ts';
import { startPrimaryAndStandby } from './_support/primary-and-standby.ts';
import { appForTest } from './_support/start-app.ts';

const hasPostgres = await ensureDebian(['postgresql']);
if (!hasPostgres)
  console.warn('failover: needs PostgreSQL, which could not be installed from Debian here');

test.runIf(hasPostgres)(
  'when the primary is lost under load, the promoted standby holds every acknowledged message, once',
  { timeout: 120_000 },
  async () => {
    const servers = (await startPrimaryAndStandby())!;
    onTestFinished(() => servers.stop());
    const { url } = servers;
    const urls = { conversation: url, person: url, identity: url, jobs: url };
    const app = await appForTest({ urls, env: { SEND_RATE: '100000', SEND_BURST: '100000' } });
    const people = await bringPeople(app.url, ['alice', 'bob'], { alice: ['bob'], bob: ['alice'] });
    const id = await befriend(people.alice, people.bob);
    const writers = [people.alice, people.bob, people.alice, people.bob].map((one) =>
      keepWriting(one, id),
    );
    const acked = (): number => writers.reduce((sum, writer) => sum + writer.acked.length, 0);
    await until(() => acked() > 40, 20_000);
    await servers.losePrimary();
    const before = acked();
    await until(() => writers.some((writer) => writer.refused > 0), 20_000);
    await servers.promote();
    await until(() => acked() > before + 40, 40_000);
    for (const writer of writers) await writer.stop();

    const log = await wholeLog(people.bob, id);
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, i) => i + 1));
    const stored = new Map(log.map(({ clientId, seq }) => [clientId, seq]));
    expect(stored.size).toBe(log.length);
    for (const writer of writers) {
      for (const { clientId, seq } of writer.acked) expect(stored.get(clientId)).toBe(seq);
    }
    await until(async () => (await people.alice.inbox())[0]?.headSeq === log.length);
  },
);

/** Writes one message after the other, each again under its client id until it is answered, as clients do. */
function keepWriting(one: TestPerson, id: string) {
  const acked: { clientId: string; seq: number }[] = [];
  const state = { acked, refused: 0, stop: async () => {} };
  let goesOn = true;
  const running = (async () => {
    while (goesOn) {
      const clientId = randomUUID();
      for (let isThere = false; !isThere && goesOn;) {
        const answer = await one.writeIn(id, 'in spite of everything', clientId);
        isThere = answer.status < 300;
        if (isThere) acked.push({ clientId, seq: answer.body.message.seq });
        else state.refused += 1;
        if (!isThere) await sleep(50);
      }
    }
  })();
  state.stop = async () => {
    goesOn = false;
    await running;
  };
  return state;
}

async function wholeLog(one: TestPerson, id: string) {
  const log = await one.messages(id, '?after=0&limit=200');
  for (;;) {
    const more = await one.messages(id, `?after=${log.at(-1)!.seq}&limit=200`);
    if (more.length === 0) return log;
    log.push(...more);
  }
}
