import type { ErrorCode, Message } from '@aside/protocol';
import type { ConversationId, PersonId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { onDelivered, onRequest, onWrite, placeAt, type Stance } from '../domain/contact.ts';
import type { Permit } from '../domain/decide-send.ts';
import { useCredit } from '../domain/standing.ts';
import { giveBack } from '../storage/budget.ts';
import { toQuietBits } from '../storage/codes.ts';
import type { MemberRow } from '../storage/conversations.ts';
import type { Transaction } from '../storage/database.ts';
import type { Act } from '../storage/ledger.ts';
import type { KnownMembers, MemberMemory } from '../storage/members-under-lock.ts';
import { findReceipts, type NewMessage } from '../storage/messages.ts';
import { findReach } from '../storage/people.ts';
import type { PendingSend } from './pending-send.ts';
import { recordWriting } from './record-acts.ts';
import { toTold } from './tell-committed.ts';
import { weighAtOnce, weighSend, type Case, type Verdict } from './weigh-send.ts';
import type { World } from './world.ts';

// Stops 2 and 3 of docs/life-of-a-message.md for a whole batch: what is read and decided here is read and decided
// under the conversations' locks, so a block or an opt-out that was answered before is never overtaken by a message.

export type Outcome =
  | { kind: 'new'; message: NewMessage; told: Message; arrives: 'inbox' | 'requests' }
  | { kind: 'repeat'; seq: number; arrived: 'inbox' | 'requests' }
  | { kind: 'refused'; refusal: Refusal };

export interface Gathered {
  heads: Map<ConversationId, number>;
  /** When the newest message before this batch was made; milliseconds since 1970. */
  previousAt: Map<ConversationId, number>;
  members: Map<ConversationId, MemberRow[]>;
  receipts: Map<string, { seq: number; bodyHash: string }>;
  /** For first contacts alone; or why it could not be read, which refuses them and nobody else. */
  reach: Map<PendingSend, Awaited<ReturnType<typeof findReach>>[number]> | Refusal;
  /** Members whose stance this batch has changed. */
  changed: Set<MemberRow>;
}

/**
 * Locks first, then reads: what is read after the lock cannot change before the commit. The three share one round
 * trip and run in this order, each seeing what was committed when it starts.
 */
export async function gather(
  world: World,
  tx: Transaction,
  batch: PendingSend[],
  memory: MemberMemory,
): Promise<Gathered> {
  const ids = [...new Set(batch.map((send) => send.conversationId))];
  const [{ heads, members }, receipts] = await Promise.all([
    memory.lock(tx, ids),
    findReceipts(tx, batch),
  ]);
  const needReach = batch.filter((send) => {
    const other = otherMember(members.get(send.conversationId) ?? [], send.senderId);
    return other !== null && other.contact !== 'accepted';
  });
  return {
    heads: new Map([...heads].map(([id, head]) => [id, head.headSeq])),
    previousAt: new Map([...heads].map(([id, head]) => [id, head.lastActivityMs])),
    members,
    receipts: new Map(receipts.map((receipt) => [receiptKey(receipt), receipt])),
    reach: await reachOf(world, needReach, members),
    changed: new Set(),
  };
}

/** Only first contacts need the recipient's settings; they live in the other family and are read under our lock. */
async function reachOf(
  world: World,
  sends: PendingSend[],
  members: Map<ConversationId, MemberRow[]>,
): Promise<Gathered['reach']> {
  if (sends.length === 0) return new Map();
  const pairs = sends.map((send) => ({
    recipientId: otherMember(members.get(send.conversationId) ?? [], send.senderId)!.personId,
    senderId: send.senderId,
  }));
  try {
    const answers = await findReach(world.families.person, pairs);
    return new Map(sends.map((send, i) => [send, answers[i]!]));
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** In the order they came within a conversation, because one answer opens the way for the next; conversations side by side. */
export async function decideBatch(
  world: World,
  tx: Transaction,
  batch: PendingSend[],
  gathered: Gathered,
): Promise<Outcome[]> {
  const outcomes = new Map<PendingSend, Outcome>();
  // Those that need to read more; what comes after one of them in its conversation waits for it.
  const late = new Map<ConversationId, PendingSend[]>();
  for (const send of batch) {
    const outcome = late.has(send.conversationId) ? null : decideAtOnce(world, send, gathered);
    if (outcome) outcomes.set(send, outcome);
    else push(late, send.conversationId, send);
  }
  await Promise.all(
    [...late.values()].map(async (sends) => {
      for (const send of sends) outcomes.set(send, await decideOne(world, tx, send, gathered));
    }),
  );
  return batch.map((send) => outcomes.get(send)!);
}

/**
 * Leave to write, if these members alone give it and the message changes nothing about them; else null. `known` may be
 * out of date: the caller writes only if it is not.
 */
export function permitAtOnce(world: World, send: PendingSend, known: KnownMembers): Permit | null {
  const { headSeq, members } = known;
  const sender = members.find((member) => member.personId === send.senderId);
  if (sender === undefined || sender.gone || headSeq === 0) return null;
  const other = otherMember(members, send.senderId);
  if (other !== null && other.contact !== 'accepted') return null;
  if (isUnseen(world, headSeq, sender) && !send.opens) return null;
  const verdict = weighAtOnce(world, { send, head: headSeq, sender, other, reach: undefined });
  if (verdict?.kind !== 'let') return null;
  const { stance, act } = onWrite(sender, send.origin, headSeq + 1, world.clock.now());
  const { permit } = verdict;
  const changesNothing =
    stance === sender && (permit.ground === 'accepted' || permit.ground === 'self');
  return changesNothing && act === null ? permit : null;
}

/** An empty conversation exists because one of the two blocked or allowed something; by its id it must not be found. */
function isUnseen(world: World, head: number, sender: MemberRow): boolean {
  return head === 0 || (!sender.wrote && placeAt(sender, world.clock.now()) === 'closed');
}

/** Where nothing but the locked rows decides, which is nearly always: between people who have accepted each other. */
function decideAtOnce(world: World, send: PendingSend, gathered: Gathered): Outcome | null {
  const given = lookUp(world, send, gathered);
  if ('kind' in given) return given;
  const verdict = weighAtOnce(world, given);
  if (verdict === null || verdict.kind === 'refused') return verdict;
  const seq = given.head + 1;
  const written = onWrite(given.sender, send.origin, seq, world.clock.now());
  if (written.act !== null && given.other !== null) return null;
  return write(world, send, { seq, own: written.stance, verdict, gathered });
}

async function decideOne(
  world: World,
  tx: Transaction,
  send: PendingSend,
  gathered: Gathered,
): Promise<Outcome> {
  const given = lookUp(world, send, gathered);
  if ('kind' in given) return given;
  const { sender, other } = given;
  const seq = given.head + 1;
  try {
    const verdict = await weighSend(world, tx, given);
    if (verdict.kind === 'refused') return verdict;
    const written = onWrite(sender, send.origin, seq, world.clock.now());
    if (written.act !== null && other !== null) {
      await recordWriting(world, writingAct(send, other.personId, written.act, world.clock.now()));
    }
    return write(world, send, { seq, own: written.stance, verdict, gathered });
  } catch (error) {
    // The person family did not answer: only those who need it are refused, the rest of the batch goes on.
    if (!(error instanceof Refusal)) throw error;
    await giveBackReserved(world, [send]);
    return { kind: 'refused', refusal: error };
  }
}

/** What the decision needs of what was gathered; or the answer, where there is nothing to decide. */
function lookUp(world: World, send: PendingSend, gathered: Gathered): Case | Outcome {
  const head = gathered.heads.get(send.conversationId);
  const members = gathered.members.get(send.conversationId) ?? [];
  const sender = members.find((member) => member.personId === send.senderId);
  if (head === undefined || sender === undefined || sender.gone) return refused('not_found');
  const other = otherMember(members, send.senderId);
  const receipt = gathered.receipts.get(receiptKey(send));
  if (receipt) {
    if (receipt.bodyHash !== send.bodyHash) return refused('client_id_reused');
    const wasRequest = other !== null && other.requestedSeq === receipt.seq;
    return { kind: 'repeat', seq: receipt.seq, arrived: wasRequest ? 'requests' : 'inbox' };
  }
  if (isUnseen(world, head, sender) && !send.opens) return refused('not_found');
  if (gathered.reach instanceof Refusal && other && other.contact !== 'accepted') {
    return { kind: 'refused', refusal: gathered.reach };
  }
  const reach = gathered.reach instanceof Refusal ? undefined : gathered.reach.get(send);
  return { send, head, sender, other, reach };
}

function refused(code: ErrorCode): Outcome {
  return { kind: 'refused', refusal: new Refusal(code) };
}

/** Takes the next number and notes what the message changes for both, so that the next one sees it. */
function write(
  world: World,
  send: PendingSend,
  given: { seq: number; own: Stance; verdict: Verdict & { kind: 'let' }; gathered: Gathered },
): Outcome {
  const now = world.clock.now();
  const { seq, own, gathered } = given;
  const { permit, allowedBy, credit } = given.verdict;
  const members = gathered.members.get(send.conversationId)!;
  const sender = members.find((member) => member.personId === send.senderId)!;
  const other = otherMember(members, send.senderId);
  change(gathered, sender, own);
  if (other !== null) change(gathered, other, received(other, permit, seq, credit, send, now));
  gathered.heads.set(send.conversationId, seq);
  gathered.receipts.set(receiptKey(send), { seq, bodyHash: send.bodyHash });
  const message: NewMessage = {
    conversationId: send.conversationId,
    seq,
    messageId: send.messageId,
    senderId: send.senderId,
    createdAt: new Date(now),
    origin: send.origin,
    permit,
    allowedBy,
    text: send.text,
    clientId: send.clientId,
    bodyHash: send.bodyHash,
  };
  return { kind: 'new', message, told: toTold(message), arrives: permit.arrives };
}

/** How the recipient stands once the message is there. */
function received(
  other: MemberRow,
  permit: Permit,
  seq: number,
  credit: (Verdict & { kind: 'let' })['credit'],
  send: PendingSend,
  now: number,
): MemberRow {
  switch (permit.ground) {
    case 'request':
      return { ...other, ...onRequest(other, seq, toQuietBits(permit.quiet), now) };
    case 'grant':
    case 'unruled':
      return { ...other, ...onDelivered(other) };
    case 'credit':
      return { ...other, ...onDelivered(useCredit(other, credit!, send.origin)) };
    case 'accepted':
    case 'self':
      return other;
  }
}

/** The batch goes on with the new row, and remembers that it must be written. */
function change(gathered: Gathered, row: MemberRow, stance: Stance): void {
  if (stance === row) return;
  const members = gathered.members.get(row.conversationId)!;
  const next = { ...row, ...stance };
  members[members.indexOf(row)] = next;
  gathered.changed.delete(row);
  gathered.changed.add(next);
}

function writingAct(
  send: PendingSend,
  otherId: PersonId,
  kind: 'wrote_first' | 'replied',
  now: number,
): Act {
  return {
    personId: send.senderId,
    entryId: send.messageId,
    at: new Date(now),
    kind,
    otherId,
    purpose: 'personal',
    via: send.origin === 'automated' ? 'key' : 'message',
    wording: null,
    conversationId: send.conversationId,
  };
}

/** Nothing was written, so nothing is used up; should this fail as well, it counts for 30 days and then no more. */
export async function giveBackReserved(world: World, batch: PendingSend[]): Promise<void> {
  const contacts = batch.map((send) => ({ senderId: send.senderId, contactId: send.messageId }));
  await giveBack(world.families.person, contacts).catch((error: unknown) =>
    world.log.warn({ err: error }, 'a first-contact budget was not given back'),
  );
}

/** Null in a note to oneself. */
function otherMember(members: readonly MemberRow[], senderId: PersonId): MemberRow | null {
  return members.find((member) => member.personId !== senderId) ?? null;
}

export function receiptKey(key: {
  conversationId: string;
  senderId: string;
  clientId: string;
}): string {
  return `${key.conversationId} ${key.senderId} ${key.clientId}`;
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
