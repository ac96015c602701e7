import type { BusEvent } from './bus.ts';
import type { NodeClaim } from './node-claim.ts';
import { leaseMs, type NodeLease } from './node-lease.ts';
import type { Beat, Members, Said } from './node-members.ts';
import type { NatsLink } from './nats-link.ts';

// What nodes say to each other besides events: that they live, what they have heard, and whose sessions have ended,
// which every node must confirm. All of it goes by one subject, so that each hears it in the order it was said.

/** What takes effect on every node before the answer to whoever asked for it. */
export type Act = Extract<BusEvent, { type: 'sessions-ended' | 'suspension-changed' }>;

type Word =
  | Beat
  | (Said & { kind: 'act'; id: number; what: Act })
  | (Said & { kind: 'done'; to: string; id: number })
  | (Said & { kind: 'bye' });

const beatMs = 500;
/** Machines count time a little differently. */
const marginMs = 100;

interface Waiting {
  left: Set<string>;
  resolve: () => void;
}

export class NodeTalk {
  private readonly given: {
    link: NatsLink;
    subject: string;
    claim: NodeClaim;
    members: Members;
    lease: NodeLease;
    /** Does it here; must not fail. */
    onAct: (act: Act) => Promise<void>;
  };
  private said = 0;
  private acts = 0;
  private readonly waiting = new Map<number, Waiting>();
  private beating: NodeJS.Timeout | undefined;
  private unsubscribe: () => void = () => {};

  constructor(given: NodeTalk['given']) {
    this.given = given;
  }

  start(): void {
    const { link, subject, claim } = this.given;
    this.unsubscribe = link.subscribe(subject, (data) => this.hear(data));
    link.onUp(() => this.beat());
    claim.onLook(() => this.list());
    this.list();
    this.beating = setInterval(() => this.beat(), beatMs);
  }

  /**
   * Resolves when every other node has done it, or has no lease any more by which it could act as if nothing had
   * happened: after 2.1 s at most, in the first six seconds of this process after up to 6 s.
   */
  async tell(what: Act): Promise<void> {
    const { claim, members } = this.given;
    const now = performance.now();
    this.acts += 1;
    const id = this.acts;
    this.say({ kind: 'act', id, what });
    const left = new Set<string>();
    const done = Promise.withResolvers<void>();
    this.waiting.set(id, { left, resolve: done.resolve });
    const timers: NodeJS.Timeout[] = [];
    for (const [token, heardAt] of members.all()) {
      // One that does not hear us lives on what it read from the table, and believes that for as long as a lease.
      const until = Math.max(now + leaseMs + marginMs, heardAt === null ? claim.knownSince() : 0);
      left.add(token);
      timers.push(setTimeout(() => this.settle(token, id), until - now));
    }
    if (left.size > 0) await done.promise;
    this.waiting.delete(id);
    for (const timer of timers) clearTimeout(timer);
  }

  stop(): void {
    clearInterval(this.beating);
    this.say({ kind: 'bye' });
    this.unsubscribe();
    for (const { resolve } of this.waiting.values()) resolve();
  }

  private beat(): void {
    const { link, members, lease } = this.given;
    if (link.isUp) this.publish(members.beat((this.said += 1), performance.now()));
    lease.count();
  }

  private say(
    word:
      | { kind: 'act'; id: number; what: Act }
      | { kind: 'done'; to: string; id: number }
      | { kind: 'bye' },
  ): void {
    this.said += 1;
    this.publish({ ...word, from: this.given.claim.token, n: this.said });
  }

  private publish(word: Word): void {
    this.given.link.publish(this.given.subject, Buffer.from(JSON.stringify(word)));
  }

  private list(): void {
    const { claim, members, lease } = this.given;
    members.list(claim.others(), performance.now());
    lease.recheck();
  }

  private hear(data: Uint8Array): void {
    const { members, lease, claim } = this.given;
    const word = read(data);
    if (!word || word.from === claim.token) return;
    if (word.kind === 'bye') {
      members.leave(word.from);
      for (const id of this.waiting.keys()) this.settle(word.from, id);
      return lease.recheck();
    }
    const before = members.count;
    const isLost = members.hear(word, performance.now()) === 'lost';
    if (isLost) lease.doubt();
    // It waits to hear that we have heard it.
    if (members.count > before) this.beat();
    if (word.kind === 'act') void this.obey(word.from, word.id, word.what);
    if (word.kind === 'done' && word.to === claim.token) this.settle(word.from, word.id);
    if (members.count > before) lease.recheck();
    else lease.count();
  }

  private async obey(from: string, id: number, what: Act): Promise<void> {
    await this.given.onAct(what);
    this.say({ kind: 'done', to: from, id });
  }

  private settle(token: string, id: number): void {
    const waiting = this.waiting.get(id);
    if (waiting?.left.delete(token) && waiting.left.size === 0) waiting.resolve();
  }
}

/** Null for what a newer version may say. */
function read(data: Uint8Array): Word | null {
  try {
    const word = JSON.parse(Buffer.from(data).toString()) as Word;
    return ['beat', 'act', 'done', 'bye'].includes(word?.kind) ? word : null;
  } catch {
    return null;
  }
}
