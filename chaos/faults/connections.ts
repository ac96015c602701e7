import { Client } from 'pg';
import type { Stage } from '../stage.ts';
import { runSql } from '../postgres.ts';
import { sleep } from '../wait.ts';

/** Somebody else who takes every connection that is free, and goes on doing so. */
export interface Hoarder {
  readonly count: number;
  release(): Promise<void>;
}

const atOnce = 8;

export function hoardConnections(url: string): Hoarder {
  const held: Client[] = [];
  const state = { isOver: false };
  const loops = Array.from({ length: atOnce }, async () => {
    while (!state.isOver) {
      const client = new Client({ connectionString: url, connectionTimeoutMillis: 3_000 });
      client.on('error', () => {});
      try {
        await client.connect();
        held.push(client);
      } catch {
        // None is free just now.
        await sleep(10);
      }
    }
  });
  return {
    get count() {
      return held.length;
    },
    async release() {
      state.isOver = true;
      await Promise.all(loops);
      await Promise.all(held.map((client) => client.end().catch(() => {})));
    },
  };
}

/** Ends or interrupts some of Aside's connections; answers how many. */
export async function disturbConnections(
  adminUrl: string,
  how: 'terminate' | 'cancel',
  atMost: number,
): Promise<number> {
  const call = how === 'terminate' ? 'pg_terminate_backend' : 'pg_cancel_backend';
  const which = how === 'cancel' ? `and state = 'active'` : '';
  const rows = await runSql(adminUrl, [
    `select ${call}(pid) from (
       select pid from pg_stat_activity
       where usename = 'tenant' and application_name = 'aside' ${which}
       order by random() limit ${atMost}) chosen`,
  ]);
  return rows.length;
}

/** All connections are taken by others, again and again: Aside's are ended and cannot be made anew. */
export async function exhaustConnections(stage: Stage, seconds: number): Promise<void> {
  const { postgres, tally, draw } = stage;
  const end = performance.now() + seconds * 1_000;
  while (performance.now() < end) {
    const hoarder = hoardConnections(postgres!.url);
    const until = performance.now() + draw.between(2_500, 5_000);
    // Once all that were free are taken, Aside's own are ended: theirs are taken too before it can have them back.
    await sleep(1_000);
    while (performance.now() < until) {
      tally.faults += await disturbConnections(postgres!.adminUrl, 'terminate', 100);
      await sleep(100);
    }
    tally.note('connections hoarded', hoarder.count);
    await hoarder.release();
    await sleep(draw.between(500, 1_500));
  }
}
