// PostgreSQL refuses to run as root. When we are root it runs as somebody else; this file says who.

import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { StartupProblem } from '../../base/startup-problem.ts';

export interface OrdinaryUser {
  name: string;
  uid: number;
  gid: number;
}

/**
 * The user PostgreSQL runs as, or undefined when that is simply ourselves (we are not root, or this
 * system has no such thing). Data that exist already decide: their owner. Otherwise `aside`, if the
 * operator made one; `postgres`, which distributions make for this purpose; else a system user `aside`
 * is created; else `nobody`, last because other services may run as it too.
 */
export function ordinaryUser(existingDataDir?: string): OrdinaryUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const user =
    ownerOf(existingDataDir) ??
    lookUp('aside') ??
    lookUp('postgres') ??
    create('aside') ??
    lookUp('nobody');
  if (user) return user;
  throw new StartupProblem(
    'PostgreSQL does not run as root and this machine has no other user for it: create one named "aside", start Aside as an ordinary user, or set DATABASE_URL.',
  );
}

/** Options for `spawn` that switch to the user. */
export function as(user: OrdinaryUser | undefined): { uid?: number; gid?: number } {
  return user ? { uid: user.uid, gid: user.gid } : {};
}

/** Whether the user can enter the folder: asked of the system itself, which knows about mounts and ACLs. */
export function canEnter(user: OrdinaryUser | undefined, folder: string): boolean {
  const { status } = spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], {
    ...as(user),
    cwd: '/',
    stdio: 'ignore',
  });
  return status === 0;
}

function ownerOf(path: string | undefined): OrdinaryUser | undefined {
  const found = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
  if (!found || found.uid === 0) return undefined;
  return {
    name: ask(['-un', String(found.uid)]) ?? String(found.uid),
    uid: found.uid,
    gid: found.gid,
  };
}

function lookUp(name: string): OrdinaryUser | undefined {
  const [uid, gid] = [Number(ask(['-u', name])), Number(ask(['-g', name]))];
  return uid > 0 && gid > 0 ? { name, uid, gid } : undefined;
}

function create(name: string): OrdinaryUser | undefined {
  spawnSync('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', name], {
    stdio: 'ignore',
  });
  return lookUp(name);
}

function ask(args: string[]): string | undefined {
  const { status, stdout } = spawnSync('id', args, { encoding: 'utf8' });
  return status === 0 && stdout.trim() !== '' ? stdout.trim() : undefined;
}
