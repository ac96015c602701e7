import { setTimeout as sleep } from 'node:timers/promises';
import { Logger, run, type Runner, type TaskList } from 'graphile-worker';
import pg from 'pg';
import type { Log } from '../base/log.ts';

// Work that may wait, in the jobs family: kept in PostgreSQL, tried again after a failure or a crash, done by
// whichever node is free. graphile-worker keeps its own schema and migrates it when we start.

/** One kind of job. */
export interface Task {
  /** Throws to be tried again later, after e^n seconds. May run twice for one job: after a crash, for one. */
  run(payload: unknown): Promise<void>;
  /** Default 10 (about 6 hours). */
  maxAttempts?: number;
  /** A crontab pattern in UTC, such as `0 4 * * *`: also runs then, once for all nodes, with no payload. */
  every?: string;
}

/** Every kind of job by name (letters, digits, underscores). Add yours here, in app. */
export type Tasks = Readonly<Record<string, Task>>;

export interface Jobs {
  /** Resolves when the job is on disk. */
  add(task: string, payload: object): Promise<void>;
  /** Resolves when the family's database answers. */
  ping(): Promise<void>;
  /** For looking at how full it is, not for asking. */
  readonly pool: pg.Pool;
  /** Lets running jobs end (graphile-worker gives them 5 s), takes no new ones, closes all connections. */
  stop(): Promise<void>;
}

const defaultAttempts = 10;
const connectionsMax = 4;
const restartPauseMs = 5_000;
const tasksAtOnce = 2;

/**
 * Starts working on the jobs at `url` with at most 4 connections. Times are the database's, not our clock's. When
 * the database is lost it comes back by itself; `add` fails meanwhile.
 */
export async function startJobs(options: { url: string; tasks: Tasks; log: Log }): Promise<Jobs> {
  const { tasks, log } = options;
  const stopping = new AbortController();
  const pool = openPool(options.url);
  let runner = await startRunner(options, pool);
  const supervised = supervise();
  return {
    pool,
    async add(task, payload) {
      const maxAttempts = tasks[task]?.maxAttempts ?? defaultAttempts;
      await runner.addJob(task, payload, { maxAttempts });
    },
    async ping() {
      await pool.query('select 1');
    },
    async stop() {
      stopping.abort();
      await runner.stop().catch(() => {});
      await supervised;
      await pool.end();
    },
  };

  /** graphile-worker gives up for good on some database failures; a message server must not. */
  async function supervise(): Promise<void> {
    while (!stopping.signal.aborted) {
      await runner.promise.catch(() => {});
      if (stopping.signal.aborted) return;
      log.warn('the job runner ended; starting it again');
      await sleep(restartPauseMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      const next = await startRunner(options, pool).catch(() => null);
      if (next) runner = next;
    }
  }
}

/**
 * A pool of our own: the runner returns from `stop` while it may still be connecting its listener, and a
 * connection that dies then, with nobody listening to its errors, would end the process.
 */
function openPool(url: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: connectionsMax,
    application_name: 'aside',
  });
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

async function startRunner(
  { tasks, log }: { tasks: Tasks; log: Log },
  pool: pg.Pool,
): Promise<Runner> {
  const logger = new Logger((scope) => (level, _message) => {
    // Its messages quote payloads and errors; which job it was is enough to look it up.
    const fields = { task: scope.taskIdentifier, jobId: scope.jobId };
    if (level === 'error') log.error(fields, 'job runner: a job or the runner failed');
    else if (level === 'warning') log.warn(fields, 'job runner: warning');
  });
  return run({
    pgPool: pool,
    logger,
    concurrency: tasksAtOnce,
    noHandleSignals: true,
    taskList: taskList(tasks),
    crontab: crontab(tasks),
  });
}

function taskList(tasks: Tasks): TaskList {
  const entries = Object.entries(tasks).map(([name, task]) => [
    name,
    (payload: unknown) => task.run(payload),
  ]);
  return Object.fromEntries(entries) as TaskList;
}

function crontab(tasks: Tasks): string {
  const lines = Object.entries(tasks).flatMap(([name, { every, maxAttempts }]) =>
    every === undefined ? [] : [`${every} ${name} ?max=${maxAttempts ?? defaultAttempts}`],
  );
  return lines.join('\n');
}
