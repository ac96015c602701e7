import type { Message } from '@aside/protocol';
import type { ConversationId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { writeStances } from '../storage/conversations.ts';
import { placingOf } from '../storage/inbox.ts';
import { findMessages, insertMessages, type NewMessage } from '../storage/messages.ts';
import { seeMessages } from '../storage/seen-messages.ts';
import {
  decideBatch,
  gather,
  giveBackReserved,
  type Gathered,
  type Outcome,
} from './decide-batch.ts';
import type { PendingSend } from './pending-send.ts';
import type { World } from './world.ts';

// Stop 4: one batch of sends in one transaction, and the news of it.

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

async function commitBatch(world: World, batch: PendingSend[]): Promise<void> {
  /** Messages made by earlier tries of this batch; a try whose answer was lost may have committed them. */
  const madeBefore = new Set<string>();
  const endOf = world.metrics.sends.startBatch(batch.length);
  let fresh: NewMessage[] = [];
  let gathered: Gathered | undefined;
  const outcomes = await world.families.conversation.transaction(async (tx) => {
    for (const message of fresh) madeBefore.add(message.messageId);
    gathered = await gather(world, tx, batch);
    endOf('gather');
    const decided = await decideBatch(world, tx, batch, gathered);
    fresh = decided.flatMap((outcome) => (outcome.kind === 'new' ? [outcome.message] : []));
    if (fresh.length > 0) insertMessages(tx, fresh);
    writeStances(tx, [...gathered.changed], new Date(world.clock.now()));
    return decided;
  });
  endOf('commit');
  if (madeBefore.size > 0) {
    const repeats = await readRepeats(world, batch, outcomes);
    // What this try made itself is told as new; a repeat of it in the same batch must not tell it again.
    const now = new Set(fresh.map((message) => message.messageId as string));
    const ours = repeats.filter((message) => madeBefore.has(message.id) && !now.has(message.id));
    wakeMembers(world, batch, outcomes, gathered!, ours);
    batch.forEach((send, i) => settle(send, outcomes[i]!, repeats));
    return;
  }
  // Nothing may stand between the commit and the news of it.
  wakeMembers(world, batch, outcomes, gathered!, []);
  batch.forEach((send, i) => {
    if (outcomes[i]!.kind !== 'repeat') settle(send, outcomes[i]!, []);
  });
  endOf('answer');
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
  const { conversation } = world.families;
  const found = await findMessages(conversation, keys);
  // As their sender sees them, whoever else does: an edit that was kept from the recipient must not show by its absence.
  const seen = await seeMessages(conversation, found, (message) => message.senderId);
  const shown = seen.map(({ message }) => message);
  return [...new Map(shown.map((message) => [message.id, message])).values()].sort(
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
  { members, previousAt }: Gathered,
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
      previousAt: previousAt.get(conversationId) ?? world.clock.now(),
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

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
