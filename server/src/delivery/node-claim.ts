import { createHmac, randomBytes, randomInt } from 'node:crypto';
import { every } from '../base/every.ts';
import type { Log } from '../base/log.ts';
import { Refusal } from '../base/refusal.ts';
import { StartupProblem } from '../base/startup-problem.ts';
import type { Queries } from '../storage/database.ts';
import {
  claimNode,
  deleteNode,
  deleteNodesBefore,
  listNodes,
  nodesMax,
  renewNode,
  type NodeRow,
} from '../storage/nodes.ts';

// This process in the table of nodes. Its times are the machine's: a test that moves the community's clock must not
// make a node look dead.

export interface NodeClaim {
  /** Drawn at the start; names this process to the others. */
  readonly token: string;
  /**
   * The number that ids carry. Refuses `overloaded` when it was not renewed for so long that it may soon be somebody
   * else's, which takes a database that has been away for two minutes, or a process that was paused.
   */
  number(): number;
  /** Tokens of the other processes that are alive, as of the latest look. */
  others(): readonly string[];
  /** Milliseconds by `performance.now` from which on every other process has heard of this one. */
  knownSince(): number;
  /** Called after each look. */
  onLook(listener: () => void): void;
  /** Gives the number back. */
  stop(): Promise<void>;
}

/** How often the claim is renewed, and the others are looked at. */
const lookMs = 5_000;
/** Whose row has not changed for so long is dead. */
const deadMs = 15_000;
/** How long others need to notice a row that is new or was not renewed for a while. */
const noticeMs = lookMs + 1_000;
const unsureMs = 120_000;
const freeMs = 180_000;
const triesMax = 20;

/** Takes a number and keeps it. Refuses with a StartupProblem when all are taken. */
export async function claimNumber(given: {
  /** Family identity. */
  db: Queries;
  secret: string;
  log: Log;
  /** Whether this process can talk to others. */
  hasBus: boolean;
}): Promise<NodeClaim> {
  const claim = new Claim(given);
  await claim.begin();
  return claim;
}

class Claim implements NodeClaim {
  readonly token = randomBytes(12).toString('base64url');
  private readonly given: Parameters<typeof claimNumber>[0];
  private readonly mark: string;
  private claimed = 0;
  private renewedAt = Number.NEGATIVE_INFINITY;
  private freshSince = 0;
  private readonly changes = new Map<string, { seenAt: number; at: number; hasMoved: boolean }>();
  private readonly listeners = new Set<() => void>();
  private looking: { stop(): Promise<void> } | undefined;
  private readonly hasWarned = { secret: false, bus: false };

  constructor(given: Parameters<typeof claimNumber>[0]) {
    this.given = given;
    // A keyed hash of a constant: equal for equal secrets, and of no use to find one.
    this.mark = createHmac('sha256', given.secret)
      .update('aside node')
      .digest('base64url')
      .slice(0, 16);
  }

  async begin(): Promise<void> {
    await this.take();
    await this.look();
    this.looking = every(lookMs, 'nodes', this.given.log, () => this.look());
  }

  number(): number {
    if (performance.now() - this.renewedAt > unsureMs) throw new Refusal('overloaded');
    return this.claimed;
  }

  others(): readonly string[] {
    const alive = performance.now() - deadMs;
    return [...this.changes].flatMap(([token, { at }]) => (at > alive ? [token] : []));
  }

  knownSince(): number {
    const now = performance.now();
    // Others may think this process dead until the next renewal, at most one look away.
    const isStale = now - this.renewedAt > deadMs - lookMs;
    return (isStale ? now + lookMs : this.freshSince) + noticeMs;
  }

  onLook(listener: () => void): void {
    this.listeners.add(listener);
  }

  async stop(): Promise<void> {
    await this.looking?.stop();
    await deleteNode(this.given.db, this.token).catch(() => {});
  }

  private async take(): Promise<void> {
    const { db } = this.given;
    for (let tries = 0; tries < triesMax; tries += 1) {
      const begun = performance.now();
      const seenAt = new Date();
      const freeBefore = new Date(seenAt.getTime() - freeMs);
      const { token, mark: secretMark } = this;
      const from = randomInt(nodesMax);
      const number = await claimNode(db, { token, secretMark, seenAt, freeBefore, from });
      if (number === null) continue;
      this.claimed = number;
      this.renewed(begun);
      return;
    }
    throw new StartupProblem(
      `All ${nodesMax} node numbers of this community are taken; those of processes that ended are free after ${freeMs / 60_000} minutes.`,
    );
  }

  private renewed(begun: number): void {
    if (begun - this.renewedAt > deadMs - lookMs) this.freshSince = begun;
    this.renewedAt = begun;
  }

  private async look(): Promise<void> {
    const { db, log } = this.given;
    const begun = performance.now();
    const now = new Date();
    if (await renewNode(db, this.claimed, this.token, now)) this.renewed(begun);
    else {
      log.warn({ number: this.claimed }, 'the node number was lost; another one is taken');
      await this.take();
    }
    await deleteNodesBefore(db, new Date(now.getTime() - 2 * freeMs));
    const rows = (await listNodes(db)).filter((row) => row.token !== this.token);
    this.follow(rows, begun);
    this.warn(rows);
    for (const listener of this.listeners) listener();
  }

  /** A row counts by when it was seen to change, so that two machines need not agree on the time. */
  private follow(rows: readonly NodeRow[], now: number): void {
    const tokens = new Set(rows.map((row) => row.token));
    for (const token of this.changes.keys()) if (!tokens.has(token)) this.changes.delete(token);
    for (const { token, seenAt } of rows) {
      const at = seenAt.getTime();
      const known = this.changes.get(token);
      if (known?.seenAt === at) continue;
      // One that is old when first seen is dead, unless it moves.
      const isOld = !known && Date.now() - at > 2 * deadMs;
      const changedAt = isOld ? Number.NEGATIVE_INFINITY : now;
      this.changes.set(token, { seenAt: at, at: changedAt, hasMoved: known !== undefined });
    }
  }

  private warn(rows: readonly NodeRow[]): void {
    const { log, hasBus } = this.given;
    // One that was killed a moment ago and is being restarted looks alive; only what moves is another one.
    const isMoving = rows.some(({ token }) => this.changes.get(token)?.hasMoved);
    if (!this.hasWarned.bus && !hasBus && isMoving) {
      this.hasWarned.bus = true;
      log.warn(
        'another Aside process serves this database: set NATS_URL on both, or people connected to one do not see at once what happens on the other',
      );
    }
    const living = this.others();
    const isForeign = ({ token, secretMark }: NodeRow): boolean =>
      living.includes(token) && secretMark !== this.mark;
    if (!this.hasWarned.secret && rows.some(isForeign)) {
      this.hasWarned.secret = true;
      log.warn(
        'another Aside process of this community has a different secret: cookies, two-factor codes and unsubscribe links of one are refused by the other. Set the same ASIDE_AUTH_SECRET on all, such as the content of auth-secret in the oldest DATA_DIR',
      );
    }
  }
}
