import { finishIntents } from './actions/finish-intents.ts';
import type { World } from './actions/world.ts';
import { every } from './base/every.ts';
import type { Stops } from './app-stops.ts';
import type { Config } from './config.ts';
import type { Feed } from './delivery/feed.ts';
import { sweepOutbox } from './delivery/sweep-outbox.ts';
import { startJobs, type Jobs } from './notifications/jobs.ts';
import { mailTask, sendMailTask } from './notifications/mail.ts';
import { sweepIdentity } from './storage/accounts.ts';
import { pruneReceipts } from './storage/messages.ts';

const outboxGraceMs = 2_000;
const intentGraceMs = 10_000;
const receiptsKeptMs = 4 * 86_400_000;
const receiptsAtOnce = 10_000;

/** Work that nobody waits for: mails with retries, and sweepers that finish what a crash interrupted. */
export async function wireJobs(
  config: Config,
  world: World,
  feed: Feed,
  url: string,
  stops: Stops,
): Promise<Jobs> {
  const { families, clock, log } = world;
  const before = (ms: number): Date => new Date(clock.now() - ms);
  const prune = async (): Promise<void> => {
    while (
      (await pruneReceipts(families.conversation, before(receiptsKeptMs), receiptsAtOnce)) > 0
    );
  };
  const jobs = await startJobs({
    url,
    log,
    tasks: {
      [mailTask]: sendMailTask(config),
      prune_receipts: { run: prune, every: '17 3 * * *' },
      sweep_identity: {
        run: () => sweepIdentity(families.identity, clock.now()),
        every: '37 3 * * *',
      },
    },
  });
  stops.push(() => jobs.stop());
  await sweepOutbox(families, feed, before(0));
  await finishIntents(world, before(0));
  const sweepers = [
    every(config.sweepIntervalMs, 'outbox', log, () =>
      sweepOutbox(families, feed, before(outboxGraceMs)),
    ),
    every(config.sweepIntervalMs, 'intents', log, () =>
      finishIntents(world, before(intentGraceMs)),
    ),
  ];
  stops.push(() => Promise.all(sweepers.map((sweeper) => sweeper.stop())));
  return jobs;
}
