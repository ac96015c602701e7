import type { Draw } from '../draw.ts';
import { connectPatiently, runSql } from '../postgres.ts';
import type { Stage } from '../stage.ts';
import { sleep } from '../wait.ts';
import { disturbConnections } from './connections.ts';

// Another client of the same database that takes locks in the wrong order and holds them, settings that an operator
// may have made, transactions that are told to try again, and statements and connections that are ended.

/** Every one of these goes on for its share of the time. */
export async function contend(stage: Stage, seconds: number): Promise<void> {
  const { adminUrl } = stage.postgres!;
  const share = (seconds * 1_000) / 5;
  const before = await deadlocks(adminUrl);
  await together(stage, share, 3, (draw, tables) => holdRows(stage, draw, tables));
  stage.tally.note('deadlocks', (await deadlocks(adminUrl)) - before);
  stage.tally.faults += (await deadlocks(adminUrl)) - before;
  await failSerialisations(stage, share);
  await isolate(stage, share);
  await withSetting(stage, "lock_timeout = '20ms'", () =>
    together(stage, share, 2, (draw, tables) => holdRows(stage, draw, tables)),
  );
  await interrupt(stage, share);
  if (seconds >= patientFrom) await holdTooLong(stage);
}

/** Only runs of some length wait for a real time limit. */
const patientFrom = 40;
/** Aside's statements may take 30 s. */
const tooLongMs = 33_000;

/** The row of one conversation is held longer than a statement may take. */
async function holdTooLong({ postgres, troupe, tally }: Stage): Promise<void> {
  const client = await connectPatiently(postgres!.adminUrl);
  try {
    await client.query('begin');
    await client.query('select 1 from conversation where conversation_id = $1 for update', [
      troupe.friends[0]!.conversationId,
    ]);
    const [acks, comeBacks] = [tally.acks, tally.comeBacks];
    await sleep(tooLongMs);
    tally.note('acks while a row was held', tally.acks - acks);
    tally.note('come back later while a row was held', tally.comeBacks - comeBacks);
    await client.query('rollback');
    tally.faults += 1;
  } finally {
    await client.end().catch(() => {});
  }
}

const lockable = [
  ['conversation', 'conversation_id'],
  ['feed_position', 'user_id'],
  ['inbox', 'user_id, conversation_id'],
  ['member', 'conversation_id, user_id'],
] as const;
type Lockable = (typeof lockable)[number];

async function together(
  stage: Stage,
  forMs: number,
  count: number,
  work: (draw: Draw, table: Lockable) => Promise<void>,
): Promise<void> {
  const end = performance.now() + forMs;
  await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const draw = stage.draw.branch(`hostile ${i} ${forMs}`);
      while (performance.now() < end) await work(draw, draw.pick(lockable));
    }),
  );
}

/** Locks a few rows one by one in a random order, the opposite of Aside's as often as not, and keeps them a while. */
async function holdRows(stage: Stage, draw: Draw, [table, key]: Lockable): Promise<void> {
  const client = await connectPatiently(stage.postgres!.adminUrl);
  try {
    await client.query('begin');
    const { rows } = await client.query<{ ctid: string }>(
      `select ctid from (select ctid, ${key} from ${table} order by random() limit 4) few order by ${key
        .split(', ')
        .map((column) => `${column} desc`)
        .join(', ')}`,
    );
    for (const { ctid } of rows) {
      await client.query(`select 1 from ${table} where ctid = $1 for update`, [ctid]);
      await sleep(draw.between(5, 60));
    }
    await client.query('rollback');
  } catch (error) {
    // It was the one that PostgreSQL chose to end.
    if ((error as { code?: unknown }).code !== '40P01') throw error;
  } finally {
    await client.end().catch(() => {});
  }
}

async function deadlocks(adminUrl: string): Promise<number> {
  const [row] = await runSql<{ deadlocks: string }>(adminUrl, [
    'select deadlocks from pg_stat_database where datname = current_database()',
  ]);
  return Number(row!.deadlocks);
}

/** One in so many statements on these tables is told to try again, which rolls its transaction back. */
async function failSerialisations(stage: Stage, forMs: number): Promise<void> {
  const { adminUrl } = stage.postgres!;
  const tables = ['message', 'member', 'inbox', 'ledger', 'outbox'];
  await runSql(adminUrl, [
    'create sequence if not exists chaos.refused',
    `create or replace function chaos.refuse() returns trigger language plpgsql security definer as $$ begin
       if random() < 0.04 then
         perform nextval('chaos.refused');
         raise exception 'try again' using errcode = '40001';
       end if;
       return null; end $$`,
    ...tables.map(
      (table) =>
        `create trigger chaos_refuse after insert or update on ${table} for each statement execute function chaos.refuse()`,
    ),
  ]);
  await sleep(forMs);
  await runSql(
    adminUrl,
    tables.map((table) => `drop trigger chaos_refuse on ${table}`),
  );
  const [row] = await runSql<{ last_value: string }>(adminUrl, [
    'select last_value from chaos.refused',
  ]);
  stage.tally.note('serialisation failures', Number(row!.last_value));
  stage.tally.faults += Number(row!.last_value);
}

/** The database's own default of isolation is another than Aside was written for. */
async function isolate(stage: Stage, forMs: number): Promise<void> {
  for (const level of ['repeatable read', 'serializable']) {
    const setting = `default_transaction_isolation = '${level}'`;
    await withSetting(stage, setting, () => sleep(forMs / 2));
    stage.tally.note(`time under ${level}`);
  }
}

/** A default of Aside's role while `work` lasts; it holds for connections made from now on, so the old ones are ended. */
async function withSetting(
  stage: Stage,
  setting: string,
  work: () => Promise<unknown>,
): Promise<void> {
  const { adminUrl } = stage.postgres!;
  await runSql(adminUrl, [`alter role tenant set ${setting}`]);
  stage.tally.faults += await disturbConnections(adminUrl, 'terminate', 100);
  await work();
  await runSql(adminUrl, ['alter role tenant reset all']);
  stage.tally.faults += await disturbConnections(adminUrl, 'terminate', 100);
}

/** Statements are ended as by a time limit (57014), and connections as by an administrator. */
async function interrupt(stage: Stage, forMs: number): Promise<void> {
  const end = performance.now() + forMs;
  while (performance.now() < end) {
    for (const how of ['cancel', 'terminate'] as const) {
      const count = await disturbConnections(stage.postgres!.adminUrl, how, 2);
      stage.tally.note(`connections: ${how}`, count);
      stage.tally.faults += count;
    }
    await sleep(stage.draw.between(10, 60));
  }
}
