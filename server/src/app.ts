import type { Tick } from '@aside/protocol';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSender, type Sender } from './actions/send-message.ts';
import type { World } from './actions/world.ts';
import { wireEdges } from './app-edges.ts';
import { wireJobs } from './app-jobs.ts';
import { watchParts } from './app-metrics.ts';
import { wireNodes, type Nodes } from './app-nodes.ts';
import { stopAll, type Stops } from './app-stops.ts';
import { systemClock } from './base/clock.ts';
import type { FamilyUrls } from './base/family.ts';
import { idSource, type PersonId } from './base/ids.ts';
import { createSealer } from './base/sealed.ts';
import { readAuthSecret } from './edges/accounts/secret.ts';
import { createLog, type Log } from './base/log.ts';
import { createMetrics } from './base/metrics.ts';
import type { Config } from './config.ts';
import { createFeed, tellRows, type Feed } from './delivery/feed.ts';
import { rulesWithout } from './domain/rules.ts';
import { checkServer } from './storage/check-server.ts';
import { startEmbeddedPostgres } from './storage/embedded-postgres.ts';
import { openFamilies } from './storage/families.ts';
import { migrate } from './storage/migrate.ts';

/** Longer than any statement may take. */
const drainMs = 35_000;

// This file and its app-*.ts are the only place that wires concrete things together; everything else is given what it
// needs.

export interface App {
  /** Where it listens, as a program on this machine reaches it. */
  url: string;
  /** Where people reach it: PUBLIC_URL, else the same. */
  publicUrl: string;
  world: World;
  sender: Sender;
  /** Drains: takes nothing new, answers what was accepted, then closes everything it started. */
  stop(): Promise<void>;
}

/**
 * Starts a whole server. Throws StartupProblem with a sentence for the operator, or the signal's reason when that is
 * aborted before the server is ready; nothing is left running then.
 */
export async function startApp(
  config: Config,
  log: Log = createLog(config.logLevel),
  onFatal: () => void = () => process.exit(1),
  signal: AbortSignal = new AbortController().signal,
): Promise<App> {
  const stops: Stops = [];
  try {
    return await wire(config, { log, onFatal, signal }, stops);
  } catch (error) {
    await stopAll(stops, log);
    throw error;
  }
}

interface Starting {
  log: Log;
  onFatal: () => void;
  signal: AbortSignal;
}

async function wire(config: Config, starting: Starting, stops: Stops): Promise<App> {
  const { log, signal } = starting;
  const urls = await openStorage(config, starting, stops);
  const metrics = createMetrics();
  stops.push(() => metrics.stop());
  const families = openFamilies(urls, config.databasePool, (why) => metrics.retries.add(why));
  stops.push(() => families.end());
  const clock = systemClock(config.testClock);
  const secret = await readAuthSecret(config.dataDir, config.authSecret);
  const nodes = await wireNodes(
    config,
    { families, clock, log, tallies: metrics.bus, secret },
    stops,
  );
  const unsubscribe = createSealer(secret, 'unsubscribe');
  const rules = rulesWithout(config.benchWithout);
  const { world, feed } = wireDelivery(
    { families, clock, log, metrics, unsubscribe, rules },
    nodes,
  );
  const sender = createSender(world, {
    rate: { ratePerSecond: config.sendRate, burst: config.sendBurst },
    lanes: config.writeLanes,
    batchMax: config.writeBatchMax,
    queueMax: config.writeQueueMax,
  });
  const jobs = await wireJobs(
    config,
    { world, feed, sender, url: urls.jobs, isAlone: nodes.isAlone },
    stops,
  );
  watchParts(metrics, config, { families, sender, feed, jobs });
  signal.throwIfAborted();
  stops.push(async () => {
    const drained = sender.drained().then(() => feed.drained());
    // A database that never answers must not keep the process; what was not answered was not promised.
    await Promise.race([drained, sleep(drainMs, undefined, { ref: false })]);
  });
  const url = await wireEdges(config, { world, sender, feed, nodes, jobs, secret }, stops);
  signal.throwIfAborted();
  const publicUrl = config.publicUrl || url;
  return { url, publicUrl, world, sender, stop: () => stopAll(stops, log) };
}

async function openStorage(
  config: Config,
  { log, onFatal, signal }: Starting,
  stops: Stops,
): Promise<FamilyUrls> {
  let urls = config.databaseUrls;
  if (urls === null) {
    const embedded = await startEmbeddedPostgres({ dataDir: config.dataDir, log });
    stops.push(() => embedded.stop());
    embedded.onExit((lastLines) => {
      log.fatal({ lastLines }, 'the embedded database ended and does not start again');
      onFatal();
    });
    const { url } = embedded;
    urls = { conversation: url, person: url, identity: url, jobs: url };
  } else {
    for (const url of new Set(Object.values(urls))) await checkServer(url);
  }
  signal.throwIfAborted();
  await migrate(urls);
  signal.throwIfAborted();
  return urls;
}

function wireDelivery(
  given: Pick<World, 'families' | 'clock' | 'log' | 'metrics' | 'unsubscribe' | 'rules'>,
  { bus, number }: Nodes,
): { world: World; feed: Feed } {
  const { families, log, metrics } = given;
  const tell = (personId: PersonId, ticks: Tick[]): void =>
    bus.publish({ type: 'ticks', personId, ticks, isUrgent: false });
  const feed = createFeed(families, log, tell, metrics.feedSeconds);
  const world: World = {
    ...given,
    ids: idSource(given.clock, number),
    wake: {
      messagesCommitted(event) {
        const { members: _members, ...news } = event;
        bus.publish({ type: 'messages', ...news });
        void feed.add(event);
      },
      conversationChanged: (event) => bus.publish({ type: 'changed', ...event }),
      heldDropped: (event) => bus.publish({ type: 'dropped', ...event }),
      inboxChanged: (rows) =>
        tellRows(rows, (personId, ticks) =>
          bus.publish({ type: 'ticks', personId, ticks, isUrgent: true }),
        ),
      personChanged: (personId) => bus.publish({ type: 'person-changed', personId }),
    },
  };
  return { world, feed };
}
