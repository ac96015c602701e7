import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Aside, embeddedDatabase, type AsideOptions } from './aside.ts';
import { checks, type CheckName } from './checks/all.ts';
import { cuttingProxy, type CuttingProxy } from './cutting-proxy.ts';
import type { Draw } from './draw.ts';
import { startLoad, type LoadPace } from './load.ts';
import { headsByMember, installObserver, readStored } from './observer.ts';
import { killNow, startPostgres, type OwnPostgres } from './postgres.ts';
import { Tally } from './tally.ts';
import { gatherTroupe, type Troupe, type TroupeSize } from './troupe.ts';
import { standing } from './standing.ts';
import { sleep, until } from './wait.ts';

// One run from an empty folder to the checks: database, server, people, load, a scenario of faults, rest, evidence.

/** How much of it. */
export interface Size {
  kills: number;
  acks: number;
  seconds: number;
}

export interface StageOptions {
  name: string;
  /** Of the server's source. */
  root: string;
  draw: Draw;
  /** Whether Aside brings its own PostgreSQL, as by default, or is given the harness's. */
  database: 'embedded' | 'own' | 'own behind a proxy';
  /** What Aside's environment has besides, such as a library to load first; it may name files of the run's folder. */
  env?: (folder: string) => Record<string, string> | null;
  /** Done to the run's folder first; answers how to undo it. Null from either: this machine cannot do that. */
  prepare?: (folder: string) => (() => void) | null;
  troupe?: TroupeSize;
  pace?: LoadPace;
  /** Where the run's folder is made. */
  home?: string;
}

export interface Stage {
  readonly name: string;
  readonly folder: string;
  readonly dataDir: string;
  readonly draw: Draw;
  readonly tally: Tally;
  readonly aside: Aside;
  readonly troupe: Troupe;
  readonly postgres: OwnPostgres | null;
  readonly proxy: CuttingProxy | null;
  /** For whoever looks into the database, or plays the crash. */
  adminUrl(): string;
}

export interface Outcome {
  name: string;
  tally: Tally;
  seconds: number;
  messages: number;
  reconnects: number;
  /** From the first try to the acknowledgement, all tries and waits included. */
  waits: { medianMs: number; p99Ms: number; longestMs: number };
  /** What each check found wrong. */
  found: Record<CheckName, string[]>;
  /** What kept the run from coming to rest: a wedge, or something lost for good. */
  unrest: string[];
}

/** What is just being ended may still write a file. */
const gone = { recursive: true, force: true, maxRetries: 10, retryDelay: 100 };

/** This machine cannot play the scenario: a program is not installed, or it takes another user. */
export class Unavailable extends Error {}

const caughtUpMs = 40_000;

/** Plays one run; throws only where the harness itself failed. */
export async function play(
  options: StageOptions,
  scenario: (stage: Stage) => Promise<void>,
): Promise<Outcome> {
  const begunAt = performance.now();
  const folder = mkdtempSync(join(options.home ?? tmpdir(), 'aside-chaos-'));
  chmodSync(folder, 0o755);
  const undo: (() => unknown)[] = [() => rmSync(folder, gone)];
  const forget = standing(() => takeDown(undo));
  try {
    const stage = await setUp(options, folder, undo);
    const unrest = await perform(stage, options, scenario);
    const { found, messages } = await judge(stage);
    const { troupe, tally, name } = stage;
    const reconnects = troupe.members.reduce((sum, member) => sum + member.welcomes - 1, 0);
    const seconds = (performance.now() - begunAt) / 1_000;
    const waits = waitsOf(troupe);
    return { name, tally, seconds, messages, reconnects, waits, found, unrest };
  } finally {
    await takeDown(undo);
    forget();
  }
}

/** Last made, first taken down. */
async function takeDown(undo: (() => unknown)[]): Promise<void> {
  for (let step = undo.pop(); step; step = undo.pop()) await step();
}

async function setUp(
  options: StageOptions,
  folder: string,
  undo: (() => unknown)[],
): Promise<Stage> {
  const { name, draw, root } = options;
  const tally = new Tally();
  const unprepare = options.prepare?.(folder);
  const env = options.env?.(folder);
  if (unprepare === null || env === null) throw new Unavailable(name);
  if (unprepare) undo.push(unprepare);
  const dataDir = join(folder, 'aside');
  const isEmbedded = options.database === 'embedded';
  const postgres = isEmbedded ? null : await startPostgres(join(folder, 'server'));
  if (postgres) undo.push(() => postgres.stop());
  const chance = draw.branch('proxy');
  const proxy =
    options.database === 'own behind a proxy'
      ? await cuttingProxy(postgres!.url, () => chance.next())
      : null;
  if (proxy) undo.push(() => proxy.stop());
  const given: AsideOptions = {
    root,
    dataDir,
    env: {
      ...(postgres ? { DATABASE_URL: (proxy ?? postgres).url } : {}),
      ...env,
    },
  };
  const aside = await Aside.start(given);
  undo.push(async () => {
    await aside.stop();
    if (isEmbedded) endEmbedded(dataDir);
  });
  const adminUrl = (): string => postgres?.adminUrl ?? embeddedDatabase(dataDir).url;
  await installObserver(adminUrl());
  const troupe = await gatherTroupe(aside, tally, options.troupe ?? defaultTroupe);
  undo.push(() => troupe.stop());
  return { name, folder, dataDir, draw, tally, aside, troupe, postgres, proxy, adminUrl };
}

const defaultTroupe: TroupeSize = { friends: 8, storms: 3, shops: 2 };
const defaultPace: LoadPace = { inFlight: 16, pauseMs: 0 };

/** An Aside that was killed leaves its PostgreSQL; at the end nobody needs that any more. */
function endEmbedded(dataDir: string): void {
  try {
    killNow(embeddedDatabase(dataDir).pids);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function perform(
  stage: Stage,
  options: StageOptions,
  scenario: (stage: Stage) => Promise<void>,
): Promise<string[]> {
  const { aside, troupe } = stage;
  const load = startLoad(troupe, stage.draw.branch('load'), options.pace ?? defaultPace);
  const unrest: string[] = [];
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    await work().catch((error: unknown) => unrest.push(String(error)));
  };
  await attempt(() => scenario(stage));
  await attempt(() => aside.ready());
  await attempt(() => load.stop());
  await attempt(() => troupe.connected());
  await attempt(async () => {
    const heads = await headsByMember(stage.adminUrl());
    const behind = (): string[] =>
      troupe.members
        .filter((member) => !member.holds(heads.get(member.id) ?? new Map()))
        .map((member) => member.username);
    const end = performance.now() + caughtUpMs;
    while (behind().length > 0 && performance.now() < end) await sleep(50);
    if (behind().length > 0) throw new Error(`never caught up: ${behind().join(', ')}`);
  });
  if (aside.deaths > 0) {
    unrest.push(`Aside ended by itself ${aside.deaths} times: ${aside.lastWords.slice(-3_000)}`);
  }
  if (stage.tally.internal > 0) {
    const notes = [...stage.tally.notes].map(([text, times]) => `${text} × ${times}`).join(', ');
    unrest.push(`${stage.tally.internal} times 500; ${notes}; ${aside.lastWords.slice(-1_500)}`);
  }
  return unrest;
}

function waitsOf({ members }: Troupe): Outcome['waits'] {
  const waits = members
    .flatMap((member) => member.sends)
    .filter((send) => send.ack !== null)
    .map((send) => send.answeredAt! - send.begunAt)
    .sort((a, b) => a - b);
  const at = (share: number): number => waits[Math.floor((waits.length - 1) * share)] ?? 0;
  return { medianMs: at(0.5), p99Ms: at(0.99), longestMs: at(1) };
}

async function judge(stage: Stage): Promise<{ found: Outcome['found']; messages: number }> {
  const { troupe } = stage;
  // Frames that are still on their way, and what the sweeper finds, come before the last look.
  await until('the database answers', 30_000, () =>
    headsByMember(stage.adminUrl()).catch(() => null),
  );
  const stored = await readStored(stage.adminUrl());
  const evidence = {
    ...stored,
    sends: troupe.members.flatMap((member) => member.sends),
    acts: troupe.acts,
    members: troupe.members.map((member) => member.witness()),
    follows: troupe.follows,
  };
  const found = Object.fromEntries(
    Object.entries(checks).map(([name, check]) => [name, check(evidence)]),
  ) as Outcome['found'];
  const messages = stored.conversations.reduce((sum, one) => sum + one.messages.length, 0);
  return { found, messages };
}
