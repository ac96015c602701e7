import type { Log } from './log.ts';

/**
 * Runs a task again and again, `pauseMs` after the last run ended; never twice at once. A failed run is logged
 * and does not end the series. `stop` lets a run under way finish.
 */
export function every(
  pauseMs: number,
  name: string,
  log: Log,
  task: () => Promise<unknown>,
): {
  stop(): Promise<void>;
} {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let running = Promise.resolve();
  const plan = (): void => {
    if (!stopped) timer = setTimeout(() => void (running = run()), pauseMs);
  };
  const run = async (): Promise<void> => {
    try {
      await task();
    } catch (error) {
      log.warn({ err: error, task: name }, 'a periodic task failed; it will be tried again');
    }
    plan();
  };
  plan();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
