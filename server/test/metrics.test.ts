import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { freshDatabase } from './_support/database.ts';
import { hasNats, natsUrl, startNats } from './_support/nats.ts';
import { befriend, bringPeople, call, until, type TestPerson } from './_support/people.ts';
import { openSocket } from './_support/spy-socket.ts';
import { ask, terminateSome } from './_support/sql.ts';
import { appForTest, operatorKey, type TestApp } from './_support/start-app.ts';

// What an operator sees of a node, through the door that Prometheus uses.

/** Every series by its name and labels as they stand in the text. */
async function scrape(app: TestApp): Promise<Map<string, number>> {
  const text = await scrapeText(app);
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

async function scrapeText(app: TestApp): Promise<string> {
  const answer = await fetch(`${app.url}/metrics`, {
    headers: { authorization: `Bearer ${operatorKey}` },
  });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  return answer.text();
}

async function friends(app: TestApp): Promise<{ alice: TestPerson; bob: TestPerson; id: string }> {
  const { alice, bob } = await bringPeople(app.url, ['alice', 'bob'], {
    alice: ['bob'],
    bob: ['alice'],
  });
  return { alice, bob, id: await befriend(alice, bob) };
}

describe('who may look', () => {
  test('the operator, and nobody with another key, a session or none', async () => {
    const app = await appForTest();
    const { alice } = await bringPeople(app.url, ['alice']);
    expect((await scrapeText(app)).length).toBeGreaterThan(1_000);
    for (const token of ['another-key', alice.token, null]) {
      expect((await call(app.url, token, 'GET', '/metrics')).status).toBe(404);
    }
  });

  test('nobody where no key is set', async () => {
    const app = await appForTest({ env: { ASIDE_OPERATOR_KEY: '' } });
    expect((await call(app.url, operatorKey, 'GET', '/metrics')).status).toBe(404);
    expect((await call(app.url, '', 'GET', '/metrics')).status).toBe(404);
  });
});

test('sends are counted by what came of them, and the times of those that were let', async () => {
  const app = await appForTest();
  const { alice, bob, id } = await friends(app);
  const clientId = randomUUID();
  await alice.writeIn(id, 'once', clientId);
  await alice.writeIn(id, 'once', clientId);
  await alice.writeIn(id, 'another text', clientId);
  await bob.call('PUT', '/api/people/alice/block');
  await alice.writeIn(id, 'nothing of this arrives');
  const seen = await scrape(app);
  expect(seen.get('aside_sends_total{outcome="new"}')).toBe(3);
  expect(seen.get('aside_sends_total{outcome="repeat"}')).toBe(1);
  expect(seen.get('aside_sends_total{outcome="client_id_reused"}')).toBe(1);
  expect(seen.get('aside_sends_total{outcome="not_accepting"}')).toBe(1);
  expect(seen.get('aside_send_seconds_count')).toBe(4);
  expect(seen.get('aside_send_seconds_bucket{le="+Inf"}')).toBe(4);
  expect(seen.get('aside_send_seconds_sum')).toBeGreaterThan(0);
  expect(seen.get('aside_send_batch_messages_sum')).toBe(6);
  for (const stage of ['gather', 'commit', 'answer']) {
    expect(seen.get(`aside_send_stage_seconds_count{stage="${stage}"}`)).toBeGreaterThanOrEqual(4);
  }
  expect(seen.get('aside_send_waiting')).toBe(0);
});

test('sockets are counted while they are open, their frames after, and why they ended', async () => {
  const app = await appForTest();
  const { alice, bob, id } = await friends(app);
  const [alices, bobs] = [
    await openSocket(app.url, alice.token),
    await openSocket(app.url, bob.token),
  ];
  await alices.write({ conversationId: id }, 'over the socket');
  await bobs.frame('message');
  const open = await scrape(app);
  expect(open.get('aside_sockets')).toBe(2);
  expect(open.get('aside_people_connected')).toBe(2);
  // Two hellos and the message; two welcomes, the ack, and the message to both.
  expect(open.get('aside_socket_frames_in_total')).toBe(3);
  expect(open.get('aside_socket_frames_out_total')).toBeGreaterThanOrEqual(5);
  expect(open.get('aside_socket_bytes_out_total')).toBeGreaterThan(
    open.get('aside_socket_bytes_in_total')!,
  );
  await alices.close();
  bobs.send({ t: 'hello' });
  await bobs.close();
  await until(async () => (await scrape(app)).get('aside_sockets') === 0);
  const after = await scrape(app);
  expect(after.get('aside_socket_opened_total')).toBe(2);
  expect(after.get('aside_socket_closed_total{reason="gone"}')).toBe(2);
});

test('a socket that does not read is counted with the bytes it did not get', async () => {
  const app = await appForTest({
    env: { SOCKET_BUFFER_MAX: '16384', SEND_RATE: '100000', SEND_BURST: '100000' },
  });
  const { alice, bob, id } = await friends(app);
  const slow = await openSocket(app.url, bob.token);
  slow.pause();
  const text = 'x'.repeat(10_000);
  await until(async () => {
    await Promise.all(Array.from({ length: 50 }, () => alice.writeIn(id, text)));
    return (await scrape(app)).get('aside_socket_closed_total{reason="tooSlow"}') === 1;
  }, 15_000);
  expect((await scrape(app)).get('aside_socket_bytes_dropped_total')).toBeGreaterThan(16_384);
  slow.resume();
  await slow.close();
});

test('inbox rows, what a sweeper finished, retries and connections are counted', async () => {
  const app = await appForTest();
  const { alice, bob, id } = await friends(app);
  await alice.writeIn(id, 'a row for both');
  await bob.inbox();
  const before = await scrape(app);
  expect(before.get('aside_feed_delay_seconds_count')).toBeGreaterThan(0);
  expect(before.get('aside_db_waiting{family="conversation"}')).toBe(0);
  expect(before.get('aside_db_connections_max{family="jobs"}')).toBe(4);
  for (const family of ['conversation', 'person', 'identity', 'jobs']) {
    const used = before.get(`aside_db_connections{family="${family}",state="used"}`)!;
    const idle = before.get(`aside_db_connections{family="${family}",state="idle"}`)!;
    expect(used + idle).toBeGreaterThan(0);
  }
  expect(before.get('aside_swept_total{what="outbox"}')).toBe(0);
  await ask(app.urls.conversation, 'insert into outbox values ($1, 3, $2)', [id, new Date(0)]);
  await until(async () => (await scrape(app)).get('aside_swept_total{what="outbox"}') === 1);
  await until(async () => {
    await terminateSome(app.urls.conversation, 10);
    expect((await alice.writeIn(id, 'in spite of it')).status).toBe(201);
    const series = [...(await scrape(app))].filter(([name]) =>
      name.startsWith('aside_db_retries_total{'),
    );
    return series.some(([, count]) => count > 0);
  });
});

test('requests are counted by the pattern of their route, never by the address', async () => {
  const app = await appForTest();
  const { alice } = await friends(app);
  await alice.get('/api/people/bob');
  await alice.get('/api/people/nobody_of_this_name');
  await alice.get('/no/such/address');
  const text = await until(async () => {
    const now = await scrapeText(app);
    return now.includes('unknown') && now;
  });
  const count = (status: string): string =>
    `aside_http_requests_total{method="GET",route="/api/people/:username",status="${status}"} 1`;
  expect(text).toContain(count('2xx'));
  expect(text).toContain(count('4xx'));
  expect(text).toContain('{method="-",route="unknown",status="4xx"}');
  for (const word of ['bob', 'alice', 'nobody_of', 'such', alice.id, alice.token]) {
    expect(text).not.toContain(word);
  }
});

test('the process says how it is doing', async () => {
  const app = await appForTest();
  const seen = await scrape(app);
  expect(seen.get('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
  expect(seen.get('process_cpu_seconds_total')).toBeGreaterThan(0);
  expect(seen.get('process_start_time_seconds')).toBeLessThanOrEqual(Date.now() / 1000);
  for (const name of ['p50', 'p99', 'max']) {
    expect(seen.get(`nodejs_eventloop_lag_${name}_seconds`)).toBeGreaterThanOrEqual(0);
  }
});

test.runIf(hasNats)(
  'between two nodes, news are counted where they leave and where they arrive',
  async () => {
    const nats = await startNats(1);
    const { urls, drop } = await freshDatabase();
    const env = { NATS_URL: natsUrl(nats) };
    const [a, b] = [await appForTest({ urls, env }), await appForTest({ urls, env })];
    onTestFinished(async () => {
      await drop();
      for (const server of nats) await server.stop();
    });
    const { alice, bob, id } = await friends(a);
    const bobs = await openSocket(b.url, bob.token);
    await until(async () => {
      await alice.writeIn(id, 'from the other node');
      return (await scrape(b)).get('aside_bus_received_total')! > 0;
    });
    expect((await scrape(a)).get('aside_bus_published_total')).toBeGreaterThan(0);
    await bobs.close();
    for (const server of nats) await server.stop();
    await until(async () => {
      await alice.writeIn(id, 'which nobody else hears of');
      return (await scrape(a)).get('aside_bus_dropped_total')! > 0;
    });
  },
);

test('every series has its help and type, counters end in _total, and labels are few', async () => {
  const app = await appForTest();
  const { alice, id } = await friends(app);
  await alice.writeIn(id, 'so that something is counted');
  const text = await scrapeText(app);
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  expect(types.length).toBeGreaterThan(25);
  for (const [, name, type] of types) {
    expect(text).toMatch(new RegExp(`^# HELP ${name} \\S.{8,}$`, 'm'));
    expect(name!.endsWith('_total')).toBe(type === 'counter');
  }
  const labels = new Set([...text.matchAll(/[{,](\w+)="/g)].map(([, label]) => label!));
  const few = ['family', 'le', 'method', 'outcome', 'route', 'stage', 'state', 'status', 'what'];
  expect(labels).toEqual(new Set(few));
});
