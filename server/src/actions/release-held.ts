import type { HeldMessage } from '@aside/protocol';
import type { PersonId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { dayMs } from '../domain/contact.ts';
import { isSuspended } from '../storage/accounts.ts';
import {
  deleteHeld,
  heldMax,
  listHeld,
  pruneHeld,
  releaseHosts,
  type HeldRow,
} from '../storage/brake.ts';
import type { Sender } from './send-message.ts';
import type { World } from './world.ts';

// Messages that the brake holds back until their sender has shown that it is them.

const heldKeptMs = 7 * dayMs;
const prunedAtOnce = 500;

/** What waits for this person, oldest first; at most 1,000. */
export async function viewHeld(world: World, personId: PersonId): Promise<HeldMessage[]> {
  const rows = await listHeld(world.families.person, personId, heldMax);
  return rows.map((row) => ({
    clientId: row.clientId,
    conversationId: row.conversationId,
    text: row.text,
    heldAt: row.at.toISOString(),
  }));
}

/**
 * The person has signed in again: what waited is sent now, each decided anew as if it had just been written. What is
 * refused now is dropped, and its sender's devices are told.
 */
export async function releaseHeld(world: World, sender: Sender, personId: PersonId): Promise<void> {
  const { person } = world.families;
  const rows = await listHeld(person, personId, heldMax);
  if (rows.length === 0) return;
  await releaseHosts(person, personId, new Date(world.clock.now()));
  // Who is suspended can sign in as well.
  const senderSuspended = await isSuspended(world.families.identity, personId);
  for (const row of rows) await releaseOne(world, sender, row, senderSuspended);
}

async function releaseOne(
  world: World,
  sender: Sender,
  row: HeldRow,
  senderSuspended: boolean,
): Promise<void> {
  try {
    await sender.release({
      senderId: row.senderId,
      senderSuspended,
      senderKind: 'person',
      origin: 'interactive',
      to: { conversationId: row.conversationId },
      clientId: row.clientId,
      text: row.text,
    });
  } catch (error) {
    // Anything but a refusal may pass: the row stays, for the next time they sign in.
    if (!(error instanceof Refusal) || error.code === 'overloaded') throw error;
    tellDropped(world, row, error.code);
  }
  await deleteHeld(world.families.person, row.senderId, { heldId: row.heldId });
}

/** The sender takes a waiting message back. Refuses `not_found` when there is none under this client id. */
export async function takeBackHeld(
  world: World,
  personId: PersonId,
  clientId: string,
): Promise<void> {
  const rows = await deleteHeld(world.families.person, personId, { clientId });
  if (rows.length === 0) throw new Refusal('not_found');
  for (const row of rows) tellDropped(world, row);
}

/** Drops what nobody signed in for within 7 days. */
export async function dropOldHeld(world: World): Promise<void> {
  for (;;) {
    const before = new Date(world.clock.now() - heldKeptMs);
    const rows = await pruneHeld(world.families.person, before, prunedAtOnce);
    for (const row of rows) tellDropped(world, row, 'held');
    if (rows.length < prunedAtOnce) return;
  }
}

function tellDropped(
  world: World,
  { senderId, conversationId, clientId }: HeldRow,
  code?: Refusal['code'],
): void {
  const event = { personId: senderId, conversationId, clientId };
  world.wake.heldDropped(code === undefined ? event : { ...event, code });
}
