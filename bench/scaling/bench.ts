import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a measurement may use; everything it starts is stopped, in reverse, when it ends or fails. */
export interface Bench {
  quick: boolean;
  /** A new folder that PostgreSQL's user can enter, removed at the end. */
  folder(): Promise<string>;
  /** Has something stopped at the end. */
  later(stop: () => Promise<unknown>): void;
  say(text: string): void;
}

export interface RunningBench extends Bench {
  end(): Promise<void>;
}

export function openBench(quick: boolean): RunningBench {
  const stops: (() => Promise<unknown>)[] = [];
  return {
    quick,
    async folder() {
      const path = await mkdtemp(join(tmpdir(), 'aside-scaling-'));
      await chmod(path, 0o755);
      stops.push(() => rm(path, { recursive: true, force: true }));
      return path;
    },
    later: (stop) => void stops.push(stop),
    say: (text) => console.log(text),
    async end() {
      for (let stop = stops.pop(); stop; stop = stops.pop()) {
        await stop().catch((error: unknown) => console.error(error));
      }
    },
  };
}
