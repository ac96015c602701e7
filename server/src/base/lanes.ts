// Group commit: jobs that arrive while a batch runs form the next batch. Jobs of one key never run side by side.

export interface LaneOptions<Job> {
  lanes: number;
  /** Jobs in one batch. */
  batchMax: number;
  /** Jobs waiting or running, all lanes together; `add` answers false beyond. */
  queueMax: number;
  /** Runs one batch; must settle every job itself and never throw. */
  run(jobs: Job[]): Promise<void>;
}

export interface Lanes<Job> {
  /** Queues a job behind all earlier ones of the same key. False: the queue is full, nothing was queued. */
  add(key: string, job: Job): boolean;
  /** Resolves when everything queued before the call has been run. */
  drained(): Promise<void>;
  readonly waiting: number;
}

export function createLanes<Job>(options: LaneOptions<Job>): Lanes<Job> {
  const lanes = Array.from({ length: options.lanes }, () => ({ queue: [] as Job[], busy: false }));
  let waiting = 0;
  let idle: (() => void)[] = [];

  async function work(lane: (typeof lanes)[number]): Promise<void> {
    lane.busy = true;
    while (lane.queue.length > 0) {
      const batch = lane.queue.splice(0, options.batchMax);
      await options.run(batch);
      waiting -= batch.length;
    }
    lane.busy = false;
    if (waiting === 0) {
      for (const wake of idle) wake();
      idle = [];
    }
  }

  return {
    add(key, job) {
      if (waiting >= options.queueMax) return false;
      const lane = lanes[laneOf(key, lanes.length)]!;
      waiting += 1;
      lane.queue.push(job);
      // Started after this turn of the event loop, so that what came in with it shares the first batch.
      if (!lane.busy) {
        lane.busy = true;
        setImmediate(() => void work(lane));
      }
      return true;
    },
    async drained() {
      if (waiting > 0) await new Promise<void>((resolve) => idle.push(resolve));
    },
    get waiting() {
      return waiting;
    },
  };
}

/** FNV-1a over the key: ids made in one millisecond differ only in their last digits, so all of it counts. */
function laneOf(key: string, lanes: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i += 1) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % lanes;
}
