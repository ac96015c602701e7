import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { cuttingProxy } from '../../test/_support/cutting-proxy.ts';
import { freshDatabase, type FreshDatabase } from '../../test/_support/database.ts';
import { ask } from '../../test/_support/sql.ts';
import { Refusal } from '../base/refusal.ts';
import { openDatabase, type Database, type Queries } from './database.ts';

// The failures here are real ones, made by a second connection, an administrator or a cut line.

let fresh: FreshDatabase;
let url: string;

beforeAll(async () => {
  fresh = await freshDatabase();
  // PostgreSQL looks for deadlocks after a second by default; here nobody wants to wait for it.
  url = `${fresh.urls.conversation}?options=-c%20deadlock_timeout%3D50`;
  await ask(url, 'create table counter (id int primary key, n int not null)');
  await ask(url, 'create table entry (id int primary key)');
});
afterAll(() => fresh.drop());
beforeEach(() =>
  ask(
    url,
    'with gone as (delete from entry) insert into counter values (1, 0), (2, 0) on conflict (id) do update set n = 0',
  ),
);

describe('what the database asks to repeat is repeated', () => {
  test('two transactions that lock each other out both get through', async () => {
    const [one, other] = [open(), open()];
    const met = meeting(2);
    let tries = 0;
    const raiseBoth = (db: Database, first: number, second: number): Promise<void> => {
      let isFirstTry = true;
      return db.transaction(async (tx) => {
        tries += 1;
        await raise(tx, first);
        if (isFirstTry) await met();
        isFirstTry = false;
        await raise(tx, second);
      });
    };
    await Promise.all([raiseBoth(one, 1, 2), raiseBoth(other, 2, 1)]);
    expect(tries).toBe(3);
    expect(await counters()).toEqual([2, 2]);
  });

  test('a serialisation failure starts the work over, from what is true by then', async () => {
    const [db, rival] = [open(), open()];
    let tries = 0;
    await db.transaction(async (tx) => {
      tries += 1;
      await tx.query('set transaction isolation level repeatable read');
      const [row] = await tx.query<{ n: number }>('select n from counter where id = 1');
      if (tries === 1) await rival.query('update counter set n = 40 where id = 1');
      await tx.query('update counter set n = $1 where id = 1', [row!.n + 2]);
    });
    expect(tries).toBe(2);
    expect((await counters())[0]).toBe(42);
  });

  test.each([
    ['a transaction', (db: Database) => db.transaction((tx) => raise(tx, 1))],
    ['a statement', (db: Database) => raise(db, 1)],
  ])('%s on a connection whose server only reads now goes to a new one', async (_, write) => {
    const db = openDatabase(url, 1);
    onTestFinished(() => db.end());
    await db.query('set session characteristics as transaction read only');
    await write(db);
    expect((await counters())[0]).toBe(1);
  });

  test('a rival that never gives way is answered with a bounded number of tries and a time to come back', async () => {
    const [db, rival] = [open(), open()];
    let tries = 0;
    const work = db.transaction(async (tx) => {
      tries += 1;
      await tx.query('set transaction isolation level repeatable read');
      await tx.query('select n from counter where id = 1');
      await rival.query('update counter set n = n + 1 where id = 1');
      await tx.query('update counter set n = 0 where id = 1');
    });
    await expect(work).rejects.toMatchObject({ code: 'overloaded', data: { retryAfterMs: 1_000 } });
    expect(tries).toBe(6);
    expect((await counters())[0]).toBe(6);
  });
});

test('a transaction sees what was committed while it waited for a lock, whatever the database’s default', async () => {
  const { pathname } = new URL(url);
  const setDefault = (level: string): Promise<unknown> =>
    ask(url, `alter database ${pathname.slice(1)} set default_transaction_isolation = '${level}'`);
  await setDefault('repeatable read');
  onTestFinished(() => setDefault('read committed').then(() => {}));
  const [db, rival] = [open(), open()];
  expect(await db.query('show transaction_isolation')).toEqual([
    { transaction_isolation: 'repeatable read' },
  ]);
  const locked = meeting(2);
  const changed = rival.transaction(async (tx) => {
    await tx.query('select n from counter where id = 1 for update');
    await locked();
    await untilSomebodyWaits();
    // Not the row that is waited for: nothing there would tell the other to start over.
    await tx.query('update counter set n = 7 where id = 2');
  });
  const seen = await db.transaction(async (tx) => {
    await locked();
    await tx.query('select n from counter where id = 1 for update');
    return tx.query('select n from counter where id = 2');
  });
  await changed;
  expect(seen).toEqual([{ n: 7 }]);
});

test('a statement that fails because one sent with it has failed is not taken for the cause', async () => {
  const [db, rival] = [open(), open()];
  const held = meeting(2);
  const over = meeting(2);
  const holding = rival.transaction(async (tx) => {
    await tx.query('select n from counter where id = 1 for update');
    await held();
    await over();
  });
  await held();
  let tries = 0;
  await db.transaction(async (tx) => {
    tries += 1;
    if (tries === 2) await Promise.all([over(), holding]);
    const lock = async (): Promise<unknown[]> => {
      const rows = await tx.query('select n from counter where id = 1 for update nowait');
      return rows;
    };
    // Told a moment later than the other, which was sent after it.
    const slowly = async (): Promise<unknown[]> => {
      const rows = await lock();
      return rows;
    };
    await Promise.all([slowly(), tx.query('select n from counter where id = 2')]);
  });
  expect(tries).toBe(2);
});

test('a full disk is called busy, and the work done once there is room', async () => {
  const db = open();
  let tries = 0;
  const sequence = 'room_after';
  await ask(url, `create sequence ${sequence}`);
  // As PostgreSQL says it when a table cannot grow.
  await ask(
    url,
    `create function no_room() returns trigger language plpgsql as $$ begin
       if nextval('${sequence}') < 3 then raise exception 'no room' using errcode = 'disk_full'; end if;
       return new; end $$;
     create trigger no_room before insert on entry for each row execute function no_room()`,
  );
  onTestFinished(() => ask(url, 'drop function no_room cascade').then(() => {}));
  await db.transaction(async (tx) => {
    tries += 1;
    await tx.query('insert into entry values (1)');
  });
  expect(tries).toBe(3);
});

describe('what is simply wrong is not repeated', () => {
  test('a wrong statement', async () => {
    const db = open();
    let tries = 0;
    const work = db.transaction(async (tx) => {
      tries += 1;
      await raise(tx, 1);
      await tx.query('select * from no_such_table');
    });
    await expect(work).rejects.toMatchObject({ code: '42P01' });
    expect(tries).toBe(1);
    expect(await counters()).toEqual([0, 0]);
  });

  test('a refusal by the work itself undoes what it wrote and leaves the connection usable', async () => {
    const db = open(1);
    const work = db.transaction(async (tx) => {
      await raise(tx, 1);
      throw new Refusal('not_accepting');
    });
    await expect(work).rejects.toMatchObject({ code: 'not_accepting' });
    await db.transaction((tx) => raise(tx, 2));
    expect(await counters()).toEqual([0, 1]);
  });

  test('work that swallows a failed statement is not reported as committed', async () => {
    const db = open();
    const work = db.transaction(async (tx) => {
      await raise(tx, 1);
      await tx.query('select 1 / 0').catch(() => {});
    });
    await expect(work).rejects.toThrow();
    expect(await counters()).toEqual([0, 0]);
  });
});

describe('a connection that is terminated', () => {
  test('while a statement of a transaction runs: the work is done once', async () => {
    const db = open();
    let tries = 0;
    await db.transaction(async (tx) => {
      tries += 1;
      await raise(tx, 1);
      if (tries === 1) {
        const pid = await pidOf(tx);
        const sleeping = tx.query('select pg_sleep(30)');
        await Promise.all([sleeping, terminate(pid)]);
      }
    });
    expect(tries).toBe(2);
    expect((await counters())[0]).toBe(1);
  });

  test('in the moment in which it was made: the work is done on another', async () => {
    const proxy = await terminatingProxy();
    const { port } = proxy.address() as AddressInfo;
    const db = openDatabase(url.replace(/:\d+\//, `:${port}/`), 1);
    onTestFinished(() => db.end());
    let tries = 0;
    await db.transaction(async (tx) => {
      tries += 1;
      await raise(tx, 1);
    });
    expect(tries).toBeGreaterThan(0);
    expect((await counters())[0]).toBe(1);
  });

  test('between two statements of a transaction: the work is done once', async () => {
    const db = open();
    let tries = 0;
    await db.transaction(async (tx) => {
      tries += 1;
      await raise(tx, 1);
      if (tries === 1) await terminate(await pidOf(tx));
      await raise(tx, 2);
    });
    expect(tries).toBe(2);
    expect(await counters()).toEqual([1, 1]);
  });

  test('just before the commit: the work is done once', async () => {
    const db = open();
    let tries = 0;
    await db.transaction(async (tx) => {
      tries += 1;
      await raise(tx, 1);
      if (tries === 1) await terminate(await pidOf(tx));
    });
    expect(tries).toBe(2);
    expect((await counters())[0]).toBe(1);
  });

  test('while it is idle in the pool: the next query does not notice', async () => {
    const db = open(1);
    await terminate(await pidOf(db));
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe('a line that is cut at COMMIT', () => {
  test.each([
    ['the server never got it', 'before-commit'],
    ['the server carried it out and its answer was lost', 'after-commit'],
  ] as const)('%s: idempotent work is repeated and there once', async (_, when) => {
    const proxy = await cuttingProxy(url);
    onTestFinished(() => proxy.stop());
    const db = open(2, proxy.url);
    const seen: number[] = [];
    proxy.cutAfterCommits(0, when);
    await db.transaction(async (tx) => {
      const found = await tx.query('select id from entry where id = 7');
      seen.push(found.length);
      await tx.query('insert into entry values (7) on conflict (id) do nothing');
    });
    expect(proxy.cuts).toBe(1);
    expect(seen).toEqual(when === 'after-commit' ? [0, 1] : [0, 0]);
    expect(await ask(url, 'select id from entry')).toEqual([{ id: 7 }]);
  });
});

test('a server that is not there is tried a few times, then called busy', async () => {
  const db = open(1, `postgres://nobody:nothing@127.0.0.1:${await unusedPort()}/nowhere`);
  await expect(db.query('select 1')).rejects.toMatchObject({ code: 'overloaded' });
});

test('text that looks like SQL stays text', async () => {
  const db = open();
  const text = `'); drop table counter; --`;
  expect(await db.query('select $1::text as text', [text])).toEqual([{ text }]);
});

function open(max = 3, at = url): Database {
  const db = openDatabase(at, max);
  onTestFinished(() => db.end());
  return db;
}

async function raise(db: Queries, id: number): Promise<void> {
  await db.query('update counter set n = n + 1 where id = $1', [id]);
}

async function counters(): Promise<number[]> {
  const rows = await ask<{ n: number }>(url, 'select n from counter order by id');
  return rows.map((row) => row.n);
}

async function pidOf(db: Queries): Promise<number> {
  const rows = await db.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]!.pid;
}

/** Resolves when the backend is gone. */
async function terminate(pid: number): Promise<void> {
  await ask(url, 'select pg_terminate_backend($1, 5000)', [pid]);
}

/** A place where `count` callers wait for each other. */
function meeting(count: number): () => Promise<void> {
  const all = Promise.withResolvers<void>();
  let here = 0;
  return () => {
    here += 1;
    if (here === count) all.resolve();
    return all.promise;
  };
}

/** Resolves when a statement in this database waits for a lock. */
async function untilSomebodyWaits(): Promise<void> {
  for (;;) {
    const waiting = await ask(
      url,
      `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (waiting.length > 0) return;
  }
}

/**
 * Ends the first connection as soon as the server has said that it is ready, and passes both on at once: “ready” and
 * “terminated” arrive in one packet.
 */
async function terminatingProxy(): Promise<Server> {
  const target = new URL(url);
  let isFirst = true;
  const proxy = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    const ends = isFirst;
    isFirst = false;
    const kept: Buffer[] = [];
    for (const socket of [client, upstream]) socket.on('error', () => {});
    client.on('data', (chunk) => upstream.write(chunk));
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.end());
    upstream.on('data', (chunk: Buffer) => {
      kept.push(chunk);
      const all = Buffer.concat(kept);
      const isReady = all.includes(ready);
      if (ends && isReady && !all.includes('57P01')) {
        if (chunk.includes(ready)) void terminateAside();
        return;
      }
      client.write(all);
      kept.length = 0;
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => proxy.close(() => resolve())));
  return proxy;
}

/** ReadyForQuery, idle. */
const ready = Buffer.from('Z\0\0\0\x05I', 'latin1');

async function terminateAside(): Promise<void> {
  await ask(
    url,
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name = 'aside'`,
  );
}

async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
