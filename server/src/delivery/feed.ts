import { setTimeout as sleep } from 'node:timers/promises';
import type { Message, Tick } from '@aside/protocol';
import type { ConversationId, PersonId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Spread } from '../base/tally.ts';
import type { Families } from '../storage/families.ts';
import type { MemberRow } from '../storage/conversations.ts';
import { placingOf, raiseInboxRows, type InboxChange, type InboxRow } from '../storage/inbox.ts';
import { deleteOutbox } from '../storage/messages.ts';

// Stop 6 of docs/life-of-a-message.md: after the commit, the inbox rows of every member, in batches.

export interface Feed {
  /**
   * Takes note of committed messages; their inbox rows follow within a moment. Resolves when they are written, or
   * left to the sweeper because writing failed; never rejects, and nobody needs to wait.
   */
  add(event: Committed): Promise<void>;
  /** Resolves when the rows of this person that are due now are written; at most after `barrierMs`. */
  settled(personId: PersonId): Promise<void>;
  /** Resolves when nothing is due; for the end, when nothing new comes. */
  drained(): Promise<void>;
  /** Conversations whose rows are due. */
  readonly waiting: number;
}

export interface Committed {
  conversationId: ConversationId;
  memberIds: readonly PersonId[];
  messages: readonly Pick<Message, 'seq' | 'senderId' | 'createdAt'>[];
  /** The members as they stood at the commit. */
  members: readonly MemberRow[];
}

interface Due {
  conversationId: ConversationId;
  memberIds: readonly PersonId[];
  headSeq: number;
  lastActivityAt: Date;
  /** How far each sender has read by having written. */
  readBy: Map<PersonId, number>;
  members: readonly MemberRow[];
  written: PromiseWithResolvers<void>;
  /** When the first of its messages came, on the process' own clock. */
  sinceMs: number;
}

const batchMax = 250;
/** Conversations waiting; what does not fit is left to the outbox and its sweeper. */
const waitingMax = 50_000;
const barrierMs = 2_000;
/**
 * Messages of one conversation that come while the feed rests share one write of its rows. It rests nine times as long as
 * its last write took, so that it takes a tenth of a busy database and the commits, for which people wait, the rest.
 * Whoever reads the list does not wait for it.
 */
const restOf = (workMs: number): number => Math.min(500, Math.max(15, 9 * workMs));

export function createFeed(
  families: Families,
  log: Log,
  tell: (personId: PersonId, ticks: Tick[]) => void,
  delaySeconds: Spread,
): Feed {
  const write = writer(families, log, tell, delaySeconds);
  const waiting = new Map<ConversationId, Due>();
  const byPerson = createDueIndex();
  let pause: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let restMs = restOf(0);

  function begin(): void {
    clearTimeout(pause);
    pause = undefined;
    running ??= work();
  }

  async function work(): Promise<void> {
    const batch = takeSome(waiting);
    const began = performance.now();
    await write(batch);
    running = undefined;
    restMs = restOf(performance.now() - began);
    plan();
    for (const due of batch) {
      byPerson.remove(due);
      due.written.resolve();
    }
  }

  function plan(): void {
    if (waiting.size > 0 && !running) pause ??= setTimeout(begin, restMs);
  }

  return {
    add(event) {
      const earlier = waiting.get(event.conversationId);
      if (!earlier && waiting.size >= waitingMax) return Promise.resolve();
      const due = merge(earlier, event);
      waiting.set(event.conversationId, due);
      if (!earlier) byPerson.add(due);
      plan();
      return due.written.promise;
    },
    async settled(personId) {
      const due = byPerson.of(personId);
      if (due.length > 0) begin();
      await writtenSoon(due);
    },
    async drained() {
      for (; waiting.size > 0 || running; await running) begin();
    },
    get waiting() {
      return waiting.size;
    },
  };
}

/** Writes and never fails: what could not be written is left to the sweeper. */
function writer(
  families: Families,
  log: Log,
  tell: (personId: PersonId, ticks: Tick[]) => void,
  delaySeconds: Spread,
): (batch: Due[]) => Promise<void> {
  return async (batch) => {
    try {
      await writeRows(families, batch, tell);
    } catch (error) {
      log.warn({ err: error, size: batch.length }, 'inbox rows not written; the sweeper will');
      return;
    }
    // The first in line waited longest.
    if (batch[0]) delaySeconds.add((performance.now() - batch[0].sinceMs) / 1000);
  };
}

async function writtenSoon(due: Due[]): Promise<void> {
  if (due.length === 0) return;
  const written = Promise.all(due.map((one) => one.written.promise));
  await Promise.race([written, sleep(barrierMs, undefined, { ref: false })]);
}

function takeSome(waiting: Map<ConversationId, Due>): Due[] {
  const batch = [...waiting.values()].slice(0, batchMax);
  for (const due of batch) waiting.delete(due.conversationId);
  return batch;
}

/** Raises what is due already, so that whoever waits for it waits for this too. */
function merge(earlier: Due | undefined, event: Committed): Due {
  const readBy = earlier?.readBy ?? new Map<PersonId, number>();
  for (const message of event.messages) {
    const sender = message.senderId as PersonId;
    readBy.set(sender, Math.max(readBy.get(sender) ?? 0, message.seq));
  }
  const newest = event.messages.at(-1);
  const due: Due = earlier ?? {
    conversationId: event.conversationId,
    memberIds: event.memberIds,
    headSeq: 0,
    lastActivityAt: new Date(0),
    readBy,
    members: event.members,
    written: Promise.withResolvers<void>(),
    sinceMs: performance.now(),
  };
  if (earlier) due.members = latestOf(earlier.members, event.members);
  due.headSeq = Math.max(due.headSeq, newest?.seq ?? 0);
  const at = Date.parse(newest?.createdAt ?? '1970-01-01');
  due.lastActivityAt = new Date(Math.max(due.lastActivityAt.getTime(), at));
  return due;
}

/** Events may come out of order; where a conversation lies follows the row that has moved most often. */
function latestOf(known: readonly MemberRow[], given: readonly MemberRow[]): readonly MemberRow[] {
  return given.map((row) => {
    const other = known.find(({ personId }) => personId === row.personId);
    return other && other.placeRev > row.placeRev ? other : row;
  });
}

/** Rows first, then the outbox: a crash in between repeats the rows, which changes nothing. */
async function writeRows(
  families: Families,
  batch: Due[],
  tell: (personId: PersonId, ticks: Tick[]) => void,
): Promise<void> {
  if (batch.length === 0) return;
  const rows = await raiseInboxRows(families.person, batch.flatMap(changesOf));
  tellRows(rows, tell);
  await deleteOutbox(
    families.conversation,
    batch.map((due) => ({ conversationId: due.conversationId, seq: due.headSeq })),
  );
}

function changesOf(due: Due): InboxChange[] {
  const memberOf = (id: PersonId): MemberRow | undefined =>
    due.members.find((member) => member.personId === id);
  return due.memberIds.map((personId) => ({
    personId,
    conversationId: due.conversationId,
    peerId: due.memberIds.find((id) => id !== personId) ?? personId,
    headSeq: due.headSeq,
    readSeq: due.readBy.get(personId) ?? 0,
    lastActivityAt: due.lastActivityAt,
    ...placed(memberOf(personId)),
  }));
}

function placed(member: MemberRow | undefined): Pick<InboxChange, 'placing'> {
  return member ? { placing: placingOf(member) } : {};
}

/** Hands inbox rows on as ticks, one call per person. */
export function tellRows(
  rows: readonly InboxRow[],
  tell: (personId: PersonId, ticks: Tick[]) => void,
): void {
  const byPerson = new Map<PersonId, Tick[]>();
  for (const row of rows) {
    const ticks = byPerson.get(row.personId);
    if (ticks) ticks.push(toTick(row));
    else byPerson.set(row.personId, [toTick(row)]);
  }
  for (const [personId, ticks] of byPerson) tell(personId, ticks);
}

function toTick(row: InboxRow): Tick {
  return {
    conversationId: row.conversationId,
    headSeq: row.headSeq,
    readSeq: row.readSeq,
    folder: row.folder,
    quiet: row.quiet !== 0,
    muted: row.muted,
    lastActivityAt: row.lastActivityAt.toISOString(),
    pos: row.pos,
  };
}

/** Which rows each person waits for; bounded by `waitingMax` conversations and one batch. */
function createDueIndex(): {
  add(due: Due): void;
  remove(due: Due): void;
  of(personId: PersonId): Due[];
} {
  const byPerson = new Map<PersonId, Set<Due>>();
  return {
    add(due) {
      for (const id of due.memberIds) {
        const set = byPerson.get(id) ?? new Set();
        byPerson.set(id, set.add(due));
      }
    },
    remove(due) {
      for (const id of due.memberIds) {
        const set = byPerson.get(id);
        set?.delete(due);
        if (set?.size === 0) byPerson.delete(id);
      }
    },
    of: (personId) => [...(byPerson.get(personId) ?? [])],
  };
}
