import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import pg from 'pg';
import { WebSocketServer, type WebSocket } from 'ws';

// The bare minimum that does the same durable work: sockets, group commit with seq, receipts against repeats, outbox and
// inbox rows. No accounts, no consent, no validation, no limits, no errors. It exists to say what the rest costs, so it
// is written to be as fast as one reasonably would.

interface Send {
  client: Client;
  to: number;
  conversation: number;
  clientId: string;
  text: string;
}

/** A socket whose writes of one turn of the event loop leave together. */
interface Client {
  me: number;
  ws: WebSocket;
  line: Duplex;
  isGathering: boolean;
}

/** Batches that commit at the same time. One costs PostgreSQL a tenth less, two wait for the disk side by side. */
const laneCount = Number(process.env['PROTOTYPE_LANES'] ?? 2);
const batchMax = 250;
/** Messages of one conversation within this time share one write of its inbox rows. */
const coalesceMs = 15;

const pool = new pg.Pool({
  connectionString: process.env['DATABASE_URL']!,
  max: 10,
  pipeline: true,
  // A plan made while the tables are empty would read them whole for ever.
  options: '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off',
});
pool.on('error', () => {});
await pool.query(`
  create table if not exists conversation (id bigint primary key, head bigint not null) with (fillfactor = 80);
  create table if not exists message (conversation_id bigint, seq bigint, message_id bigint, sender_id bigint,
    created_at timestamptz, body text, primary key (conversation_id, seq));
  create table if not exists receipt (conversation_id bigint, sender_id bigint, client_id uuid, seq bigint,
    primary key (conversation_id, sender_id, client_id));
  create table if not exists outbox (conversation_id bigint, seq bigint, primary key (conversation_id, seq));
  create table if not exists inbox (user_id bigint, conversation_id bigint, head bigint, pos bigint,
    primary key (user_id, conversation_id)) with (fillfactor = 80);`);

const clients = new Map<number, Client>();
let known = 0;
const lanes = Array.from({ length: laneCount }, () => ({ queue: [] as Send[], busy: false }));
let lastId = BigInt(Date.now()) << 20n;
let pos = 0;

function enqueue(send: Send): void {
  const lane = lanes[send.conversation % lanes.length]!;
  lane.queue.push(send);
  if (lane.busy) return;
  lane.busy = true;
  // After this turn of the event loop, so that what came in with it shares the first batch.
  setImmediate(() => void work(lane));
}

async function work(lane: (typeof lanes)[number]): Promise<void> {
  while (lane.queue.length > 0) {
    const batch = lane.queue.splice(0, batchMax);
    const seqs = await commit(batch);
    batch.forEach((send, i) => tell(send, seqs[i]!));
    feed(batch, seqs);
  }
  lane.busy = false;
}

const list = (values: readonly (string | number | bigint)[]): string => `{${values.join(',')}}`;
const texts = (values: readonly string[]): string =>
  `{${values.map((text) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`).join(',')}}`;

/**
 * Writes a batch in one statement, which is its own transaction: the update of the heads takes the locks, and `seq` comes
 * from under them. Of a repeat only the number it already has is read. A conversation always uses the same lane, so no
 * other batch writes the same one meanwhile.
 */
async function commit(batch: Send[]): Promise<number[]> {
  const { rows } = await pool.query<{ n: string; seq: string }>({
    name: 'all',
    text: `with e as materialized (
        select e.*, r.seq as old from unnest($1::bigint[], $2::bigint[], $3::uuid[], $4::bigint[], $5::text[]) with ordinality
          as e (c, sender, client_id, id, body, n)
        left join receipt r on r.conversation_id = e.c and r.sender_id = e.sender and r.client_id = e.client_id),
      f as materialized (select *, row_number() over (partition by c order by n) as k from e where old is null),
      t as (select c, max(k) as total from f group by c),
      h as (update conversation set head = head + t.total from t where id = t.c returning id, head, t.total),
      s as materialized (select f.*, h.head - h.total + f.k as seq from f join h on h.id = f.c),
      m as (insert into message select c, seq, id, sender, $6, body from s),
      r as (insert into receipt select c, sender, client_id, seq from s),
      o as (insert into outbox select id, head from h)
      select n, seq from s union all select n, old from e where old is not null`,
    values: [
      list(batch.map((send) => send.conversation)),
      list(batch.map((send) => send.client.me)),
      list(batch.map((send) => send.clientId)),
      list(batch.map(() => (lastId += 1n))),
      texts(batch.map((send) => send.text)),
      new Date(),
    ],
  });
  const seqs: number[] = [];
  for (const row of rows) seqs[Number(row.n) - 1] = Number(row.seq);
  return seqs;
}

function tell(send: Send, seq: number): void {
  const { client, conversation, clientId, text } = send;
  const names = `"conversationId":"${conversation}","clientId":"${clientId}","seq":${seq}`;
  write(client, `{"t":"ack",${names}}`);
  const other = clients.get(send.to);
  const frame = `{"t":"message",${names},"senderId":"${client.me}","text":${JSON.stringify(text)}}`;
  if (other) write(other, frame);
  // The same frames to the same sockets as from the real server, which tells every member, the sender included.
  write(client, frame);
}

function write(client: Client, frame: string): void {
  if (!client.isGathering) {
    client.isGathering = true;
    client.line.cork();
    setImmediate(() => {
      client.isGathering = false;
      client.line.uncork();
    });
  }
  client.ws.send(frame);
}

const due = new Map<number, { users: number[]; seq: number }>();
let feeding = false;

function feed(batch: readonly Send[], seqs: readonly number[]): void {
  batch.forEach((send, i) => {
    due.set(send.conversation, { users: [send.client.me, send.to], seq: seqs[i]! });
  });
  if (feeding) return;
  feeding = true;
  setTimeout(() => void feedAll(), coalesceMs);
}

async function feedAll(): Promise<void> {
  const batch = [...due].slice(0, 250);
  for (const [conversation] of batch) due.delete(conversation);
  const rows = batch.flatMap(([c, { users, seq }]) => users.map((user) => ({ user, c, seq })));
  await pool.query({
    name: 'feed',
    text: `insert into inbox select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) as e (u, c, h, p) order by u
           on conflict (user_id, conversation_id) do update set head = greatest(inbox.head, excluded.head), pos = excluded.pos`,
    values: [
      list(rows.map((r) => r.user)),
      list(rows.map((r) => r.c)),
      list(rows.map((r) => r.seq)),
      list(rows.map(() => (pos += 1))),
    ],
  });
  await pool.query({
    name: 'fed',
    text: 'delete from outbox o using unnest($1::bigint[], $2::bigint[]) as f (c, seq) where o.conversation_id = f.c and o.seq <= f.seq',
    values: [list(batch.map(([c]) => c)), list(batch.map(([, { seq }]) => seq))],
  });
  feeding = false;
  if (due.size > 0) feed([], []);
}

/** Takes the same calls as the real server as far as the load needs them; a token is the person's number. */
const http = createServer((request, response) => {
  let text = '';
  request.on('data', (chunk: Buffer) => (text += chunk.toString()));
  request.on('end', () => {
    const people = JSON.parse(text) as { username: string }[];
    const first = known;
    known += people.length;
    response.end(
      JSON.stringify(people.map((p, i) => ({ username: p.username, token: String(first + i) }))),
    );
  });
});

new WebSocketServer({ server: http, perMessageDeflate: false }).on(
  'connection',
  (ws, { socket }) => {
    const client: Client = { me: -1, ws, line: socket, isGathering: false };
    ws.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as Record<string, string>;
      if (frame['t'] === 'hello') {
        client.me = Number(frame['token']);
        clients.set(client.me, client);
        ws.send('{"t":"welcome"}');
        return;
      }
      // The two of a pair have neighbouring numbers.
      const conversation = 1 + (client.me >> 1);
      const [clientId, text] = [frame['clientId']!, frame['text']!];
      const send = { client, to: client.me ^ 1, conversation, clientId, text };
      if (frame['to'] === undefined) return enqueue(send);
      void pool
        .query('insert into conversation values ($1, 0) on conflict do nothing', [conversation])
        .then(() => enqueue(send));
    });
  },
);

http.listen(0, '127.0.0.1', () => {
  const address = http.address() as { port: number };
  console.log(`prototype ready at http://127.0.0.1:${address.port}`);
});
process.on('SIGTERM', () => {
  // Whatever is left to feed does not matter any more.
  due.clear();
  setTimeout(() => void pool.end().then(() => process.exit(0)), 200);
});
