import { expireRequests } from './actions/expire-requests.ts';
import { dropOldHeld } from './actions/release-held.ts';
import type { Sender } from './actions/send-message.ts';
import { releaseHeldTask, releaseTask } from './app-held.ts';
import { dayMs } from './domain/contact.ts';
import { pruneHosts } from './storage/brake.ts';
import { pruneContacts } from './storage/budget.ts';
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
const endOfTime = new Date('9999-12-31');
const receiptsKeptMs = 4 * 86_400_000;
const receiptsAtOnce = 10_000;

/** Work that nobody waits for: mails with retries, and sweepers that finish what a crash interrupted. */
export async function wireJobs(
  config: Config,
  given: { world: World; feed: Feed; sender: Sender; url: string; isAlone: boolean },
  stops: Stops,
): Promise<Jobs> {
  const { world, feed, sender, url, isAlone } = given;
  const { families, clock, log } = world;
  const { swept } = world.metrics;
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
      [releaseTask]: releaseHeldTask(world, sender),
      tidy_consent: { run: () => tidyConsent(world), every: '47 3 * * *' },
      sweep_identity: {
        run: () => sweepIdentity(families.identity, clock.now()),
        every: '37 3 * * *',
      },
    },
  });
  stops.push(() => jobs.stop());
  const sweep = async (olderThan: Date): Promise<void> =>
    swept.add('outbox', await sweepOutbox(families, feed, olderThan));
  const finish = async (olderThan: Date): Promise<void> =>
    swept.add('intents', await finishIntents(world, olderThan));
  // At the start whatever is there, also from a time to come: the clock may have been ahead before it was put right.
  await sweep(endOfTime);
  // Where there are other processes, one may be in the middle of what looks unfinished.
  await finish(isAlone ? endOfTime : before(intentGraceMs));
  const sweepers = [
    every(config.sweepIntervalMs, 'outbox', log, () => sweep(before(outboxGraceMs))),
    every(config.sweepIntervalMs, 'intents', log, () => finish(before(intentGraceMs))),
    every(config.sweepIntervalMs, 'expired requests', log, () => expireRequests(world)),
  ];
  stops.push(() => Promise.all(sweepers.map((sweeper) => sweeper.stop())));
  return jobs;
}

/** The card of a request counts 30 days back, and a request lives as long. */
const contactsKeptMs = 62 * dayMs;
/** A host that was not seen for so long is new again. */
const hostsKeptMs = 365 * dayMs;
const contactsAtOnce = 10_000;

/** Forgets what has been used up long ago, and messages that nobody signed in for. */
async function tidyConsent(world: World): Promise<void> {
  await dropOldHeld(world);
  const before = new Date(world.clock.now() - contactsKeptMs);
  const { person } = world.families;
  while ((await pruneContacts(person, before, contactsAtOnce)) > 0);
  const hostsBefore = new Date(world.clock.now() - hostsKeptMs);
  while ((await pruneHosts(person, hostsBefore, contactsAtOnce)) > 0);
}
