import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Pair } from './load/web-socket-line.ts';

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
    env: {
      ...process.env,
      PORT: '0',
      LOG_LEVEL: 'warn',
      ASIDE_OPERATOR_KEY: operatorKey,
      // A measurement reads more than a person does.
      READ_RATE: '1000000',
      READ_BURST: '1000000',
      ...env,
    },
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
  const pairs: Pair[] = [];
  for (let first = 0; first < count; first += pairsAtOnce) {
    const many = Math.min(pairsAtOnce, count - first);
    const batch = Array.from({ length: many }, (_, i) => [
      { username: `from${first + i}`, name: `From ${first + i}`, follows: [`to${first + i}`] },
      { username: `to${first + i}`, name: `To ${first + i}`, follows: [`from${first + i}`] },
    ]).flat();
    const people = await bringPeople(url, batch);
    for (let i = 0; i < many; i += 1) {
      const [sender, recipient] = [people[2 * i]!, people[2 * i + 1]!];
      pairs.push({
        senderToken: sender.token,
        recipientToken: recipient.token,
        recipient: recipient.username,
      });
    }
  }
  return pairs;
}

/** The door takes up to 1,000 people at once. */
const pairsAtOnce = 500;

export interface Brought {
  id: string;
  username: string;
  token: string;
}

/** Brings up to 1,000 people by the operator's door; the answer is in their order. */
export async function bringPeople(
  url: string,
  people: readonly { username: string; name: string; follows?: string[] }[],
): Promise<Brought[]> {
  const answer = await fetch(`${url}/api/operator/people`, {
    method: 'POST',
    headers: { authorization: `Bearer ${operatorKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(people),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as Brought[];
}
