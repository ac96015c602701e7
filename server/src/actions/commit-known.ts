import type { ConversationId } from '../base/ids.ts';
import type { Permit } from '../domain/decide-send.ts';
import type { KnownMembers, MemberMemory } from '../storage/members-under-lock.ts';
import { insertMessagesIf, type MessageIf, type Placed } from '../storage/messages-if.ts';
import { permitAtOnce, receiptKey } from './decide-batch.ts';
import type { PendingSend } from './pending-send.ts';
import { addNews, tellCommitted, toTold, type ToldConversation } from './tell-committed.ts';
import type { World } from './world.ts';

// Most messages are written between people who have accepted each other and change nothing but the conversation. Their
// decision is made from the members as they were last read, and one statement writes them if the members are still those,
// which it checks under the lock. Whatever else it may be goes the long way, where everything is read under the lock.

interface Known {
  send: PendingSend;
  permit: Permit;
  memory: KnownMembers;
}

/** Commits, tells and settles what it can of the batch, and answers the rest in the order given. */
export async function commitKnown(
  world: World,
  batch: PendingSend[],
  memory: MemberMemory,
): Promise<PendingSend[]> {
  const known = findKnown(world, batch, memory);
  if (known.length === 0) return batch;
  const endOf = world.metrics.sends.startBatch();
  const at = new Date(world.clock.now());
  let placed: (Placed | null)[];
  try {
    placed = await insertMessagesIf(world.families.conversation, known.map(toMessageIf), at);
  } catch (error) {
    // The long way finds out what became of them: if only the answer was lost, they are there.
    world.log.debug({ err: error, size: known.length }, 'a batch goes the long way');
    for (const { send } of known) send.wasTried = true;
    return batch;
  }
  endOf('commit');
  const done = tell(world, known, placed, at);
  endOf('answer');
  if (done.size > 0) world.metrics.sends.batchMessages.add(done.size);
  return batch.filter((send) => !done.has(send));
}

/** A conversation goes the short way with all its sends of the batch or with none, so that they keep their order. */
function findKnown(world: World, batch: PendingSend[], memory: MemberMemory): Known[] {
  const long = new Set<ConversationId>();
  const clientIds = new Set<string>();
  const known: Known[] = [];
  for (const send of batch) {
    const { conversationId } = send;
    const remembered = memory.recall(conversationId);
    const key = receiptKey(send);
    const permit =
      remembered && !send.wasTried && !clientIds.has(key)
        ? permitAtOnce(world, send, remembered)
        : null;
    clientIds.add(key);
    if (permit) known.push({ send, permit, memory: remembered! });
    else long.add(conversationId);
  }
  return long.size === 0 ? known : known.filter(({ send }) => !long.has(send.conversationId));
}

function toMessageIf({ send, permit, memory }: Known): MessageIf {
  const { conversationId, messageId, senderId, origin, text, clientId, bodyHash } = send;
  const { memberRev } = memory;
  const key = { conversationId, memberRev, messageId, senderId, clientId };
  return { ...key, origin, permit, text, bodyHash };
}

function tell(
  world: World,
  known: readonly Known[],
  placed: readonly (Placed | null)[],
  at: Date,
): Set<PendingSend> {
  const done = new Set<PendingSend>();
  const news = new Map<ConversationId, ToldConversation>();
  const settle: (() => void)[] = [];
  known.forEach(({ send, permit, memory }, i) => {
    const place = placed[i];
    if (!place) return;
    const { seq, previousAt } = place;
    done.add(send);
    const message = toTold({ ...send, seq, createdAt: at, permit, allowedBy: null });
    addNews(news, send.conversationId, message, { members: memory.members, previousAt });
    settle.push(() => send.resolve({ message, arrived: permit.arrives, isRepeat: false }));
  });
  // Nothing may stand between the commit and the news of it.
  tellCommitted(world, news);
  for (const one of settle) one();
  return done;
}
