import { setTimeout as sleep } from 'node:timers/promises';
import type { Tick } from '@aside/protocol';
import type { PersonId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Families } from '../storage/families.ts';
import { findMoved, listInboxChanges } from '../storage/inbox.ts';
import { encode } from './encode.ts';
import { tellRows } from './feed.ts';
import type { InOrder } from './in-order.ts';
import type { Push } from './person-lines.ts';
import { createSlots } from './slots.ts';
import type { ToldPositions } from './told-positions.ts';

const peopleAtOnce = 1_000;
const healedAtOnce = 4;
const rowsAtOnce = 200;
/** What was written a moment ago is usually on its way. */
const graceMs = 150;

export interface Sweep {
  families: Families;
  told: ToldPositions;
  inOrder: InOrder;
  push: Push;
  log: Log;
}

/**
 * Finds people connected here whose inbox has changed without their having been told, because news from another node
 * was lost, and tells them: messages they miss, that the conversation changed, and the rows as a tick. Answers how
 * many it found. Repeating is harmless.
 */
export async function sweepConnected(sweep: Sweep): Promise<number> {
  const behind = new Map<PersonId, number>();
  let batch = new Map<PersonId, number>();
  const look = async (): Promise<void> => {
    for (const [id, pos] of await findMoved(sweep.families.person, batch)) behind.set(id, pos);
    batch = new Map();
  };
  for (const [personId, pos] of sweep.told.all()) {
    batch.set(personId, pos);
    if (batch.size === peopleAtOnce) await look();
  }
  if (batch.size > 0) await look();
  if (behind.size === 0) return 0;
  await sleep(graceMs);
  const lost = [...behind].filter(([personId, pos]) => sweep.told.of(personId) < pos);
  const slots = createSlots(healedAtOnce, lost.length);
  await Promise.all(
    lost.map(([personId, pos]) => slots.run(() => tellMissed(sweep, personId, pos))),
  );
  return lost.length;
}

/** One that fails is left to the next sweep and holds up nobody. */
async function tellMissed(sweep: Sweep, personId: PersonId, pos: number): Promise<void> {
  try {
    for (;;) {
      const from = sweep.told.of(personId);
      const rows = await listInboxChanges(sweep.families.person, personId, from, rowsAtOnce);
      const open = rows.filter((row) => row.folder !== 'closed');
      // Messages first: whoever sees the row before them would ask for what is about to come.
      for (const row of open) await sweep.inOrder.heal(personId, row.conversationId);
      const isLast = rows.length < rowsAtOnce;
      const upTo = Math.max(isLast ? pos : 0, rows.at(-1)?.pos ?? 0);
      tellRows(rows, (_, ticks) => pushTick(sweep, personId, ticks, upTo));
      sweep.told.raise(personId, upTo);
      if (isLast) return;
    }
  } catch (error) {
    sweep.log.warn({ err: error }, 'somebody could not be told what they missed; tried again');
  }
}

function pushTick(sweep: Sweep, personId: PersonId, rows: Tick[], pos: number): void {
  sweep.push(personId, encode({ t: 'tick', rows, pos }));
}
