import type { Message } from '@aside/protocol';
import type { ConversationId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { writeStances } from '../storage/conversations.ts';
import type { MemberMemory } from '../storage/members-under-lock.ts';
import { findMessages, insertMessages, type NewMessage } from '../storage/messages.ts';
import { seeMessages } from '../storage/seen-messages.ts';
import {
  decideBatch,
  gather,
  giveBackReserved,
  type Gathered,
  type Outcome,
} from './decide-batch.ts';
import { commitKnown } from './commit-known.ts';
import type { PendingSend } from './pending-send.ts';
import { addNews, tellCommitted, type ToldConversation } from './tell-committed.ts';
import type { World } from './world.ts';

// Stop 4: one batch of sends in one transaction, and the news of it.

/** Settles every send of the batch. A failure that only one of them causes does not take the others with it. */
export async function commitSends(
  world: World,
  batch: PendingSend[],
  memory: MemberMemory,
): Promise<void> {
  const rest = await commitKnown(world, batch, memory);
  if (rest.length > 0) await commitTheLongWay(world, rest, memory);
}

async function commitTheLongWay(
  world: World,
  batch: PendingSend[],
  memory: MemberMemory,
): Promise<void> {
  try {
    await commitBatch(world, batch, memory);
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
    for (const send of batch) {
      send.wasTried = true;
      await commitTheLongWay(world, [send], memory);
    }
  }
}

async function commitBatch(
  world: World,
  batch: PendingSend[],
  memory: MemberMemory,
): Promise<void> {
  const endOf = world.metrics.sends.startBatch();
  let fresh: NewMessage[] = [];
  let gathered: Gathered | undefined;
  const outcomes = await world.families.conversation.transaction(async (tx) => {
    // Another try: the answer of the one before was lost, and it may have committed these.
    markTried(batch, fresh);
    gathered = await gather(world, tx, batch, memory);
    endOf('gather');
    const decided = await decideBatch(world, tx, batch, gathered);
    fresh = decided.flatMap((outcome) => (outcome.kind === 'new' ? [outcome.message] : []));
    if (fresh.length > 0) insertMessages(tx, fresh);
    writeStances(tx, [...gathered.changed], new Date(world.clock.now()));
    return decided;
  });
  endOf('commit');
  world.metrics.sends.batchMessages.add(batch.length);
  if (outcomes.some(({ kind }, i) => kind === 'repeat' && batch[i]!.wasTried)) {
    const repeats = await readRepeats(world, batch, outcomes);
    // What this try made itself is told as new; a repeat of it in the same batch must not tell it again.
    const now = new Set(fresh.map((message) => message.messageId as string));
    const tried = new Set(
      batch.flatMap((send) => (send.wasTried ? [send.messageId as string] : [])),
    );
    const ours = repeats.filter((message) => tried.has(message.id) && !now.has(message.id));
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

function markTried(batch: PendingSend[], fresh: readonly NewMessage[]): void {
  const ids = new Set(fresh.map((message) => message.messageId));
  for (const send of batch) if (ids.has(send.messageId)) send.wasTried = true;
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
  const news = new Map<ConversationId, ToldConversation>();
  const add = (id: ConversationId, message: Message): void =>
    addNews(news, id, message, {
      members: members.get(id) ?? [],
      previousAt: previousAt.get(id) ?? world.clock.now(),
    });
  for (const message of ours) add(message.conversationId as ConversationId, message);
  outcomes.forEach((outcome, i) => {
    if (outcome.kind === 'new') add(batch[i]!.conversationId, outcome.told);
  });
  tellCommitted(world, news);
}

function settle(send: PendingSend, outcome: Outcome, repeats: Message[]): void {
  switch (outcome.kind) {
    case 'refused':
      return send.reject(outcome.refusal);
    case 'new':
      return send.resolve({ message: outcome.told, arrived: outcome.arrives, isRepeat: false });
    case 'repeat': {
      const message = repeats.find(
        (m) => m.conversationId === send.conversationId && m.seq === outcome.seq,
      );
      if (!message) return send.reject(new Refusal('not_found'));
      return send.resolve({ message, arrived: outcome.arrived, isRepeat: true });
    }
  }
}
