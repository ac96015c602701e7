import type { Message, Tick } from '@aside/protocol';
import type { ConversationId, PersonId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Families } from '../storage/families.ts';
import { raiseInboxRows, type InboxChange, type InboxRow } from '../storage/inbox.ts';
import { deleteOutbox } from '../storage/messages.ts';

// Stop 6 of docs/life-of-a-message.md: after the commit, the inbox rows of every member, in batches.

export interface Feed {
  /** Takes note of committed messages; their inbox rows follow. Never waits, never throws. */
  add(event: Committed): void;
  /** Resolves when the rows of this person that are due now are written, or after `barrierMs`. */
  settled(personId: PersonId): Promise<void>;
  drained(): Promise<void>;
}

export interface Committed {
  conversationId: ConversationId;
  memberIds: readonly PersonId[];
  messages: readonly Pick<Message, 'seq' | 'senderId' | 'createdAt'>[];
}

interface Due {
  conversationId: ConversationId;
  memberIds: readonly PersonId[];
  headSeq: number;
  lastActivityAt: Date;
  /** How far each sender has read by having written. */
  readBy: Map<PersonId, number>;
}

const batchMax = 250;
/** Conversations waiting; what does not fit is left to the outbox and its sweeper. */
const waitingMax = 50_000;
const barrierMs = 2_000;
/** Messages of one conversation within this time share one write of its rows; whoever reads the list does not wait. */
const coalesceMs = 15;

export function createFeed(
  families: Families,
  log: Log,
  tell: (personId: PersonId, ticks: Tick[]) => void,
): Feed {
  const waiting = new Map<ConversationId, Due>();
  const barriers = createBarriers();
  let pause: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  function begin(): void {
    clearTimeout(pause);
    pause = undefined;
    running ??= work();
  }

  async function work(): Promise<void> {
    while (waiting.size > 0) {
      const batch = takeSome(waiting);
      try {
        await writeRows(families, batch, tell);
      } catch (error) {
        log.warn({ err: error, size: batch.length }, 'inbox rows not written; the sweeper will');
      }
      for (const due of batch) barriers.leave(due.memberIds);
      if (!barriers.areAwaited()) break;
    }
    running = undefined;
    plan();
  }

  function plan(): void {
    if (waiting.size > 0 && !running) pause ??= setTimeout(begin, coalesceMs);
  }

  return {
    add(event) {
      const earlier = waiting.get(event.conversationId);
      if (!earlier && waiting.size >= waitingMax) return;
      if (!earlier) barriers.enter(event.memberIds);
      waiting.set(event.conversationId, merge(earlier, event));
      plan();
    },
    settled(personId) {
      const settled = barriers.settled(personId);
      if (barriers.areAwaited()) begin();
      return settled;
    },
    async drained() {
      while (waiting.size > 0 || running) {
        begin();
        await running;
      }
    },
  };
}

function takeSome(waiting: Map<ConversationId, Due>): Due[] {
  const batch = [...waiting.values()].slice(0, batchMax);
  for (const due of batch) waiting.delete(due.conversationId);
  return batch;
}

function merge(earlier: Due | undefined, event: Committed): Due {
  const readBy = earlier?.readBy ?? new Map<PersonId, number>();
  for (const message of event.messages) {
    const sender = message.senderId as PersonId;
    readBy.set(sender, Math.max(readBy.get(sender) ?? 0, message.seq));
  }
  const newest = event.messages.at(-1);
  return {
    conversationId: event.conversationId,
    memberIds: event.memberIds,
    headSeq: Math.max(earlier?.headSeq ?? 0, newest?.seq ?? 0),
    lastActivityAt: new Date(
      Math.max(earlier?.lastActivityAt.getTime() ?? 0, Date.parse(newest?.createdAt ?? '1970')),
    ),
    readBy,
  };
}

/** Rows first, then the outbox: a crash in between repeats the rows, which changes nothing. */
async function writeRows(
  families: Families,
  batch: Due[],
  tell: (personId: PersonId, ticks: Tick[]) => void,
): Promise<void> {
  const rows = await raiseInboxRows(families.person, batch.flatMap(changesOf));
  tellRows(rows, tell);
  await deleteOutbox(
    families.conversation,
    batch.map((due) => ({ conversationId: due.conversationId, seq: due.headSeq })),
  );
}

function changesOf(due: Due): InboxChange[] {
  return due.memberIds.map((personId) => ({
    personId,
    conversationId: due.conversationId,
    peerId: due.memberIds.find((id) => id !== personId) ?? personId,
    headSeq: due.headSeq,
    readSeq: due.readBy.get(personId) ?? 0,
    lastActivityAt: due.lastActivityAt,
  }));
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
    muted: row.muted,
    lastActivityAt: row.lastActivityAt.toISOString(),
    pos: row.pos,
  };
}

interface Barriers {
  /** Somebody waits for rows to be written. */
  areAwaited(): boolean;
  enter(people: readonly PersonId[]): void;
  leave(people: readonly PersonId[]): void;
  settled(personId: PersonId): Promise<void>;
}

/** Who still has rows due, and who waits for them. Bounded by `waitingMax` conversations. */
function createBarriers(): Barriers {
  const due = new Map<PersonId, { count: number; wake: (() => void)[] }>();
  let awaited = 0;
  return {
    areAwaited: () => awaited > 0,
    enter(people) {
      for (const id of people) {
        const entry = due.get(id);
        if (entry) entry.count += 1;
        else due.set(id, { count: 1, wake: [] });
      }
    },
    leave(people) {
      for (const id of people) {
        const entry = due.get(id);
        if (!entry) continue;
        entry.count -= 1;
        if (entry.count > 0) continue;
        due.delete(id);
        for (const wake of entry.wake) wake();
      }
    },
    settled(personId) {
      const entry = due.get(personId);
      if (!entry) return Promise.resolve();
      awaited += 1;
      return new Promise((resolve) => {
        let isOver = false;
        const finish = (): void => {
          if (isOver) return;
          isOver = true;
          awaited -= 1;
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(finish, barrierMs);
        entry.wake.push(finish);
      });
    },
  };
}
