// Programs that a benchmark or a test measures or hurts us with, from Debian. Nothing of the product needs this.

import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { tmpdir } from 'node:os';

/** Two callers at once take turns; an install that hangs (no network) is given up after this long. */
const installMaxMs = 240_000;

/**
 * Makes sure that these Debian packages are installed, installing what is missing when we are root, and that nothing of
 * them was started by the installation. False where that cannot be: not Debian, not root, no network. The caller then
 * skips what needs them and says so.
 */
export async function ensureDebian(packages: string[]): Promise<boolean> {
  if (areInstalled(packages)) return true;
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const child = spawn(
    'flock',
    [join(tmpdir(), 'aside-debian.lock'), 'sh', '-c', script, 'sh', ...packages],
    { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, stdio: 'ignore', detached: true },
  );
  // The whole group: apt-get has children of its own.
  const giveUp = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), installMaxMs);
  await new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  clearTimeout(giveUp);
  return areInstalled(packages);
}

// A policy that forbids starting services is the way Debian offers; one that is there already stays.
const script = `
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  printf '#!/bin/sh\\nexit 101\\n' > $policy && chmod 755 $policy
  trap 'rm -f $policy' EXIT
fi
install() { apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=120 "$@"; }
install "$@" || { apt-get update -q && install "$@"; }
`;

function areInstalled(packages: string[]): boolean {
  const { status, stdout } = spawnSync(
    'dpkg-query',
    ['-W', '-f', '${db:Status-Status}\\n', ...packages],
    { encoding: 'utf8' },
  );
  return (
    status === 0 &&
    stdout
      .trim()
      .split('\n')
      .every((line) => line === 'installed')
  );
}
