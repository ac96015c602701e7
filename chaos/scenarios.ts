import { embeddedDatabase } from './aside.ts';
import { steerableClock, stepClock } from './faults/clock.ts';
import { exhaustConnections } from './faults/connections.ts';
import { contend } from './faults/contention.ts';
import { fillDisk, mountSmallDisk } from './faults/disk.ts';
import { breakLines } from './faults/reconnects.ts';
import { killKinds, killNow } from './postgres.ts';
import type { Size, Stage, StageOptions } from './stage.ts';
import { sleep, until } from './wait.ts';

// Each scenario injects one kind of fault while the load runs, and leaves everything working.

export interface Scenario {
  name: string;
  database: StageOptions['database'];
  /** Loaded into Aside's process; null where this machine lacks it. */
  env?: (folder: string) => Record<string, string> | null;
  /** Done to the empty folder; answers how to undo it, or null where this machine does not allow it. */
  prepare?: (folder: string) => (() => void) | null;
  /** What the run of faults does; `size` bounds it. */
  run(stage: Stage, size: Size): Promise<void>;
}

/** Work goes on for so long at most until there are acks again after a fault. */
const recoveryMs = 120_000;

/** Lets the load run until so many more messages were acknowledged, then a moment more, drawn. */
async function underLoad(stage: Stage, acks: number): Promise<void> {
  const { tally, draw } = stage;
  const from = tally.acks;
  await until(`${acks} more acks`, recoveryMs, () => tally.acks >= from + acks);
  await sleep(draw.between(0, 60));
}

async function killAside(stage: Stage): Promise<void> {
  await stage.aside.kill();
  stage.tally.killsOfAside += 1;
  await stage.aside.startAgain();
}

/** Of the kills of a run: what takes longest to come back is killed less often. */
const share = { aside: 0.6, postgres: 1.6, embedded: 0.8 };

function shareOf(kills: number, part: number): number {
  return Math.max(2, Math.round(kills * part));
}

const asideKilled: Scenario = {
  name: 'kill -9 Aside',
  database: 'own',
  async run(stage, { kills: all, acks }) {
    const kills = shareOf(all, share.aside);
    for (let n = 0; n < kills; n += 1) {
      await underLoad(stage, Math.ceil(acks / kills));
      await killAside(stage);
    }
  },
};

const postgresKilled: Scenario = {
  name: 'kill -9 PostgreSQL',
  database: 'own',
  async run(stage, { kills: all, acks }) {
    const kills = shareOf(all, share.postgres);
    for (let n = 0; n < kills; n += 1) {
      await underLoad(stage, Math.ceil(acks / kills));
      const kind = killKinds[n % killKinds.length]!;
      await stage.postgres!.kill(kind, stage.draw);
      stage.tally.killsOfPostgres += 1;
      stage.tally.note(`killed ${kind}`);
      if (kind !== 'one process') await stage.postgres!.restart();
    }
  },
};

/** A server of its own is started again so often by Aside; then it gives up and is started again itself. */
const killsPerLife = 4;

const embeddedKilled: Scenario = {
  name: 'kill -9 either, embedded',
  database: 'embedded',
  async run(stage, { kills: all, acks }) {
    const kills = shareOf(all, share.embedded);
    const { aside, draw, tally, dataDir } = stage;
    let inThisLife = 0;
    for (let n = 0; n < kills; n += 1) {
      await underLoad(stage, Math.ceil(acks / kills));
      if (inThisLife === killsPerLife || draw.isLucky(0.4)) {
        await killAside(stage);
        inThisLife = 0;
      } else {
        const { pids, main } = embeddedDatabase(dataDir);
        const isWhole = draw.isLucky(0.5);
        killNow(isWhole ? [...pids.filter((pid) => pid !== main), main] : [main]);
        tally.killsOfPostgres += 1;
        inThisLife += 1;
        await aside.ready();
      }
    }
  },
};

const cutsAtLeast = 3;

const answersLost: Scenario = {
  name: 'answer to COMMIT lost',
  database: 'own behind a proxy',
  async run({ proxy, tally }, { seconds }) {
    const before = proxy!.lost;
    proxy!.loseCommits(0.04);
    await sleep(seconds * 1_000);
    await until('commits are cut', recoveryMs, () => proxy!.lost - before >= cutsAtLeast);
    proxy!.loseCommits(0);
    tally.faults += proxy!.lost - before;
  },
};

const connectionsTaken: Scenario = {
  name: 'no connection left',
  database: 'own',
  run: (stage, { seconds }) => exhaustConnections(stage, seconds),
};

const contention: Scenario = {
  name: 'contention',
  database: 'own',
  run: (stage, { seconds }) => contend(stage, seconds),
};

const clockSteps: Scenario = {
  name: 'clock steps',
  database: 'own',
  env: steerableClock,
  run: (stage, { kills, seconds }) => stepClock(stage, Math.max(2, Math.ceil(kills / 6)), seconds),
};

const diskFull: Scenario = {
  name: 'disk full',
  database: 'own',
  prepare: mountSmallDisk,
  run: (stage, { seconds }) => fillDisk(stage, seconds),
};

const linesBreak: Scenario = {
  name: 'reconnects',
  database: 'own',
  run: (stage, { seconds }) => breakLines(stage, 150, seconds),
};

/** One after the other on the same server: for the short form, where most of the time goes into starting. */
export const shortForm: readonly Scenario[] = [
  {
    name: 'one after the other',
    database: 'own behind a proxy',
    async run(stage, size) {
      for (const each of [asideKilled, postgresKilled, answersLost, connectionsTaken]) {
        await each.run(stage, size);
      }
    },
  },
  embeddedKilled,
];

export const scenarios: readonly Scenario[] = [
  asideKilled,
  postgresKilled,
  embeddedKilled,
  answersLost,
  connectionsTaken,
  contention,
  diskFull,
  clockSteps,
  linesBreak,
];
