import type { Message } from '@aside/protocol';
import type { ConversationId, MessageId, PersonId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { decideSend } from '../domain/decide-send.ts';
import {
  findMembers,
  lockConversations,
  markWrote,
  type MemberRow,
} from '../storage/conversations.ts';
import type { Queries } from '../storage/database.ts';
import {
  findMessages,
  findReceipts,
  insertMessages,
  type NewMessage,
} from '../storage/messages.ts';
import { findReach } from '../storage/people.ts';
import type { World } from './world.ts';

// One batch of sends in one transaction. What is decided here is decided under the conversations' locks,
// so a block that was answered before is never overtaken by a message.

export interface PendingSend {
  conversationId: ConversationId;
  /** The sender named a person, not this conversation: it may be empty. */
  opens: boolean;
  senderId: PersonId;
  clientId: string;
  text: string;
  bodyHash: string;
  origin: Message['origin'];
  purpose: Message['purpose'];
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
  | { kind: 'new'; message: NewMessage; arrives: 'inbox' }
  | { kind: 'repeat'; seq: number }
  | { kind: 'refused'; refusal: Refusal };

interface Gathered {
  heads: Map<ConversationId, number>;
  members: Map<ConversationId, MemberRow[]>;
  receipts: Map<string, { seq: number; bodyHash: string }>;
  /** For first contacts alone; or why it could not be read, which refuses them and nobody else. */
  reach: Map<PendingSend, Awaited<ReturnType<typeof findReach>>[number]> | Refusal;
}

/** Settles every send of the batch. A failure that only one of them causes does not take the others with it. */
export async function commitSends(world: World, batch: PendingSend[]): Promise<void> {
  try {
    await commitBatch(world, batch);
  } catch (error) {
    if (batch.length === 1 || error instanceof Refusal) {
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

async function commitBatch(world: World, batch: PendingSend[]): Promise<void> {
  /** Messages made by earlier tries of this batch; a try whose answer was lost may have committed them. */
  const madeBefore = new Set<string>();
  let fresh: NewMessage[] = [];
  let gathered: Gathered | undefined;
  const outcomes = await world.families.conversation.transaction(async (tx) => {
    for (const message of fresh) madeBefore.add(message.messageId);
    gathered = await gather(world, tx, batch);
    const decided = decideBatch(world, batch, gathered);
    fresh = decided.flatMap((outcome) => (outcome.kind === 'new' ? [outcome.message] : []));
    if (fresh.length > 0) insertMessages(tx, fresh);
    const firsts = firstWriters(fresh, gathered.members);
    if (firsts.length > 0) markWrote(tx, firsts, new Date(world.clock.now()));
    return decided;
  });
  if (madeBefore.size > 0) {
    const repeats = await readRepeats(world, batch, outcomes);
    const ours = repeats.filter((message) => madeBefore.has(message.id));
    wakeMembers(world, batch, outcomes, gathered!.members, ours);
    batch.forEach((send, i) => settle(send, outcomes[i]!, repeats));
    return;
  }
  // Nothing may stand between the commit and the news of it.
  wakeMembers(world, batch, outcomes, gathered!.members, []);
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
async function gather(world: World, tx: Queries, batch: PendingSend[]): Promise<Gathered> {
  const ids = [...new Set(batch.map((send) => send.conversationId))];
  const [locked, members, receipts] = await Promise.all([
    lockConversations(tx, ids),
    findMembers(tx, ids),
    findReceipts(tx, batch),
  ]);
  const needReach = batch.filter((send) => {
    const other = otherMember(members.get(send.conversationId) ?? [], send.senderId);
    return other !== null && !other.wrote;
  });
  return {
    heads: new Map([...locked].map(([id, row]) => [id, row.headSeq])),
    members,
    receipts: new Map(receipts.map((receipt) => [receiptKey(receipt), receipt])),
    reach: await reachOf(world, needReach, members),
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

function decideBatch(world: World, batch: PendingSend[], gathered: Gathered): Outcome[] {
  const wrote = new Set<string>();
  return batch.map((send) => {
    const outcome = decideOne(world, send, gathered, wrote);
    if (outcome.kind === 'new') {
      gathered.heads.set(send.conversationId, outcome.message.seq);
      gathered.receipts.set(receiptKey(send), {
        seq: outcome.message.seq,
        bodyHash: send.bodyHash,
      });
      wrote.add(`${send.conversationId} ${send.senderId}`);
    }
    return outcome;
  });
}

/** `wrote` holds who has written earlier in this batch, because their answer already opens the conversation. */
function decideOne(
  world: World,
  send: PendingSend,
  gathered: Gathered,
  wrote: Set<string>,
): Outcome {
  const head = gathered.heads.get(send.conversationId);
  const members = gathered.members.get(send.conversationId) ?? [];
  const sender = members.find((member) => member.personId === send.senderId);
  if (head === undefined || sender === undefined || sender.gone) {
    return { kind: 'refused', refusal: new Refusal('not_found') };
  }
  const receipt = gathered.receipts.get(receiptKey(send));
  if (receipt) {
    return receipt.bodyHash === send.bodyHash
      ? { kind: 'repeat', seq: receipt.seq }
      : { kind: 'refused', refusal: new Refusal('client_id_reused') };
  }
  // An empty conversation exists because one of the two blocked the other; by its id it must not be found.
  if (head === 0 && !send.opens) return { kind: 'refused', refusal: new Refusal('not_found') };
  const other = otherMember(members, send.senderId);
  if (gathered.reach instanceof Refusal && other && !other.wrote) {
    return { kind: 'refused', refusal: gathered.reach };
  }
  const reach = gathered.reach instanceof Refusal ? undefined : gathered.reach.get(send);
  const decision = decideSend({
    isSelf: other === null,
    recipientGone: (other?.gone ?? false) || (reach?.gone ?? false),
    recipientBlocksSender: other?.blocks ?? false,
    senderBlocksRecipient: sender.blocks,
    recipientWrote:
      (other?.wrote ?? false) || wrote.has(`${send.conversationId} ${other?.personId ?? ''}`),
    recipientFollowsSender: reach?.follows ?? false,
    reach: reach?.reach ?? 'nobody',
  });
  if (decision.outcome === 'refuse') {
    return { kind: 'refused', refusal: new Refusal(decision.code) };
  }
  return { kind: 'new', message: newMessage(world, send, head + 1), arrives: decision.arrives };
}

function newMessage(world: World, send: PendingSend, seq: number): NewMessage {
  return {
    conversationId: send.conversationId,
    seq,
    messageId: world.ids.next<MessageId>(),
    senderId: send.senderId,
    createdAt: new Date(world.clock.now()),
    origin: send.origin,
    purpose: send.purpose,
    text: send.text,
    clientId: send.clientId,
    bodyHash: send.bodyHash,
  };
}

/** Senders who write here for the first time; from now on the other may always answer. */
function firstWriters(fresh: NewMessage[], members: Gathered['members']): MemberRow[] {
  const firsts = fresh.flatMap((message) =>
    (members.get(message.conversationId) ?? []).filter(
      (member) => member.personId === message.senderId && !member.wrote,
    ),
  );
  return [...new Set(firsts)];
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
  return [...new Map(found.map((message) => [message.id, message])).values()].sort(
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
  members: Map<ConversationId, MemberRow[]>,
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
    const memberIds = (members.get(conversationId) ?? []).map((member) => member.personId);
    world.wake.messagesCommitted({ conversationId, memberIds, messages });
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
      return send.resolve({ message, arrived: 'inbox', isRepeat: true });
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
    purpose: row.purpose,
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
