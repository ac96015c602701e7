import { resolve } from 'node:path';
import type { FamilyUrls } from './base/family.ts';
import { StartupProblem } from './base/startup-problem.ts';
import { natsPrefix, natsServers } from './config-nats.ts';
import type { NatsServers } from './delivery/nats-link.ts';
import { ruleNames, type RuleName } from './domain/rules.ts';

// Every knob of the server: name, default, range, unit and what it does. docs/operations.md lists the same table,
// and a test fails when the two part.

interface Knob {
  readonly default: string;
  readonly unit: string;
  readonly does: string;
  readonly min?: number;
  readonly max?: number;
}

export const knobs = {
  PORT: {
    default: '3000',
    unit: 'port',
    min: 0,
    max: 65_535,
    does: 'Port to listen on; 0 picks a free one, named in the ready line.',
  },
  HOST: { default: '127.0.0.1', unit: 'address', does: 'Address to listen on.' },
  PUBLIC_URL: {
    default: '',
    unit: 'URL',
    does: 'Where browsers reach the page, when a proxy stands in front; decides the allowed Origin, secure cookies and links in mails. Unset: the address it listens on.',
  },
  TRUST_PROXY: {
    default: '0',
    unit: '0 or 1',
    min: 0,
    max: 1,
    does: 'Believe X-Forwarded-For and X-Forwarded-Proto; only behind a proxy that sets them.',
  },
  DATA_DIR: {
    default: './data',
    unit: 'folder',
    does: 'Embedded database, secrets and, without SMTP, mails.',
  },
  DATABASE_URL: {
    default: '',
    unit: 'URL',
    does: 'A PostgreSQL server (15 or later) for all four families; unset: the embedded one.',
  },
  DATABASE_URL_CONVERSATION: {
    default: '',
    unit: 'URL',
    does: 'Family conversation apart from DATABASE_URL.',
  },
  DATABASE_URL_PERSON: { default: '', unit: 'URL', does: 'Family person apart from DATABASE_URL.' },
  DATABASE_URL_IDENTITY: {
    default: '',
    unit: 'URL',
    does: 'Family identity apart from DATABASE_URL.',
  },
  DATABASE_URL_JOBS: { default: '', unit: 'URL', does: 'Family jobs apart from DATABASE_URL.' },
  DATABASE_POOL: {
    default: '10',
    unit: 'connections',
    min: 4,
    max: 200,
    does: 'Connections per family and process; the jobs family takes up to 4 of its own.',
  },
  ASIDE_OPERATOR_KEY: {
    default: '',
    unit: 'secret',
    does: 'Bearer key of the operator routes; unset: they answer 404.',
  },
  ASIDE_AUTH_SECRET: {
    default: '',
    unit: 'secret',
    does: 'Signs session cookies, at least 32 characters, the same on every node; unset: made once in DATA_DIR.',
  },
  ASIDE_TEST_CLOCK: {
    default: '0',
    unit: '0 or 1',
    min: 0,
    max: 1,
    does: 'Lets POST /api/operator/clock move the clock; refused under NODE_ENV=production.',
  },
  ASIDE_BENCH_WITHOUT: {
    default: '',
    unit: 'rules',
    does: 'Rules of consent that a measurement leaves out, with commas between; refused without ASIDE_TEST_CLOCK=1, and so in production.',
  },
  SEND_RATE: {
    default: '20',
    unit: 'messages/s',
    min: 1,
    max: 1_000_000,
    does: 'Messages one person may send per second, averaged.',
  },
  SEND_BURST: {
    default: '200',
    unit: 'messages',
    min: 1,
    max: 1_000_000,
    does: 'Messages one person may send at once before SEND_RATE holds.',
  },
  WRITE_RATE: {
    default: '20',
    unit: 'requests/s',
    min: 1,
    max: 1_000_000,
    does: 'Changes besides messages, such as follows, settings and read marks, one person may ask for per second over HTTP.',
  },
  WRITE_BURST: {
    default: '100',
    unit: 'requests',
    min: 1,
    max: 1_000_000,
    does: 'Such changes one person may ask for at once before WRITE_RATE holds.',
  },
  READ_RATE: {
    default: '100',
    unit: 'requests/s',
    min: 1,
    max: 1_000_000,
    does: 'Pages and other readings one person may ask for per second over HTTP.',
  },
  READ_BURST: {
    default: '2000',
    unit: 'requests',
    min: 1,
    max: 1_000_000,
    does: 'Such readings one person may ask for at once before READ_RATE holds.',
  },
  SIGN_IN_RATE: {
    default: '30',
    unit: 'requests/min',
    min: 1,
    max: 1_000_000,
    does: 'Sign-ins, sign-ups and resets one address may try per minute.',
  },
  WRITE_LANES: {
    default: '2',
    unit: 'lanes',
    min: 1,
    max: 64,
    does: 'Batches of messages that commit at the same time; a conversation always uses the same lane.',
  },
  WRITE_BATCH_MAX: {
    default: '250',
    unit: 'messages',
    min: 1,
    max: 1_000,
    does: 'Messages in one commit.',
  },
  WRITE_QUEUE_MAX: {
    default: '10000',
    unit: 'messages',
    min: 10,
    max: 1_000_000,
    does: 'Messages waiting for a commit, all lanes together; beyond: 503 overloaded.',
  },
  SOCKET_BUFFER_MAX: {
    default: '1048576',
    unit: 'bytes',
    min: 16_384,
    max: 67_108_864,
    does: 'Bytes a socket may leave unread before it is closed and has to catch up.',
  },
  SOCKETS_PER_PERSON: {
    default: '20',
    unit: 'sockets',
    min: 1,
    max: 1_000,
    does: 'Sockets one person may hold; beyond, the oldest is closed.',
  },
  CONNECTIONS_MAX: {
    default: '50000',
    unit: 'connections',
    min: 100,
    max: 1_000_000,
    does: 'Connections open at once, HTTP and sockets together; never more than the open files the system allows, less 300.',
  },
  CONNECTIONS_PER_ADDRESS: {
    default: '2000',
    unit: 'connections',
    min: 1,
    max: 1_000_000,
    does: 'Of these, from one address (IPv6: one /64), this machine itself not counted. Behind a proxy with TRUST_PROXY=1: sockets by forwarded address.',
  },
  SWEEP_INTERVAL_MS: {
    default: '5000',
    unit: 'ms',
    min: 100,
    max: 600_000,
    does: 'How often work that a crash left half done is looked for.',
  },
  NATS_URL: {
    default: '',
    unit: 'URLs',
    does: 'NATS servers of one cluster, with commas between, when several Aside processes serve one community; unset: this one is alone.',
  },
  NATS_PREFIX: {
    default: 'aside',
    unit: 'word',
    does: 'First word of the NATS subjects; communities that share NATS servers must differ in it.',
  },
  NODE_SWEEP_MS: {
    default: '2000',
    unit: 'ms',
    min: 100,
    max: 600_000,
    does: 'With NATS_URL: how often what other nodes did and NATS lost is looked for.',
  },
  SMTP_URL: {
    default: '',
    unit: 'URL',
    does: 'smtp:// or smtps:// server for mails; unset: they are written to DATA_DIR/mail.',
  },
  MAIL_FROM: { default: 'Aside <aside@localhost>', unit: 'address', does: 'Sender of mails.' },
  LOG_LEVEL: { default: 'info', unit: 'level', does: 'trace, debug, info, warn, error or silent.' },
} as const satisfies Record<string, Knob>;

export interface Config {
  port: number;
  host: string;
  publicUrl: string;
  trustProxy: boolean;
  dataDir: string;
  /** Null: start the embedded database. */
  databaseUrls: FamilyUrls | null;
  databasePool: number;
  operatorKey: string | null;
  /** Null: the one in the data folder. */
  authSecret: string | null;
  testClock: boolean;
  /** Rules left out; for measurements on a test clock. */
  benchWithout: RuleName[];
  sendRate: number;
  sendBurst: number;
  writeRate: number;
  writeBurst: number;
  readRate: number;
  readBurst: number;
  signInRate: number;
  writeLanes: number;
  writeBatchMax: number;
  writeQueueMax: number;
  socketBufferMaxBytes: number;
  socketsPerPerson: number;
  connectionsMax: number;
  connectionsPerAddress: number;
  sweepIntervalMs: number;
  /** Null: one process serves the community. */
  nats: NatsServers | null;
  natsPrefix: string;
  nodeSweepMs: number;
  smtpUrl: string | null;
  mailFrom: string;
  logLevel: string;
}

/** Reads the knobs from an environment. Refuses with a StartupProblem that names the knob and its range. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const text = (name: keyof typeof knobs): string => env[name]?.trim() || knobs[name].default;
  const whole = (name: keyof typeof knobs): number => wholeNumber(name, text(name));
  if (whole('ASIDE_TEST_CLOCK') === 1 && env['NODE_ENV'] === 'production') {
    throw new StartupProblem(
      'ASIDE_TEST_CLOCK=1 is refused under NODE_ENV=production, because it lets a caller move every clock.',
    );
  }
  if (!['trace', 'debug', 'info', 'warn', 'error', 'silent'].includes(text('LOG_LEVEL'))) {
    throw new StartupProblem('LOG_LEVEL must be trace, debug, info, warn, error or silent.');
  }
  return {
    port: whole('PORT'),
    host: text('HOST'),
    publicUrl: publicUrl(text('PUBLIC_URL')),
    trustProxy: whole('TRUST_PROXY') === 1,
    dataDir: resolve(text('DATA_DIR')),
    databaseUrls: familyUrls(text),
    databasePool: whole('DATABASE_POOL'),
    operatorKey: text('ASIDE_OPERATOR_KEY') || null,
    authSecret: text('ASIDE_AUTH_SECRET') || null,
    testClock: whole('ASIDE_TEST_CLOCK') === 1,
    benchWithout: rulesLeftOut(text('ASIDE_BENCH_WITHOUT'), whole('ASIDE_TEST_CLOCK') === 1),
    sendRate: whole('SEND_RATE'),
    sendBurst: whole('SEND_BURST'),
    writeRate: whole('WRITE_RATE'),
    writeBurst: whole('WRITE_BURST'),
    readRate: whole('READ_RATE'),
    readBurst: whole('READ_BURST'),
    signInRate: whole('SIGN_IN_RATE'),
    writeLanes: whole('WRITE_LANES'),
    writeBatchMax: whole('WRITE_BATCH_MAX'),
    writeQueueMax: whole('WRITE_QUEUE_MAX'),
    socketBufferMaxBytes: whole('SOCKET_BUFFER_MAX'),
    socketsPerPerson: whole('SOCKETS_PER_PERSON'),
    connectionsMax: whole('CONNECTIONS_MAX'),
    connectionsPerAddress: whole('CONNECTIONS_PER_ADDRESS'),
    sweepIntervalMs: whole('SWEEP_INTERVAL_MS'),
    nats: natsServers(text('NATS_URL')),
    natsPrefix: natsPrefix(text('NATS_PREFIX')),
    nodeSweepMs: whole('NODE_SWEEP_MS'),
    smtpUrl: text('SMTP_URL') || null,
    mailFrom: text('MAIL_FROM'),
    logLevel: text('LOG_LEVEL'),
  };
}

function wholeNumber(name: keyof typeof knobs, text: string): number {
  const knob: Knob = knobs[name];
  const value = Number(text);
  const min = knob.min ?? 0;
  const max = knob.max ?? Number.MAX_SAFE_INTEGER;
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new StartupProblem(
      `${name} must be a whole number from ${min} to ${max} (${knob.unit}), not "${text}".`,
    );
  }
  return value;
}

function rulesLeftOut(text: string, testClock: boolean): RuleName[] {
  if (text === '') return [];
  if (!testClock) {
    throw new StartupProblem(
      'ASIDE_BENCH_WITHOUT is refused without ASIDE_TEST_CLOCK=1, because it leaves out rules that protect people.',
    );
  }
  return text.split(',').map((word) => {
    const name = ruleNames.find((rule) => rule === word.trim());
    if (name) return name;
    throw new StartupProblem(
      `ASIDE_BENCH_WITHOUT must name rules out of ${ruleNames.join(', ')}, not "${word}".`,
    );
  });
}

function publicUrl(text: string): string {
  if (text === '') return '';
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.pathname !== '/') {
    throw new StartupProblem(
      'PUBLIC_URL must be an http or https address without a path, such as https://aside.example.',
    );
  }
  return url.origin;
}

function familyUrls(text: (name: keyof typeof knobs) => string): FamilyUrls | null {
  const all = text('DATABASE_URL');
  const urls = {
    conversation: text('DATABASE_URL_CONVERSATION') || all,
    person: text('DATABASE_URL_PERSON') || all,
    identity: text('DATABASE_URL_IDENTITY') || all,
    jobs: text('DATABASE_URL_JOBS') || all,
  };
  const given = Object.values(urls).filter((url) => url !== '').length;
  if (given === 0) return null;
  if (given < 4) {
    throw new StartupProblem(
      'Set DATABASE_URL, or all four of DATABASE_URL_CONVERSATION, _PERSON, _IDENTITY and _JOBS.',
    );
  }
  return urls;
}
