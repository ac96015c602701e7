import type { ErrorCode, Message, Origin, Purpose } from '@aside/protocol';
import type { ConversationId, MessageId, PersonId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { onDelivered, onRequest, onWrite, placeAt } from '../domain/contact.ts';
import type { Permit } from '../domain/decide-send.ts';
import { useCredit } from '../domain/standing.ts';
import { giveBack } from '../storage/budget.ts';
import { toQuietBits } from '../storage/codes.ts';
import {
  findMembers,
  lockConversations,
  writeStances,
  type MemberRow,
} from '../storage/conversations.ts';
import type { Transaction } from '../storage/database.ts';
import { placingOf } from '../storage/inbox.ts';
import type { Act } from '../storage/ledger.ts';
import {
  findMessages,
  findReceipts,
  insertMessages,
  type NewMessage,
} from '../storage/messages.ts';
import { findReach } from '../storage/people.ts';
import { recordWriting } from './record-acts.ts';
import { weighSend, type Verdict } from './weigh-send.ts';
import type { World } from './world.ts';

// One batch of sends in one transaction. What is decided here is decided under the conversations' locks,
// so a block or an opt-out that was answered before is never overtaken by a message.

export interface PendingSend {
  conversationId: ConversationId;
  /** The sender named a person, not this conversation: it may be empty. */
  opens: boolean;
  senderId: PersonId;
  senderSuspended: boolean;
  clientId: string;
  /** The same in every try of one call, so that a try whose answer was lost is recognised. */
  messageId: MessageId;
  text: string;
  bodyHash: string;
  origin: Origin;
  /** As the server judged it. */
  purpose: Purpose;
  /** A stop word, and something was stopped by it. */
  isStop: boolean;
  /** It waited and its sender has signed in again: the brake lets it pass. */
  isReleased: boolean;
  resolve(sent: Sent): void;
  reject(error: unknown): void;
}

export interface Sent {
  message: Message;
  arrived: 'inbox' | 'requests';
  /** The client id had made this message before. */
  isRepeat: boolean;
}

type Outcome =
  | { kind: 'new'; message: NewMessage; arrives: 'inbox' | 'requests' }
  | { kind: 'repeat'; seq: number; arrived: 'inbox' | 'requests' }
  | { kind: 'refused'; refusal: Refusal };

export interface Gathered {
  heads: Map<ConversationId, number>;
  members: Map<ConversationId, MemberRow[]>;
  receipts: Map<string, { seq: number; bodyHash: string }>;
  /** For first contacts alone; or why it could not be read, which refuses them and nobody else. */
  reach: Map<PendingSend, Awaited<ReturnType<typeof findReach>>[number]> | Refusal;
  /** Members whose stance this batch has changed. */
  changed: Set<MemberRow>;
  /** What the senders' own writing means for their ledgers. */
  acts: Act[];
}

/** Settles every send of the batch. A failure that only one of them causes does not take the others with it. */
export async function commitSends(world: World, batch: PendingSend[]): Promise<void> {
  try {
    await commitBatch(world, batch);
  } catch (error) {
    if (batch.length === 1 || error instanceof Refusal) {
      await giveBackReserved(world, batch);
      for (const send of batch) send.reject(error);
      return;
    }
    world.log.warn(
      { err: error, size: batch.length },
      'a batch failed; its messages are tried one by one',
    );
    for (const send of batch) await commitSends(world, [send]);
  }
}

/** Nothing was written, so nothing is used up; should this fail as well, it counts for 30 days and then no more. */
async function giveBackReserved(world: World, batch: PendingSend[]): Promise<void> {
  const contacts = batch.map((send) => ({ senderId: send.senderId, contactId: send.messageId }));
  await giveBack(world.families.person, contacts).catch((error: unknown) =>
    world.log.warn({ err: error }, 'a first-contact budget was not given back'),
  );
}

async function commitBatch(world: World, batch: PendingSend[]): Promise<void> {
  /** Messages made by earlier tries of this batch; a try whose answer was lost may have committed them. */
  const madeBefore = new Set<string>();
  let fresh: NewMessage[] = [];
  let gathered: Gathered | undefined;
  const outcomes = await world.families.conversation.transaction(async (tx) => {
    for (const message of fresh) madeBefore.add(message.messageId);
    gathered = await gather(world, tx, batch);
    const decided = await decideBatch(world, tx, batch, gathered);
    fresh = decided.flatMap((outcome) => (outcome.kind === 'new' ? [outcome.message] : []));
    if (fresh.length > 0) insertMessages(tx, fresh);
    writeStances(tx, [...gathered.changed], new Date(world.clock.now()));
    await recordWriting(world, gathered.acts);
    return decided;
  });
  if (madeBefore.size > 0) {
    const repeats = await readRepeats(world, batch, outcomes);
    const ours = repeats.filter((message) => madeBefore.has(message.id));
    wakeMembers(world, batch, outcomes, gathered!, ours);
    batch.forEach((send, i) => settle(send, outcomes[i]!, repeats));
    return;
  }
  // Nothing may stand between the commit and the news of it.
  wakeMembers(world, batch, outcomes, gathered!, []);
  batch.forEach((send, i) => {
    if (outcomes[i]!.kind !== 'repeat') settle(send, outcomes[i]!, []);
  });
  await answerRepeats(world, batch, outcomes);
}

async function answerRepeats(
  world: World,
  batch: PendingSend[],
  outcomes: Outcome[],
): Promise<void> {
  const sends = batch.filter((_, i) => outcomes[i]!.kind === 'repeat');
  if (sends.length === 0) return;
  try {
    const repeats = await readRepeats(world, batch, outcomes);
    batch.forEach((send, i) => {
      if (outcomes[i]!.kind === 'repeat') settle(send, outcomes[i]!, repeats);
    });
  } catch (error) {
    for (const send of sends) send.reject(error);
  }
}

/**
 * Locks first, then reads: what is read after the lock cannot change before the commit. The three share one round
 * trip and run in this order, each seeing what was committed when it starts.
 */
async function gather(world: World, tx: Transaction, batch: PendingSend[]): Promise<Gathered> {
  const ids = [...new Set(batch.map((send) => send.conversationId))];
  const [locked, members, receipts] = await Promise.all([
    lockConversations(tx, ids),
    findMembers(tx, ids),
    findReceipts(tx, batch),
  ]);
  const needReach = batch.filter((send) => {
    const other = otherMember(members.get(send.conversationId) ?? [], send.senderId);
    return other !== null && other.contact !== 'accepted';
  });
  return {
    heads: new Map([...locked].map(([id, row]) => [id, row.headSeq])),
    members,
    receipts: new Map(receipts.map((receipt) => [receiptKey(receipt), receipt])),
    reach: await reachOf(world, needReach, members),
    changed: new Set(),
    acts: [],
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
async function decideBatch(
  world: World,
  tx: Transaction,
  batch: PendingSend[],
  gathered: Gathered,
): Promise<Outcome[]> {
  const outcomes = new Map<PendingSend, Outcome>();
  const byConversation = new Map<ConversationId, PendingSend[]>();
  for (const send of batch) push(byConversation, send.conversationId, send);
  await Promise.all(
    [...byConversation.values()].map(async (sends) => {
      for (const send of sends) outcomes.set(send, await decideOne(world, tx, send, gathered));
    }),
  );
  return batch.map((send) => outcomes.get(send)!);
}

async function decideOne(
  world: World,
  tx: Transaction,
  send: PendingSend,
  gathered: Gathered,
): Promise<Outcome> {
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
  // An empty conversation exists because one of the two blocked or allowed something; by its id it must not be found.
  const isUnseen = head === 0 || (!sender.wrote && placeAt(sender, world.clock.now()) === 'closed');
  if (isUnseen && !send.opens) return refused('not_found');
  if (gathered.reach instanceof Refusal && other && other.contact !== 'accepted') {
    return { kind: 'refused', refusal: gathered.reach };
  }
  const reach = gathered.reach instanceof Refusal ? undefined : gathered.reach.get(send);
  const verdict = await weighSend(world, tx, { send, head, sender, other, reach });
  return verdict.kind === 'refused' ? verdict : write(world, send, head + 1, verdict, gathered);
}

function refused(code: ErrorCode): Outcome {
  return { kind: 'refused', refusal: new Refusal(code) };
}

/** Takes the next number and notes what the message changes for both, so that the next one sees it. */
function write(
  world: World,
  send: PendingSend,
  seq: number,
  verdict: Verdict & { kind: 'let' },
  gathered: Gathered,
): Outcome {
  const now = world.clock.now();
  const { permit, allowedBy, credit } = verdict;
  const members = gathered.members.get(send.conversationId)!;
  const sender = members.find((member) => member.personId === send.senderId)!;
  const other = otherMember(members, send.senderId);
  const written = onWrite(sender, send.origin, seq, now);
  if (written.stance !== sender) change(gathered, sender, written.stance);
  if (written.act !== null && other !== null) {
    gathered.acts.push(writingAct(send, other.personId, written.act, now));
  }
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
  return { kind: 'new', message, arrives: permit.arrives };
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
      return { ...other, ...onDelivered(other) };
    case 'credit':
      return { ...other, ...onDelivered(useCredit(other, credit!, send.origin)) };
    case 'accepted':
    case 'stop':
    case 'self':
      return other;
  }
}

/** In place, because the batch holds the row; remembered, so that it is written. */
function change(gathered: Gathered, row: MemberRow, stance: Partial<MemberRow>): void {
  if (stance === row) return;
  Object.assign(row, stance);
  gathered.changed.add(row);
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

/** Each once, ascending by seq. */
async function readRepeats(
  world: World,
  batch: PendingSend[],
  outcomes: Outcome[],
): Promise<Message[]> {
  const keys = outcomes.flatMap((outcome, i) =>
    outcome.kind === 'repeat'
      ? [{ conversationId: batch[i]!.conversationId, seq: outcome.seq }]
      : [],
  );
  const found = await findMessages(world.families.conversation, keys);
  const plain = found.map(({ edited: _, ...message }) => message);
  return [...new Map(plain.map((message) => [message.id, message])).values()].sort(
    (a, b) => a.seq - b.seq,
  );
}

/**
 * `ours` are messages that an earlier try of this very batch committed before its connection was lost: they
 * look like repeats now, but nobody has been told of them yet.
 */
function wakeMembers(
  world: World,
  batch: PendingSend[],
  outcomes: Outcome[],
  { members }: Gathered,
  ours: Message[],
): void {
  const byConversation = new Map<ConversationId, Message[]>();
  for (const message of ours) {
    push(byConversation, message.conversationId as ConversationId, message);
  }
  outcomes.forEach((outcome, i) => {
    if (outcome.kind === 'new') {
      push(byConversation, batch[i]!.conversationId, toMessage(outcome.message));
    }
  });
  for (const [conversationId, messages] of byConversation) {
    const rows = members.get(conversationId) ?? [];
    const requests = new Set(rows.map((row) => row.requestedSeq));
    world.wake.messagesCommitted({
      conversationId,
      memberIds: rows.map((row) => row.personId),
      messages,
      requestSeqs: messages.flatMap(({ seq }) => (requests.has(seq) ? [seq] : [])),
      placings: new Map(rows.map((row) => [row.personId, placingOf(row)])),
    });
  }
}

function settle(send: PendingSend, outcome: Outcome, repeats: Message[]): void {
  switch (outcome.kind) {
    case 'refused':
      return send.reject(outcome.refusal);
    case 'new':
      return send.resolve({
        message: toMessage(outcome.message),
        arrived: outcome.arrives,
        isRepeat: false,
      });
    case 'repeat': {
      const message = repeats.find(
        (m) => m.conversationId === send.conversationId && m.seq === outcome.seq,
      );
      if (!message) return send.reject(new Refusal('not_found'));
      return send.resolve({ message, arrived: outcome.arrived, isRepeat: true });
    }
  }
}

function toMessage(row: NewMessage): Message {
  return {
    id: row.messageId,
    conversationId: row.conversationId,
    seq: row.seq,
    senderId: row.senderId,
    text: row.text,
    createdAt: row.createdAt.toISOString(),
    clientId: row.clientId,
    origin: row.origin,
    purpose: row.permit.purpose,
    ...(row.allowedBy ? { allowedBy: row.allowedBy.entryId } : {}),
  };
}

/** Null in a note to oneself. */
function otherMember(members: MemberRow[], senderId: PersonId): MemberRow | null {
  return members.find((member) => member.personId !== senderId) ?? null;
}

function receiptKey(key: { conversationId: string; senderId: string; clientId: string }): string {
  return `${key.conversationId} ${key.senderId} ${key.clientId}`;
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
