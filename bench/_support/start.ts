import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Pair } from './load.ts';

const root = join(import.meta.dirname, '..', '..');
export const operatorKey = 'bench-operator-key';

export interface Started {
  url: string;
  process: ChildProcess;
  stop(): Promise<void>;
}

/** Starts a program of this repository in a process of its own and waits for its line "… ready at URL". */
export async function start(file: string, env: Record<string, string>): Promise<Started> {
  const child = spawn(process.execPath, [join(root, file)], {
    env: { ...process.env, PORT: '0', LOG_LEVEL: 'warn', ASIDE_OPERATOR_KEY: operatorKey, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const ready = /ready at (\S+)/.exec(text);
      if (ready) resolve(ready[1]!);
    });
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)));
  });
  return {
    url,
    process: child,
    async stop() {
      const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const code = await ended;
      if (code !== 0) throw new Error(`${file} did not stop cleanly: ${code}`);
    },
  };
}

/** Pairs of people who follow each other, brought by the operator's door. */
export async function bringPairs(url: string, count: number): Promise<Pair[]> {
  const batch = Array.from({ length: count }, (_, i) => [
    { username: `from${i}`, name: `From ${i}`, follows: [`to${i}`] },
    { username: `to${i}`, name: `To ${i}`, follows: [`from${i}`] },
  ]).flat();
  const answer = await fetch(`${url}/api/operator/people`, {
    method: 'POST',
    headers: { authorization: `Bearer ${operatorKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(batch),
  });
  if (!answer.ok) throw new Error(await answer.text());
  const people = (await answer.json()) as { username: string; token: string }[];
  return Array.from({ length: count }, (_, i) => ({
    senderToken: people[2 * i]!.token,
    recipientToken: people[2 * i + 1]!.token,
    recipient: people[2 * i + 1]!.username,
  }));
}
