import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { LoadOrder, LoadReport } from './order.ts';

/** A load generator with its sockets open, in a process of its own. */
export interface Generator {
  run(senders: number, inFlight: number, ms: number): Promise<LoadReport>;
  stop(): void;
}

export async function openGenerator(order: LoadOrder & { do: 'open' }): Promise<Generator> {
  const child = fork(join(import.meta.dirname, '..', '..', 'load-generator.ts'));
  try {
    await tell(child, order);
  } catch (error) {
    child.kill();
    throw error;
  }
  return {
    run: (senders, inFlight, ms) =>
      tell(child, { do: 'run', senders, inFlight, ms }) as Promise<LoadReport>,
    stop: () => void child.kill(),
  };
}

function tell(child: ChildProcess, order: LoadOrder): Promise<LoadReport | 'opened'> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void =>
      reject(new Error(`the load generator ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (report) => {
      child.off('exit', ended);
      resolve(report as LoadReport | 'opened');
    });
    child.send(order);
  });
}
