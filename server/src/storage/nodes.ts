import type { Queries } from './database.ts';

// Family identity: which processes serve this community, each with a number of its own.

export interface NodeRow {
  number: number;
  token: string;
  secretMark: string;
  seenAt: Date;
}

export const nodesMax = 1024;

/**
 * Takes the first number at or after `from` that is free, or was not seen since `freeBefore`. Null: somebody else took
 * it at the same moment, or all are taken; try again with another `from`.
 */
export async function claimNode(
  db: Queries,
  claim: Omit<NodeRow, 'number'> & { freeBefore: Date; from: number },
): Promise<number | null> {
  const rows = await db.query<{ number: number }>(
    `insert into node (number, token, secret_mark, seen_at)
     select i, $1, $2, $3 from generate_series(0, ${nodesMax - 1}) as i
     where not exists (select from node where number = i and seen_at > $4)
     order by (i - $5 + ${nodesMax}) % ${nodesMax} limit 1
     on conflict (number) do update
       set token = excluded.token, secret_mark = excluded.secret_mark, seen_at = excluded.seen_at
       where node.seen_at <= $4
     returning number`,
    [claim.token, claim.secretMark, claim.seenAt, claim.freeBefore, claim.from],
  );
  return rows[0]?.number ?? null;
}

/** False: the number belongs to somebody else now. */
export async function renewNode(
  db: Queries,
  number: number,
  token: string,
  now: Date,
): Promise<boolean> {
  const rows = await db.query(
    'update node set seen_at = $3 where number = $1 and token = $2 returning number',
    [number, token, now],
  );
  return rows.length > 0;
}

export async function listNodes(db: Queries): Promise<NodeRow[]> {
  return db.query<NodeRow>(
    'select number, token, secret_mark as "secretMark", seen_at as "seenAt" from node order by number',
  );
}

/** Gives the number back. */
export async function deleteNode(db: Queries, token: string): Promise<void> {
  await db.query('delete from node where token = $1', [token]);
}

/** Rows of processes that went without a word. */
export async function deleteNodesBefore(db: Queries, seenBefore: Date): Promise<void> {
  await db.query('delete from node where seen_at < $1', [seenBefore]);
}
