// `npm run dev`: the server, started anew when its source changes, and the page, built anew when its
// source changes. Ctrl-C (or SIGTERM) stops both; when one ends by itself, the other is stopped too.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const repository = join(import.meta.dirname, '..');
const vite = join(
  dirname(createRequire(join(repository, 'web/')).resolve('vite/package.json')),
  'bin',
  'vite.js',
);

const children = [
  start('server', repository, ['--watch', '--watch-preserve-output', 'server/src/main.ts']),
  start('page', join(repository, 'web'), [vite, 'build', '--watch', '--emptyOutDir=false']),
];

const asked = new Promise<number>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => resolve(0));
});
const code = await Promise.race([asked, ...children.map(ended)]);
for (const child of children) child.kill('SIGTERM');
await Promise.all(children.map(ended));
process.exitCode = code;

function start(name: string, cwd: string, args: string[]): ChildProcess {
  process.stdout.write(`starting the ${name}\n`);
  // A group of its own: Ctrl-C reaches us alone, and we stop both once.
  return spawn(process.execPath, args, {
    cwd,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

async function ended(child: ChildProcess): Promise<number> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode ?? 1;
}
