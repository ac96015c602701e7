import { Client } from 'pg';

/** Runs one statement on a connection of its own: how a test looks into the tables, or plays the crash. */
export async function ask<Row = Record<string, unknown>>(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(sql, values);
    return rows as Row[];
  } finally {
    await client.end();
  }
}

/** Ends connections of the server under test, as an administrator, a failover or the kernel would; answers how many. */
export async function terminateSome(url: string, atMost: number): Promise<number> {
  const rows = await ask(
    url,
    `select pg_terminate_backend(pid) from (
       select pid from pg_stat_activity
       where datname = current_database() and application_name = 'aside' order by random() limit $1) chosen`,
    [atMost],
  );
  return rows.length;
}
