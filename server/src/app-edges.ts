import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createPeople } from './actions/create-people.ts';
import type { Sender } from './actions/send-message.ts';
import { addFollows } from './actions/set-follow.ts';
import type { World } from './actions/world.ts';
import { wireAccounts, type Accounts } from './app-accounts.ts';
import { orderRelease } from './app-held.ts';
import { listen } from './app-listen.ts';
import { watchSockets } from './app-metrics.ts';
import type { Nodes } from './app-nodes.ts';
import type { Stops } from './app-stops.ts';
import type { Config } from './config.ts';
import type { Feed } from './delivery/feed.ts';
import { refuseForeignOrigin } from './edges/accounts/origin.ts';
import { boundConnections, createAddressGate } from './edges/http/address-gate.ts';
import { accountRoutes } from './edges/http/account.ts';
import { authRoutes } from './edges/http/auth-routes.ts';
import { hasBody, viewerOf, type HttpContext } from './edges/http/context.ts';
import { conversationRoutes } from './edges/http/conversations.ts';
import { docsRoutes } from './edges/http/docs.ts';
import { healthRoute } from './edges/http/health.ts';
import { keyRoutes } from './edges/http/keys.ts';
import { meRoutes } from './edges/http/me.ts';
import { countRequests, metricsRoute } from './edges/http/metrics.ts';
import { messageRoutes, oneMessageRoutes } from './edges/http/messages.ts';
import { operatorRoutes } from './edges/http/operator.ts';
import { pageRoutes } from './edges/http/page.ts';
import { peopleRoutes } from './edges/http/people.ts';
import { limitEachPerson } from './edges/http/person-limits.ts';
import { createHttpServer } from './edges/http/server.ts';
import { consentRoutes } from './edges/http/consent.ts';
import { requestRoutes } from './edges/http/requests.ts';
import { unsubscribeRoutes } from './edges/http/unsubscribe.ts';
import { sessionRoutes } from './edges/http/sessions.ts';
import { createSocketServer } from './edges/ws/socket-server.ts';
import type { Jobs } from './notifications/jobs.ts';

interface Wired {
  world: World;
  sender: Sender;
  feed: Feed;
  nodes: Nodes;
  jobs: Jobs;
  /** The server's own secret, from the data directory. */
  secret: string;
}

/** Opens the doors: HTTP, accounts and the socket. Answers where it listens. */
export async function wireEdges(config: Config, wired: Wired, stops: Stops): Promise<string> {
  const { world, sender, feed, nodes } = wired;
  const { bus } = nodes;
  const app = await createHttpServer({ log: world.log, trustProxy: config.trustProxy });
  countRequests(app, world.metrics.http);
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

  const live = nodes.openSockets();
  const unsubscribe = bus.subscribe((event) => live.deliver(event));
  const gate = createAddressGate(config.connectionsPerAddress);
  const atDoor = config.trustProxy ? null : gate;
  boundConnections(app.server, { max: config.connectionsMax, gate: atDoor, log: world.log });
  address.listening = await listen(app, config);
  const sockets = createSocketServer(app.server, {
    world,
    sender,
    live,
    tallies: world.metrics.sockets,
    settled: feed.settled,
    tellTyping: (conversationId, personId, memberIds) =>
      bus.publish({ type: 'typing', conversationId, personId, memberIds }),
    bufferMaxBytes: config.socketBufferMaxBytes,
    resolve: (headers) => door.resolve(headers),
    resolveToken: (token) => door.resolveToken(token),
    publicUrl: config.publicUrl,
    socketsPerPerson: config.socketsPerPerson,
    forwarded: config.trustProxy ? gate : null,
  });
  watchSockets(world.metrics, sockets, live);
  stops.push(async () => {
    await sockets.stop();
    await app.close();
    unsubscribe();
    live.stop();
  });
  return address.listening;
}

/** What asks for no session: signing in, the operator's door, the health check, the page about errors. */
function openRoutes(
  app: FastifyInstance,
  config: Config,
  { world, jobs }: Wired,
  { auth, onSuspensionChanged }: Accounts,
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
    onSuspensionChanged,
    onSignedIn: (people) => orderRelease(world, jobs, people),
  });
  healthRoute(app, {
    conversation: () => families.conversation.query('select 1'),
    person: () => families.person.query('select 1'),
    identity: () => families.identity.query('select 1'),
    jobs: () => jobs.ping(),
  });
  metricsRoute(app, operatorKey, world.metrics);
  docsRoutes(app);
  unsubscribeRoutes(app, world);
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
    const { families, clock, ids } = context.world;
    sessionRoutes(scope, { db: families.identity, clock, onSessionsEnded });
    keyRoutes(scope, { db: families.identity, clock, ids, onSessionsEnded });
    peopleRoutes(scope, context);
    conversationRoutes(scope, context);
    oneMessageRoutes(scope, context);
    requestRoutes(scope, context);
    consentRoutes(scope, context);
  });
}
