import { createServer } from 'node:http';
import pg from 'pg';
import { WebSocketServer, type WebSocket } from 'ws';

// The bare minimum that does the same durable work: sockets, group commit with seq, receipts, outbox and inbox rows.
// No accounts, no consent, no validation, no limits. It exists to say what the rest costs.

interface Send {
  ws: WebSocket;
  from: number;
  to: number;
  conversation: string;
  clientId: string;
  text: string;
}

const pool = new pg.Pool({
  connectionString: process.env['DATABASE_URL']!,
  max: 10,
  pipeline: true,
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

const sockets = new Map<number, WebSocket>();
let known = 0;
const lanes = Array.from({ length: 4 }, () => ({ queue: [] as Send[], busy: false }));
let lastId = BigInt(Date.now()) << 20n;
let pos = 0;

async function work(lane: (typeof lanes)[number]): Promise<void> {
  if (lane.busy) return;
  lane.busy = true;
  while (lane.queue.length > 0) {
    const batch = lane.queue.splice(0, 100);
    const client = await pool.connect();
    void client.query('begin');
    const heads = await client.query<{ id: string; head: string }>({
      name: 'lock',
      text: 'select id, head from conversation where id = any ($1::bigint[]) order by id for update',
      values: [[...new Set(batch.map((send) => send.conversation))]],
    });
    const head = new Map(heads.rows.map((row) => [row.id, Number(row.head)]));
    const at = new Date();
    const rows = batch.map((send) => {
      const seq = head.get(send.conversation)! + 1;
      head.set(send.conversation, seq);
      return { ...send, seq, id: (lastId += 1n).toString() };
    });
    const put = client.query({
      name: 'put',
      text: `with e as materialized (select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::uuid[], $6::text[])
               as e (c, seq, id, sender, client_id, body)),
             h as (select c, max(seq) as seq from e group by c),
             m as (insert into message select c, seq, id, sender, $7, body from e),
             r as (insert into receipt select c, sender, client_id, seq from e),
             o as (insert into outbox select c, seq from h)
             update conversation set head = h.seq from h where id = h.c`,
      values: [
        rows.map((r) => r.conversation),
        rows.map((r) => r.seq),
        rows.map((r) => r.id),
        rows.map((r) => r.from),
        rows.map((r) => r.clientId),
        rows.map((r) => r.text),
        at,
      ],
    });
    await Promise.all([put, client.query('commit')]);
    client.release();
    for (const r of rows) {
      const message = {
        seq: r.seq,
        id: r.id,
        senderId: r.from,
        clientId: r.clientId,
        text: r.text,
      };
      const frame = JSON.stringify({ t: 'message', conversationId: r.conversation, message });
      sockets.get(r.from)?.send(frame);
      sockets.get(r.to)?.send(frame);
      r.ws.send(
        JSON.stringify({
          t: 'ack',
          clientId: r.clientId,
          conversationId: r.conversation,
          seq: r.seq,
        }),
      );
    }
    feed(rows);
  }
  lane.busy = false;
}

const due = new Map<string, { c: string; users: number[]; seq: number }>();
let feeding = false;

function feed(rows: { conversation: string; from: number; to: number; seq: number }[]): void {
  for (const r of rows)
    due.set(r.conversation, { c: r.conversation, users: [r.from, r.to], seq: r.seq });
  if (!feeding) {
    feeding = true;
    setTimeout(() => void feedAll(), 15);
  }
}

async function feedAll(): Promise<void> {
  if (due.size > 0) {
    const batch = [...due.values()].slice(0, 250);
    for (const d of batch) due.delete(d.c);
    const rows = batch.flatMap((d) => d.users.map((user) => ({ user, c: d.c, seq: d.seq })));
    await pool.query({
      name: 'feed',
      text: `insert into inbox select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) as e (u, c, h, p) order by u
             on conflict (user_id, conversation_id) do update set head = greatest(inbox.head, excluded.head), pos = excluded.pos`,
      values: [
        rows.map((r) => r.user),
        rows.map((r) => r.c),
        rows.map((r) => r.seq),
        rows.map(() => (pos += 1)),
      ],
    });
    await pool.query({
      name: 'fed',
      text: 'delete from outbox o using unnest($1::bigint[], $2::bigint[]) as f (c, seq) where o.conversation_id = f.c and o.seq <= f.seq',
      values: [batch.map((d) => d.c), batch.map((d) => d.seq)],
    });
  }
  feeding = false;
  if (due.size > 0) feed([]);
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

new WebSocketServer({ server: http, perMessageDeflate: false }).on('connection', (ws) => {
  let me = -1;
  ws.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as Record<string, string>;
    if (frame['t'] === 'hello') {
      me = Number(frame['token']);
      sockets.set(me, ws);
      ws.send('{"t":"welcome"}');
      return;
    }
    const to = me ^ 1;
    const conversation = String(1 + (me >> 1));
    const put = (): void => {
      const lane = lanes[Number(conversation) % lanes.length]!;
      lane.queue.push({
        ws,
        from: me,
        to,
        conversation,
        clientId: frame['clientId']!,
        text: frame['text']!,
      });
      setImmediate(() => void work(lane));
    };
    if (frame['to'] === undefined) return put();
    void pool
      .query('insert into conversation values ($1, 0) on conflict do nothing', [conversation])
      .then(put);
  });
});

http.listen(0, '127.0.0.1', () => {
  const address = http.address() as { port: number };
  console.log(`prototype ready at http://127.0.0.1:${address.port}`);
});
process.on('SIGTERM', () => {
  // Whatever is left to feed does not matter any more.
  due.clear();
  setTimeout(() => {
    void pool.end().then(() => process.exit(0));
  }, 200);
});
