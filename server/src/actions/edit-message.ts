import type { Message, Origin, PersonKind } from '@aside/protocol';
import type { ConversationId, PersonId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { contactAt, isHidden, isResting } from '../domain/contact.ts';
import { decideEdit, type Permit, type SendDecision } from '../domain/decide-send.ts';
import { signatureOf } from '../domain/near-duplicate.ts';
import { reserveFirstContact } from '../storage/budget.ts';
import { toQuietBits } from '../storage/codes.ts';
import {
  findMembers,
  lockConversations,
  raiseRev,
  writeStances,
  type ConversationRow,
  type MemberRow,
} from '../storage/conversations.ts';
import type { Transaction } from '../storage/database.ts';
import { placingOf, raiseInboxRows } from '../storage/inbox.ts';
import { findMessages, toPlain, writeEdit, type StoredMessage } from '../storage/messages.ts';
import { findReach } from '../storage/people.ts';
import { refuseBadText } from './refuse-bad-text.ts';
import { purposeOf } from './send-message.ts';
import { refusalOf } from './weigh-send.ts';
import type { World } from './world.ts';

export interface EditCommand {
  senderId: PersonId;
  senderSuspended: boolean;
  senderKind: PersonKind;
  origin: Origin;
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
  const edited = await conversation.transaction((tx) => edit(world, tx, command));
  const { conversationId, senderId } = command;
  const { shown: message, rev, isSeen, other, head } = edited;
  const personIds = isSeen ? [senderId, other.personId] : [senderId];
  world.wake.conversationChanged({ conversationId, personIds, rev, message });
  // Whether or not the recipient sees the new text, so that the answer takes as long.
  const { headSeq, lastActivityAt } = head;
  const row = { conversationId, headSeq, readSeq: 0, lastActivityAt };
  const rows = await raiseInboxRows(person, [
    { ...row, personId: other.personId, peerId: senderId, placing: placingOf(other) },
    { ...row, personId: senderId, peerId: other.personId },
  ]);
  world.wake.inboxChanged(rows);
  return message;
}

interface Edited {
  shown: Message;
  rev: number;
  isSeen: boolean;
  /** The recipient, as they stand now. */
  other: MemberRow;
  head: ConversationRow;
}

async function edit(world: World, tx: Transaction, command: EditCommand): Promise<Edited> {
  const { conversationId, seq, text } = command;
  const at = new Date(world.clock.now());
  const [locked, members] = await Promise.all([
    lockConversations(tx, [conversationId]),
    findMembers(tx, [conversationId]),
  ]);
  const rows = members.get(conversationId) ?? [];
  const own = rows.find((row) => row.personId === command.senderId);
  const other = rows.find((row) => row.personId !== command.senderId) ?? null;
  const head = locked.get(conversationId);
  if (!head || !own || own.gone || isHidden(own, at.getTime())) throw new Refusal('not_found');
  const [message] = await findMessages(tx, [{ conversationId, seq }]);
  if (!message) throw new Refusal('not_found');
  const { permit, recipient } = await decide(world, command, message, other);
  const isSeen = !recipient.blocks && contactAt(recipient, at.getTime()) === 'pending';
  writeEdit(tx, { conversationId, seq, text, at, forSenderAlone: !isSeen, permit });
  const after = isSeen
    ? { ...recipient, quiet: toQuietBits(permit.quiet), placeRev: recipient.placeRev + 1 }
    : recipient;
  writeStances(tx, [after], at);
  const rev = await raiseRev(tx, conversationId);
  const shown = { ...toPlain(message), text, editedAt: at.toISOString() };
  return { shown, rev, isSeen, other: after, head };
}

async function decide(
  world: World,
  command: EditCommand,
  message: StoredMessage,
  other: MemberRow | null,
): Promise<{ permit: Permit; recipient: MemberRow }> {
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
    purpose: purposeOf(command, world.rules),
  };
  if (!facts.isOpen || !other) throw refusalFrom(decideEdit(facts, command.text, null), now);
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
  const decision = await reserveFirstContact(person, contact, (budget) => {
    const answer = decideEdit(weighed, command.text, budget);
    return { answer, isAllowed: answer.outcome === 'deliver' };
  });
  if (decision.outcome !== 'deliver') throw refusalFrom(decision, now);
  return { permit: decision, recipient: other };
}

function refusalFrom(decision: SendDecision, nowMs: number): Error {
  if (decision.outcome === 'refuse') return refusalOf(decision, nowMs);
  return new Error('an edit was neither let through nor refused');
}
