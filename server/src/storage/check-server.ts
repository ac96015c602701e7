import { Client } from 'pg';
import { StartupProblem } from '../base/startup-problem.ts';

const oldestMajor = 15;
const connectMaxMs = 10_000;

/**
 * Makes sure that the PostgreSQL server behind the URL is one on which an answered message is safe: it
 * can be reached and written, is version 15 or newer, stores UTF-8, and `fsync`, `full_page_writes` and
 * `synchronous_commit` are not off.
 *
 * `synchronous_commit` may be `local` or `remote_write`: both still wait for the server's own disk, which
 * is what we promise; how long to wait for standbys is the operator's choice. Only `off` answers before
 * the flush (https://www.postgresql.org/docs/18/runtime-config-wal.html#GUC-SYNCHRONOUS-COMMIT).
 *
 * Throws `StartupProblem` with one sentence, which begins with `name` and never shows the password.
 */
export async function checkServer(url: string, name = 'DATABASE_URL'): Promise<void> {
  const client = openClient(url, name);
  const server = `${name} (${client.user ?? ''}@${client.host}:${client.port}/${client.database ?? ''})`;
  // A connection that breaks later reports here as well as at the query; unheard, it would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<Facts>(factsSql);
    const complaint = rows[0] && complaintAbout(rows[0]);
    if (complaint) throw new StartupProblem(`${server}: ${complaint}.`);
  } catch (error) {
    if (error instanceof StartupProblem) throw error;
    throw new StartupProblem(`${server}: ${whyNotConnected(error, client)}.`, { cause: error });
  } finally {
    await client.end().catch(() => {});
  }
}

interface Facts {
  version: number;
  encoding: string;
  fsync: string;
  full_page_writes: string;
  synchronous_commit: string;
  is_standby: boolean;
}

const factsSql = `
  select current_setting('server_version_num')::int / 10000 as version,
         current_setting('server_encoding') as encoding,
         current_setting('fsync') as fsync,
         current_setting('full_page_writes') as full_page_writes,
         current_setting('synchronous_commit') as synchronous_commit,
         pg_is_in_recovery() as is_standby`;

function complaintAbout(facts: Facts): string | undefined {
  if (facts.version < oldestMajor) {
    return `the server is PostgreSQL ${facts.version}, and Aside needs ${oldestMajor} or newer`;
  }
  if (facts.is_standby) return 'the server is a read-only standby; give the address of the primary';
  if (facts.encoding !== 'UTF8') {
    return `the database stores text as ${facts.encoding}; make one with encoding UTF8`;
  }
  for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit'] as const) {
    if (facts[setting] !== 'off') continue;
    return `the server has ${setting} = off, so that messages already answered could be lost; turn it on`;
  }
  return undefined;
}

function openClient(url: string, name: string): Client {
  try {
    if (!/^postgres(ql)?:$/.test(new URL(url).protocol)) throw new TypeError('another protocol');
    return new Client({
      connectionString: url,
      connectionTimeoutMillis: connectMaxMs,
      query_timeout: connectMaxMs,
      application_name: 'aside-check',
    });
  } catch {
    // Without the cause: its text can quote the URL, password and all.
    throw new StartupProblem(
      `${name} is not the URL of a PostgreSQL database: write postgres://user:password@host:5432/database, with special characters percent-encoded.`,
    );
  }
}

function whyNotConnected(error: unknown, client: Client): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === '28P01' || message?.includes('password must be a')) {
    return `the server does not accept this password for the user ${client.user ?? ''}`;
  }
  if (code === '3D000')
    return `the database ${client.database ?? ''} does not exist; create it first`;
  if (code === '28000') return `the server does not let this user in (${message})`;
  if (code === '53300') return 'the server has no connection left; raise its max_connections';
  if (code === '57P03')
    return 'the server is still starting or is shutting down; try again in a moment';
  if (code === undefined || code.startsWith('E')) {
    return `the server cannot be reached (${code ?? message}); is it running, and are host and port right`;
  }
  return `the server answered with an error (${message})`;
}
