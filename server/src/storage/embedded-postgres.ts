// A real PostgreSQL that needs no installation: the programs come with npm, the data lie in the data
// folder. For one machine; a cluster sets DATABASE_URL.

import { dirname } from 'node:path';
import { fileProblem } from './embedded/file-problems.ts';
import { lockFolder } from './embedded/folder-lock.ts';
import { ensureDatabase } from './embedded/initialise.ts';
import { choosePlace, openDataFolder, type Place } from './embedded/place.ts';
import {
  clearLeftBehind,
  startPostmaster,
  stopPostmaster,
  type Postmaster,
} from './embedded/postmaster.ts';
import { findPrograms, type Programs } from './embedded/programs.ts';
import { superuser } from './embedded/settings.ts';

export interface EmbeddedPostgres {
  /** For the superuser, on 127.0.0.1. Carries the password: not for logs. */
  url: string;
  /** Fast shutdown: everything is flushed, at most 23 s; gives the data folder back. May be called twice. */
  stop: () => Promise<void>;
  /** Called when PostgreSQL ended without `stop` and could not be started again, with its last log lines. */
  onExit: (callback: (lastLines: string) => void) => void;
}

/** The part of the log that a start needs; pino's loggers fit. */
export interface StartLog {
  info: (fields: object, text: string) => void;
  warn: (fields: object, text: string) => void;
}

/**
 * Starts PostgreSQL on the data folder, which is made if missing, and resolves when it accepts
 * connections. Whatever an earlier server left when it was killed is put right first: a PostgreSQL still
 * running, a stale lock, a database half made. A committed transaction is on the disk (`fsync`,
 * `synchronous_commit` and `full_page_writes` are on, whatever the files in the folder say).
 *
 * Only one server may use a data folder; the second throws. Throws `StartupProblem` with a sentence for
 * the operator where the machine is at fault.
 */
export async function startEmbeddedPostgres(options: {
  dataDir: string;
  log?: StartLog;
}): Promise<EmbeddedPostgres> {
  const folder = openDataFolder(options.dataDir);
  const locks = [await lockFolder(folder)];
  const unlock = (): void => locks.forEach((giveBack) => giveBack());
  try {
    const place = choosePlace(folder);
    // A copied data folder points to the same place as its original.
    if (place.home !== folder) locks.push(await lockFolder(place.home));
    const started = await start(folder, place, options.log);
    return running(started, place, options.log, unlock);
  } catch (error) {
    unlock();
    throw (error as NodeJS.ErrnoException).syscall ? fileProblem(error, folder) : error;
  }
}

async function start(folder: string, place: Place, log: StartLog | undefined): Promise<Started> {
  const programs = findPrograms(place.home, place.user);
  if (place.isNewElsewhere) {
    log?.warn(
      { folder: place.home, user: place.user?.name },
      'PostgreSQL cannot enter the data folder as root; the database lies in another',
    );
  }
  if (await clearLeftBehind(place))
    log?.warn({}, 'stopped a PostgreSQL that an earlier server left running');
  const password = await ensureDatabase(folder, place, programs);
  const postmaster = await startPostmaster(place, programs);
  log?.info(
    {
      folder: place.data,
      user: place.user?.name,
      programs: dirname(programs.postgres),
      port: postmaster.port,
    },
    'PostgreSQL started',
  );
  return { password, postmaster, programs };
}

interface Started {
  password: string;
  postmaster: Postmaster;
  programs: Programs;
}

/** Starts in a row that did not last; one that lasted a second was ended by somebody, not by what is wrong with it. */
const revivalsMax = 5;
const lastedMs = 1_000;

/**
 * Looks after a running PostgreSQL. One that is killed is started again on the same port, so that the server's
 * connections find it; sends that were under way are retried meanwhile.
 */
function running(
  { password, postmaster, programs }: Started,
  place: Place,
  log: StartLog | undefined,
  unlock: () => void,
): EmbeddedPostgres {
  const callbacks: ((lastLines: string) => void)[] = [];
  let current = postmaster;
  let stopping: Promise<void> | undefined;
  let reviving: Promise<void> = Promise.resolve();
  let revivals = 0;
  let startedAt = performance.now();
  const revive = async (): Promise<void> => {
    try {
      revivals = performance.now() - startedAt >= lastedMs ? 1 : revivals + 1;
      if (revivals > revivalsMax) throw new Error('PostgreSQL ends again and again');
      log?.warn({}, 'PostgreSQL ended by itself; starting it again');
      await clearLeftBehind(place);
      current = await startPostmaster(place, programs, postmaster.port);
      startedAt = performance.now();
      watch();
    } catch {
      for (const callback of callbacks) callback(current.lastLines());
    }
  };
  const watch = (): void => {
    current.child.once('exit', () => {
      if (!stopping) reviving = revive();
    });
  };
  const stop = async (): Promise<void> => {
    await reviving;
    await stopPostmaster(current, place);
    unlock();
  };
  watch();
  return {
    url: `postgres://${superuser}:${password}@127.0.0.1:${postmaster.port}/postgres`,
    stop: () => (stopping ??= stop()),
    onExit: (callback) => callbacks.push(callback),
  };
}
