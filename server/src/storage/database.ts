import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from '../base/refusal.ts';

// One database family: a pool, plain queries, and transactions that are retried when the database asks for it.

/** Anything that runs SQL: the family itself or an open transaction. */
export interface Queries {
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

export interface Transaction extends Queries {
  /**
   * Sends a statement whose outcome is only needed at the commit and travels with it, which saves a round trip
   * while locks are held. If it fails, nothing is committed and the transaction fails with its error.
   */
  queue(text: string, values?: readonly unknown[]): void;
}

export interface Database extends Queries {
  /** Runs a query once, whatever happens; for what must not be repeated blindly. */
  once: Queries['query'];
  readonly pool: pg.Pool;
  /**
   * Runs `work` in one transaction (read committed) and commits it. `work` may run several times: after a
   * serialisation failure (40001), a deadlock (40P01) or a lost connection it starts over on a fresh
   * connection, at most `maxTries` times, then refuses `overloaded`. So it must have no effect besides its SQL.
   * A connection lost while COMMIT was under way may have committed: the work must be idempotent.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  end(): Promise<void>;
}

// About two seconds in all: longer than a killed embedded database takes to come back.
const maxTries = 6;
const retryPauseMs = 30;

/**
 * Opens a family. Connections are made when first needed; `max` bounds them, waiting for one is bounded by 5 s.
 * `onRetry` hears the class of each failure that leads to another try.
 */
export function openDatabase(
  url: string,
  max: number,
  onRetry: (failureClass: string) => void = () => {},
): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    application_name: 'aside',
    // Statements that do not wait for each other share a round trip; the server still runs them in order.
    pipeline: true,
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: 30_000,
  });
  // A connection that dies while idle is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => {});
  // One in use reports its end as an event too, besides failing the query that we act on; and it can end between the
  // moment it is made and the moment whoever asked for it gets it.
  pool.on('connect', (client) => client.on('error', () => {}));
  return {
    pool,
    query: (text, values) => retried(async () => run(pool, text, values), onRetry),
    once: (text, values) => run(pool, text, values),
    transaction: (work) => retried(() => inTransaction(pool, work), onRetry),
    end: () => pool.end(),
  };
}

async function inTransaction<T>(pool: pg.Pool, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const sent: Promise<unknown>[] = [];
  const failures: unknown[] = [];
  const noting = <R>(step: Promise<R>): Promise<R> => {
    step.catch((error: unknown) => failures.push(error));
    return step;
  };
  try {
    sendTogether(client);
    // Said, because an operator may have set another default: under a snapshot taken before the lock was waited for,
    // what is read after it would not be what is true by then.
    sent.push(quiet(client.query('begin isolation level read committed')));
    const result = await work({
      query: (text, values) => noting(run(client, text, values)),
      queue(text, values) {
        sendTogether(client);
        sent.push(quiet(noting(run(client, text, values))));
      },
    });
    // After a failed statement the server turns this commit into a rollback; the statement's error is what counts.
    const commit = quiet(client.query('commit'));
    for (const step of sent) await step;
    if ((await commit).command !== 'COMMIT') {
      throw new Error('a statement failed and the work went on as if it had not');
    }
    return result;
  } catch (error) {
    // The server was made a standby under its connections: only a new one finds the primary.
    if ((error as { code?: unknown }).code === readOnly) broken = error as Error;
    try {
      await client.query('rollback');
    } catch (rollbackError) {
      broken = rollbackError as Error;
    }
    // Statements that were sent with one that failed fail after it; what is reported first may be theirs.
    const isAftermath = (error as { code?: unknown }).code === '25P02';
    throw isAftermath && failures.length > 0 ? failures[0] : error;
  } finally {
    client.release(broken);
  }
}

/**
 * Statements issued before control returns to the event loop leave in one write: with small batches the writes
 * to the database were a third of the server's time.
 */
function sendTogether(client: pg.PoolClient): void {
  const { stream } = client.connection;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

/** The promise, marked as looked after: it is awaited later, and an earlier failure may make nobody wait for it. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

async function run<Row>(
  on: pg.Pool | pg.PoolClient,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  // A name per text makes the server keep the plan; texts are constants, so their number is bounded.
  const name = statementName(text);
  const result = await on.query({ name, text, values: values as unknown[] });
  return result.rows as Row[];
}

const names = new Map<string, string>();

function statementName(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    name = `s${names.size}`;
    names.set(text, name);
  }
  return name;
}

async function retried<T>(
  work: () => Promise<T>,
  onRetry: (failureClass: string) => void,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      // A statement that ran into its time limit would do so again at once.
      const isTimeout = (error as { code?: unknown }).code === '57014';
      if (!isTemporary(error) && !isTimeout) throw error;
      if (attempt === maxTries || isTimeout) {
        throw new Refusal('overloaded', undefined, { retryAfterMs: 1_000 });
      }
      onRetry(failureClassOf(error));
      // Growing and uneven, so that two rivals do not meet again at once.
      await sleep(retryPauseMs * 2 ** attempt * (0.5 + Math.random()));
    }
  }
}

/** The first two characters of the SQLSTATE; `network` for a connection that gave none. */
function failureClassOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && temporaryCodes.has(code) ? code.slice(0, 2) : 'network';
}

const readOnly = '25006';

// 25006 is a server that only reads now. Class 40 asks for a retry; 08 and 57P0x are lost connections; 53 is a want of room, memory or connections.
const temporaryCodes = new Set([
  readOnly,
  '40001',
  '40P01',
  '08000',
  '08003',
  '08006',
  '57P01',
  '57P02',
  '57P03',
  '53100',
  '53200',
  '53300',
  '55P03',
]);
const temporaryErrnos = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT']);
// "Not queryable": the connection died while the transaction was between two statements.
const temporaryMessages =
  /Connection terminated|timeout exceeded when trying to connect|connection ended|is not queryable/i;

/** True for failures that another try may cure: contention and lost connections, never a wrong statement. */
export function isTemporary(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && (temporaryCodes.has(code) || temporaryErrnos.has(code)))
    return true;
  return temporaryMessages.test(error.message);
}
