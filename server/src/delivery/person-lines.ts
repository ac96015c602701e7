import type { Message, Tick } from '@aside/protocol';
import type { Clock } from '../base/clock.ts';
import type { ConversationId, PersonId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import { Refusal } from '../base/refusal.ts';
import type { Families } from '../storage/families.ts';
import { findLastSeqBefore, readMessages } from '../storage/messages.ts';
import { seeMessages } from '../storage/seen-messages.ts';
import { conversationVisibleTo, type VisibleConversation } from '../storage/visible.ts';
import { encode } from './encode.ts';
import type { Slots } from './slots.ts';

// One person who is connected: for each conversation the last seq they were told here, and what waits for the one
// before it.

export interface LineDeps {
  families: Families;
  clock: Clock;
  log: Log;
  push: Push;
  /** Bounds how many read at once. */
  slots: Slots;
}

/** Hands a frame to all sockets of this person here. */
export type Push = (personId: PersonId, frame: Buffer) => void;

const linesMax = 256;
const heldMax = 200;
const pageSize = 200;
/** How long a message waits for the one before it, which usually is on its way. */
const patienceMs = 50;
const retryMs = 1_000;
interface Line {
  id: ConversationId;
  /** Null: not known yet. */
  last: number | null;
  /** When that message was made. */
  at: number;
  held: Map<number, Item>;
  /** Something was dropped or is expected, which only the table has. */
  isShort: boolean;
  timer: NodeJS.Timeout | undefined;
  pulling: Promise<void> | undefined;
}

/** A message on its way to sockets. */
export interface Item {
  seq: number;
  at: number;
  frame: Buffer;
}

export function itemOf(message: Message, arrived: 'inbox' | 'requests'): Item {
  const { conversationId, seq, createdAt } = message;
  const frame = encode({ t: 'message', conversationId, message, arrived });
  return { seq, at: Date.parse(createdAt), frame };
}

export class PersonLines {
  private readonly personId: PersonId;
  private readonly deps: LineDeps;
  /** When they came, by the clock that dates messages. */
  private readonly since: number;
  /** What was made until then may have been told already, in a conversation that was forgotten here. */
  private forgottenUntil = 0;
  /** The least recent first. */
  private readonly lines = new Map<ConversationId, Line>();
  private isClosed = false;

  constructor(personId: PersonId, deps: LineDeps) {
    this.personId = personId;
    this.deps = deps;
    this.since = deps.clock.now();
  }

  close(): void {
    this.isClosed = true;
    for (const line of this.lines.values()) clear(line);
  }

  /** `previousAt`: when the message before it was made, or later. */
  take(id: ConversationId, item: Item, previousAt: number): void {
    const line = this.line(id, item.seq, previousAt);
    if (line.last !== null && item.seq <= line.last) return;
    if (line.last !== null && item.seq === line.last + 1) {
      this.tell(line, item);
      this.release(line);
      return;
    }
    if (line.held.size < heldMax) line.held.set(item.seq, item);
    else line.isShort = true;
    // Not known: what came since they are here is read at once; there is nothing to wait for.
    this.plan(line, line.last === null ? 0 : patienceMs);
  }

  expect({ conversationId, headSeq, lastActivityAt }: Tick): void {
    const id = conversationId as ConversationId;
    const known = this.lines.get(id);
    if (known ? headSeq <= (known.last ?? -1) : Date.parse(lastActivityAt) <= this.floor()) return;
    const line = known ?? this.line(id, null, Number.POSITIVE_INFINITY);
    line.isShort = true;
    this.plan(line, patienceMs);
  }

  async heal(id: ConversationId): Promise<void> {
    const line = this.line(id, null, Number.POSITIVE_INFINITY);
    // One under way may have looked before the news.
    await line.pulling;
    await this.pull(line);
    if (!this.isCurrent(line)) return;
    const { rev } = await conversationVisibleTo(this.deps, this.personId, id);
    this.deps.push(this.personId, encode({ t: 'changed', conversationId: id, rev }));
  }

  private tell(line: Line, item: Item): void {
    line.last = item.seq;
    line.at = Math.max(line.at, item.at);
    this.deps.push(this.personId, item.frame);
  }

  private release(line: Line): void {
    if (line.held.size > 0) {
      for (let next; (next = line.held.get((line.last ?? -1) + 1));) this.tell(line, next);
      for (const seq of line.held.keys()) if (seq <= (line.last ?? -1)) line.held.delete(seq);
    }
    if (line.held.size === 0 && !line.isShort) clear(line);
  }

  private plan(line: Line, afterMs: number): void {
    if (line.pulling) return;
    if (afterMs === 0) void this.pull(line);
    else line.timer ??= setTimeout(() => void this.pull(line), afterMs);
  }

  /** Never fails: what cannot be read now is tried again while something waits for it. */
  private pull(line: Line): Promise<void> {
    clear(line);
    const before = line.last;
    line.pulling ??= this.pullOnce(line).finally(() => {
      line.pulling = undefined;
      const isWaiting = line.held.size > 0 || line.isShort;
      const pauseMs = line.last === before ? retryMs : patienceMs;
      if (isWaiting && this.isCurrent(line)) this.plan(line, pauseMs);
    });
    return line.pulling;
  }

  private async pullOnce(line: Line): Promise<void> {
    try {
      await this.deps.slots.run(() => this.readOn(line));
    } catch (error) {
      line.isShort = true;
      if (error instanceof Refusal && error.code === 'not_found') this.lines.delete(line.id);
      else this.deps.log.warn({ err: error }, 'messages not read that a node made; tried again');
    }
  }

  private async readOn(line: Line): Promise<void> {
    const { conversation } = this.deps.families;
    line.isShort = false;
    const seen = await conversationVisibleTo(this.deps, this.personId, line.id);
    line.last ??= await findLastSeqBefore(conversation, line.id, new Date(this.floor()));
    for (let after = line.last; after < seen.headSeq;) {
      const stored = await readMessages(conversation, line.id, { after }, pageSize);
      const shown = await seeMessages(conversation, stored, () => this.personId);
      if (shown.length === 0 || !this.isCurrent(line)) break;
      for (const { message } of shown) {
        const isNext = message.seq === line.last + 1;
        if (isNext) this.tell(line, itemOf(message, arrivedAs(seen, message.seq)));
      }
      after = shown.at(-1)!.message.seq;
    }
    if (this.isCurrent(line)) this.release(line);
  }

  private isCurrent(line: Line): boolean {
    return !this.isClosed && this.lines.get(line.id) === line;
  }

  /**
   * What was made until then is not told anew: their welcome covers it, or a tick that follows it, or nobody can say
   * whether it was told.
   */
  private floor(): number {
    return Math.max(this.since, this.forgottenUntil);
  }

  /** The line of a conversation; a new one begins before `seq` if nothing before it can be missing. */
  private line(id: ConversationId, seq: number | null, previousAt: number): Line {
    const known = this.lines.get(id);
    if (known) {
      this.lines.delete(id);
      this.lines.set(id, known);
      return known;
    }
    const isWhole = seq !== null && (seq === 1 || previousAt <= this.floor());
    const line: Line = {
      id,
      last: isWhole ? seq - 1 : null,
      at: 0,
      held: new Map(),
      isShort: false,
      timer: undefined,
      pulling: undefined,
    };
    this.lines.set(id, line);
    if (this.lines.size > linesMax) this.forgetOne();
    return line;
  }

  /** The least recent at which nothing waits. */
  private forgetOne(): void {
    for (const [id, line] of this.lines) {
      if (line.held.size > 0 || line.isShort || line.pulling) continue;
      this.forgottenUntil = Math.max(this.forgottenUntil, line.at);
      this.lines.delete(id);
      return;
    }
  }
}

function clear(line: Line): void {
  clearTimeout(line.timer);
  line.timer = undefined;
}

function arrivedAs(seen: VisibleConversation, seq: number): 'inbox' | 'requests' {
  return seen.members.some((member) => member.requestedSeq === seq) ? 'requests' : 'inbox';
}
