import type { AddressInfo } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { addFollows } from './actions/set-follow.ts';
import { createPeople, createPerson } from './actions/create-people.ts';
import { finishIntents } from './actions/finish-intents.ts';
import { createSender, type Sender } from './actions/send-message.ts';
import type { World } from './actions/world.ts';
import { systemClock, type Clock } from './base/clock.ts';
import { every } from './base/every.ts';
import type { FamilyUrls } from './base/family.ts';
import { idSource } from './base/ids.ts';
import { createLog, type Log } from './base/log.ts';
import { StartupProblem } from './base/startup-problem.ts';
import type { Config } from './config.ts';
import type { Bus } from './delivery/bus.ts';
import { localBus } from './delivery/bus-local.ts';
import { createFeed, tellRows, type Feed } from './delivery/feed.ts';
import { createLiveSockets } from './delivery/live-sockets.ts';
import { sweepOutbox } from './delivery/sweep-outbox.ts';
import { createAuth, type Auth, type OnSessionsEnded } from './edges/accounts/auth.ts';
import { refuseForeignOrigin } from './edges/accounts/origin.ts';
import { readAuthSecret } from './edges/accounts/secret.ts';
import { createSessionDoor, type SessionDoor } from './edges/accounts/session-door.ts';
import { accountRoutes } from './edges/http/account.ts';
import { authRoutes } from './edges/http/auth-routes.ts';
import { hasBody, viewerOf, type HttpContext } from './edges/http/context.ts';
import { conversationRoutes } from './edges/http/conversations.ts';
import { docsRoutes } from './edges/http/docs.ts';
import { healthRoute } from './edges/http/health.ts';
import { meRoutes } from './edges/http/me.ts';
import { messageRoutes } from './edges/http/messages.ts';
import { operatorRoutes } from './edges/http/operator.ts';
import { pageRoutes } from './edges/http/page.ts';
import { peopleRoutes } from './edges/http/people.ts';
import { limitEachPerson } from './edges/http/person-limits.ts';
import { createHttpServer } from './edges/http/server.ts';
import { sessionRoutes } from './edges/http/sessions.ts';
import { createSocketServer } from './edges/ws/socket-server.ts';
import { startJobs, type Jobs } from './notifications/jobs.ts';
import { mailTask, sendMailTask } from './notifications/mail.ts';
import { sweepIdentity } from './storage/accounts.ts';
import { checkServer } from './storage/check-server.ts';
import { startEmbeddedPostgres } from './storage/embedded-postgres.ts';
import { openFamilies, type Families } from './storage/families.ts';
import { pruneReceipts } from './storage/messages.ts';
import { migrate } from './storage/migrate.ts';

// The only place that wires concrete things together; everything else is given what it needs.

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

/** Undone in reverse order, each step even if another fails. */
type Stops = (() => unknown)[];

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
  const families = openFamilies(urls, config.databasePool);
  stops.push(() => families.end());
  const clock = systemClock(config.testClock);
  const bus = localBus();
  const { world, feed } = wireDelivery(families, clock, log, bus);
  const jobs = await wireJobs(config, world, feed, urls.jobs, stops);
  signal.throwIfAborted();
  const sender = createSender(world, {
    rate: { ratePerSecond: config.sendRate, burst: config.sendBurst },
    lanes: config.writeLanes,
    batchMax: config.writeBatchMax,
    queueMax: config.writeQueueMax,
  });
  stops.push(async () => {
    await sender.drained();
    await feed.drained();
  });
  const url = await wireEdges(config, { world, sender, feed, bus, jobs }, stops);
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
  families: Families,
  clock: Clock,
  log: Log,
  bus: Bus,
): { world: World; feed: Feed } {
  const feed = createFeed(families, log, (personId, ticks) =>
    bus.publish({ type: 'ticks', personId, ticks, isUrgent: false }),
  );
  const world: World = {
    families,
    clock,
    ids: idSource(clock),
    log,
    wake: {
      messagesCommitted(event) {
        bus.publish({ type: 'messages', ...event });
        void feed.add(event);
      },
      inboxChanged: (rows) =>
        tellRows(rows, (personId, ticks) =>
          bus.publish({ type: 'ticks', personId, ticks, isUrgent: true }),
        ),
      personChanged: (personId) => bus.publish({ type: 'person-changed', personId }),
    },
  };
  return { world, feed };
}

const outboxGraceMs = 2_000;
const intentGraceMs = 10_000;
const receiptsKeptMs = 4 * 86_400_000;
const receiptsAtOnce = 10_000;

/** Work that nobody waits for: mails with retries, and sweepers that finish what a crash interrupted. */
async function wireJobs(
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

interface Wired {
  world: World;
  sender: Sender;
  feed: Feed;
  bus: Bus;
  jobs: Jobs;
}

async function wireEdges(config: Config, wired: Wired, stops: Stops): Promise<string> {
  const { world, sender, feed, bus } = wired;
  const app = await createHttpServer({ log: world.log, trustProxy: config.trustProxy });
  const address = { listening: '' };
  const accounts = await wireAccounts(config, wired, () => config.publicUrl || address.listening);
  const { door } = accounts;
  app.decorateRequest('viewer', null);
  app.addHook('onRequest', async (request) => {
    if (request.url.startsWith('/api/')) request.viewer = await door.resolve(request.headers);
  });
  app.addHook('preHandler', async (request) => {
    // A body may come long after the headers, and the session may have ended meanwhile.
    if (request.viewer && hasBody(request)) request.viewer = await door.resolve(request.headers);
  });
  app.addHook('onRequest', refuseForeignOrigin(config.publicUrl));
  openRoutes(app, config, wired, accounts);
  signedInRoutes(app, config, { world, sender, settled: feed.settled }, accounts);
  await pageRoutes(app);

  const live = createLiveSockets({ perPerson: config.socketsPerPerson });
  const unsubscribe = bus.subscribe((event) => live.deliver(event));
  const port = await listen(app, config);
  const sockets = createSocketServer(app.server, {
    world,
    sender,
    live,
    settled: feed.settled,
    tellTyping: (conversationId, personId, memberIds) =>
      bus.publish({ type: 'typing', conversationId, personId, memberIds }),
    bufferMaxBytes: config.socketBufferMaxBytes,
    resolve: (headers) => door.resolve(headers),
    resolveToken: (token) => door.resolveToken(token),
    publicUrl: config.publicUrl,
  });
  stops.push(async () => {
    await sockets.stop();
    await app.close();
    unsubscribe();
    live.stop();
  });
  address.listening = `http://${reachableHost(config.host)}:${port}`;
  return address.listening;
}

/** Every address of the machine is not an address that a browser can go to. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

interface Accounts {
  auth: Auth;
  door: SessionDoor;
  onSessionsEnded: OnSessionsEnded;
}

async function wireAccounts(
  config: Config,
  { world, bus, jobs }: Wired,
  linkOrigin: () => string,
): Promise<Accounts> {
  const { families, clock, ids, log } = world;
  const { publicUrl } = config;
  const onSessionsEnded: OnSessionsEnded = (personId, sessionIds) => {
    door.forget(personId, sessionIds);
    bus.publish({ type: 'sessions-ended', personId, sessionIds });
  };
  const secret = await readAuthSecret(config.dataDir, config.authSecret);
  const auth = createAuth({
    db: families.identity,
    publicUrl,
    linkOrigin,
    clock,
    ids,
    log,
    secret,
    enqueueMail: (mail) => jobs.add(mailTask, mail),
    onPersonCreated: (person) => createPerson(world, person),
    onSessionsEnded,
  });
  const makePerson = auth.makePerson;
  const door = createSessionDoor({ db: families.identity, clock, publicUrl, secret, makePerson });
  return { auth, door, onSessionsEnded };
}

/** What asks for no session: signing in, the operator's door, the health check, the page about errors. */
function openRoutes(
  app: FastifyInstance,
  config: Config,
  { world, jobs }: Wired,
  { auth }: Accounts,
): void {
  const { families, clock, ids } = world;
  const { publicUrl, signInRate, operatorKey, testClock } = config;
  authRoutes(app, { auth, clock, publicUrl, signInRate });
  operatorRoutes(app, {
    db: families.identity,
    clock,
    ids,
    operatorKey,
    testClock,
    createPeople: (people) => createPeople(world, people),
    addFollows: (pairs) => addFollows(world, pairs),
  });
  healthRoute(app, {
    conversation: () => families.conversation.query('select 1'),
    person: () => families.person.query('select 1'),
    identity: () => families.identity.query('select 1'),
    jobs: () => jobs.ping(),
  });
  docsRoutes(app);
}

/** Everything that needs a session; who has none is told so before their input is looked at. */
function signedInRoutes(
  app: FastifyInstance,
  config: Config,
  context: HttpContext,
  { onSessionsEnded }: Accounts,
): void {
  const requireViewer = async (request: FastifyRequest): Promise<void> => void viewerOf(request);
  void app.register(async (scope) => {
    scope.addHook('onRequest', requireViewer);
    scope.addHook('preHandler', requireViewer);
    // Sends have a limit of their own, shared with the socket's.
    messageRoutes(scope, context);
  });
  void app.register(async (scope) => {
    scope.addHook('onRequest', requireViewer);
    scope.addHook('onRequest', limitEachPerson(context.world.clock, config));
    scope.addHook('preHandler', requireViewer);
    meRoutes(scope, context);
    accountRoutes(scope, {
      ...context,
      endSessions: (personId) => onSessionsEnded(personId, 'all'),
    });
    sessionRoutes(scope, {
      db: context.world.families.identity,
      clock: context.world.clock,
      onSessionsEnded,
    });
    peopleRoutes(scope, context);
    conversationRoutes(scope, context);
  });
}

async function listen(app: FastifyInstance, config: Config): Promise<number> {
  try {
    await app.listen({ port: config.port, host: config.host });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE') {
      throw new StartupProblem(
        `Port ${config.port} is in use; stop what uses it or set PORT to another one.`,
      );
    }
    if (code === 'EACCES')
      throw new StartupProblem(
        `Port ${config.port} may not be used by this user; set PORT to one above 1023.`,
      );
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new StartupProblem(`HOST ${config.host} is not an address of this machine.`);
    }
    throw error;
  }
  return (app.server.address() as AddressInfo).port;
}

async function stopAll(stops: Stops, log: Log): Promise<void> {
  for (const stop of stops.splice(0).reverse()) {
    try {
      await stop();
    } catch (error) {
      log.error({ err: error }, 'a part did not stop cleanly');
    }
  }
}
