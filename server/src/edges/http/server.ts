import type { IncomingMessage, Server } from 'node:http';
import fastifySwagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { limits } from '@aside/protocol';
import type { Log } from '../../base/log.ts';
import { Refusal } from '../../base/refusal.ts';
import { nextRequestId } from '../../base/request-id.ts';
import { describedPaths } from './describe.ts';
import { boundEachLine } from './one-line.ts';
import { installErrorHandler, problemOf, sendProblem } from './problems.ts';
import { answerUnreadable, takeJsonOnly } from './unreadable.ts';

// The HTTP server before any route: limits, validation, problem bodies, security headers, the API description.

export interface HttpServerOptions {
  log: Log;
  trustProxy: boolean;
}

export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: asBaseLogger(options.log),
    genReqId: nextRequestId,
    logController: failuresOnly,
    // One hop: the address that our proxy saw. The rest of the header is whatever the client wrote.
    trustProxy: options.trustProxy && ((_address, hop) => hop === 0),
    bodyLimit: limits.bodyMaxBytes,
    requestTimeout: requestMs,
    connectionTimeout: 60_000,
    routerOptions: { maxParamLength: 200 },
    // Unknown fields are refused and types are never bent to fit; Fastify's defaults do both.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: true } },
    frameworkErrors: (_error, _request, reply) => {
      void sendProblem(reply, problemOf('invalid', 'The address is not well formed.'));
    },
    clientErrorHandler: answerUnreadable,
    forceCloseConnections: 'idle',
    http: {
      shouldUpgradeCallback: asksForSocket,
      headersTimeout: headersMs,
      connectionsCheckingInterval: 1_000,
    },
  });
  boundEachLine(app);
  app.addHook('preClose', async () => answerTheRest(app.server));
  installErrorHandler(app);
  takeJsonOnly(app);
  app.addHook('preValidation', async (request) => {
    request.query = withNumbers(request.query);
    // A route that declares no body takes none.
    const field = request.routeOptions.schema?.body ? undefined : firstField(request.body);
    if (field !== undefined) {
      throw new Refusal('invalid', `The field “${field.slice(0, 60)}” is not known here.`);
    }
  });
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers(securityHeaders);
    if (request.url.startsWith('/api/')) void reply.header('cache-control', 'no-store');
  });
  await app.register(fastifySwagger, { openapi: description });
  app.get('/api/openapi.json', { schema: { hide: true } }, () => {
    const described = app.swagger();
    return { ...described, paths: { ...described.paths, ...describedPaths() } };
  });
  return app;
}

const description: NonNullable<FastifyDynamicSwaggerOptions['openapi']> = {
  openapi: '3.1.0',
  info: {
    title: 'Aside',
    version: '1',
    description:
      'Private messages. The realtime socket at GET /api/socket is described in docs/realtime.md.',
  },
  components: {
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', description: 'A session token or an API key.' },
      operator: { type: 'http', scheme: 'bearer', description: 'ASIDE_OPERATOR_KEY.' },
    },
  },
  security: [{ bearer: [] }],
};

/** From the first byte on, or from opening a connection that stays silent; a handshake for a socket counts the same. */
const headersMs = 10_000;
/** The same with the body: the largest one takes 13 kB/s, the longest message 2. */
const requestMs = 20_000;

/**
 * Only websockets are handed to whoever listens for upgrades. Some clients offer `Upgrade: h2c` with every first
 * request and are content with a plain answer; Node would take that from them. (Node 24.9; an older one ignores this.)
 */
function asksForSocket(this: Server, request: IncomingMessage): boolean {
  const isListening = this.listenerCount('upgrade') > 0;
  return isListening && request.headers.upgrade?.trim().toLowerCase() === 'websocket';
}

const drainMaxMs = 5_000;

/** While the server closes: what is asked is still answered, what is idle is let go, what hangs is cut. */
function answerTheRest(server: Server): void {
  const idle = setInterval(() => server.closeIdleConnections(), 20);
  const cut = setTimeout(() => server.closeAllConnections(), drainMaxMs);
  server.once('close', () => {
    clearInterval(idle);
    clearTimeout(cut);
  });
}

/** A line per request would hold ids of who talks to whom; failures are logged with their request id. */
const failuresOnly = new LogController({
  disableRequestLogging: true,
  requestIdLogLabel: 'requestId',
});

/** Pino's type is wider than the one Fastify asks for, and the wider one would stick to every route. */
function asBaseLogger(log: Log): FastifyBaseLogger {
  // Its own lines say what ours say better.
  return log.isLevelEnabled('warn') ? log.child({}, { level: 'warn' }) : log;
}

/** Nothing is loaded from elsewhere, nothing runs that is not a file of ours, nobody may frame the page. */
const securityHeaders = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), browsing-topics=()',
} as const;

function firstField(body: unknown): string | undefined {
  return typeof body === 'object' && body !== null ? Object.keys(body)[0] : undefined;
}

/** Query strings carry numbers as text; whole numbers become numbers, anything else is left for the schema to refuse. */
function withNumbers(query: unknown): unknown {
  return Object.fromEntries(
    Object.entries(query as Record<string, unknown>).map(([name, value]) => [
      name,
      numericFields.has(name) && isSafeNumber(value) ? Number(value) : value,
    ]),
  );
}

function isSafeNumber(value: unknown): boolean {
  return typeof value === 'string' && /^\d{1,16}$/.test(value) && Number.isSafeInteger(+value);
}

const numericFields = new Set(['limit', 'before', 'after']);
