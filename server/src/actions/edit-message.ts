import type { Message } from '@aside/protocol';
import type { ConversationId, PersonId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { contactAt, isResting, placeAt } from '../domain/contact.ts';
import { decideEdit, type Permit, type SendDecision } from '../domain/decide-send.ts';
import { signatureOf } from '../domain/near-duplicate.ts';
import { reserveFirstContact } from '../storage/budget.ts';
import { toQuietBits } from '../storage/codes.ts';
import {
  findMembers,
  lockConversations,
  raiseRev,
  writeStances,
  type MemberRow,
} from '../storage/conversations.ts';
import { placingOf, raiseInboxRows } from '../storage/inbox.ts';
import { findMessages, writeEdit, type StoredMessage } from '../storage/messages.ts';
import { findReach } from '../storage/people.ts';
import { refuseBadText } from './refuse-bad-text.ts';
import { refusalOf } from './weigh-send.ts';
import type { World } from './world.ts';

export interface EditCommand {
  senderId: PersonId;
  senderSuspended: boolean;
  conversationId: ConversationId;
  seq: number;
  text: string;
}

/**
 * Corrects one's unanswered first message, once. The new text passes the decision again. Whether it is still waiting,
 * was declined or has run out, and whether its sender was blocked since, makes no difference to the answer: then only
 * the sender sees the new text. Refuses `not_found`, `edit_closed`, and what a first message is refused with.
 */
export async function editMessage(world: World, command: EditCommand): Promise<Message> {
  refuseBadText(command.text);
  const { conversation, person } = world.families;
  const { senderId, conversationId, text } = command;
  const edited = await conversation.transaction(async (tx) => {
    const at = new Date(world.clock.now());
    const [locked, members] = await Promise.all([
      lockConversations(tx, [conversationId]),
      findMembers(tx, [conversationId]),
    ]);
    const rows = members.get(conversationId) ?? [];
    const own = rows.find((row) => row.personId === senderId);
    const other = rows.find((row) => row.personId !== senderId) ?? null;
    const head = locked.get(conversationId);
    if (!head || !own || own.gone || command.seq > head.headSeq || isHiddenFrom(own, world)) {
      throw new Refusal('not_found');
    }
    const [message] = await findMessages(tx, [{ conversationId, seq: command.seq }]);
    if (!message) throw new Refusal('not_found');
    const permit = await decide(world, command, message, other);
    const isSeen = isSeenByOther(other!, world.clock.now());
    writeEdit(tx, {
      conversationId,
      seq: message.seq,
      text,
      at,
      forSenderAlone: !isSeen,
      permit,
    });
    const after = {
      ...other!,
      quiet: isSeen ? toQuietBits(permit.quiet) : other!.quiet,
      placeRev: other!.placeRev + (isSeen ? 1 : 0),
    };
    writeStances(tx, [after], at);
    const rev = await raiseRev(tx, conversationId);
    const { edited: _, ...sent } = message;
    const shown: Message = { ...sent, text, editedAt: at.toISOString() };
    return { shown, rev, isSeen, other: after, head };
  });
  const { shown, rev, isSeen, other, head } = edited;
  world.wake.conversationChanged({
    conversationId,
    personIds: isSeen ? [senderId, other.personId] : [senderId],
    rev,
    message: shown,
  });
  if (isSeen) {
    const { headSeq, lastActivityAt } = head;
    const placing = placingOf(other);
    const { personId } = other;
    world.wake.inboxChanged(
      await raiseInboxRows(person, [
        {
          personId,
          conversationId,
          peerId: senderId,
          headSeq,
          readSeq: 0,
          lastActivityAt,
          placing,
        },
      ]),
    );
  }
  return shown;
}

async function decide(
  world: World,
  command: EditCommand,
  message: StoredMessage,
  other: MemberRow | null,
): Promise<Permit> {
  const now = world.clock.now();
  const isOwnRequest =
    message.senderId === command.senderId &&
    other !== null &&
    other.requestedSeq === message.seq &&
    isResting(other, now);
  const facts = {
    senderSuspended: command.senderSuspended,
    recipientGone: other?.gone ?? false,
    isOpen: isOwnRequest && message.edited === 0,
  };
  if (!facts.isOpen || !other) return permitOf(decideEdit(facts, command.text, null), now);
  const { person } = world.families;
  const pair = { recipientId: other.personId, senderId: command.senderId };
  const [reach] = await findReach(person, [pair]);
  const contact = {
    ...pair,
    contactId: message.id,
    at: new Date(now),
    signature: signatureOf(command.text),
  };
  const weighed = { ...facts, isFollowed: reach?.follows ?? false };
  return permitOf(
    await reserveFirstContact(person, contact, (budget) => {
      const answer = decideEdit(weighed, command.text, budget);
      return { answer, isAllowed: answer.outcome === 'deliver' };
    }),
    now,
  );
}

function permitOf(decision: SendDecision, nowMs: number): Permit {
  if (decision.outcome === 'deliver') return decision;
  if (decision.outcome === 'refuse') throw refusalOf(decision, nowMs);
  throw new Error('an edit was neither let through nor refused');
}

/** What the other could see before, they see changed; what was declined, has run out or was blocked, they never do. */
function isSeenByOther(other: MemberRow, nowMs: number): boolean {
  return !other.blocks && contactAt(other, nowMs) === 'pending';
}

function isHiddenFrom(own: MemberRow, world: World): boolean {
  return placeAt(own, world.clock.now()) === 'closed' && !own.wrote;
}
