import type { Message, Report } from '@aside/protocol';
import { isId, type ConversationId, type MessageId, type PersonId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { isStorable } from '../domain/message-text.ts';
import { findMessages, toPlain } from '../storage/messages.ts';
import { insertReport } from '../storage/relations.ts';
import { conversationVisibleTo } from '../storage/visible.ts';
import type { World } from './world.ts';

/**
 * Stores a report for the operator, with a copy of the messages named as they stand now. The reported person
 * learns nothing. Only messages the reporter can see are copied; refuses `not_found` for any other conversation,
 * and `invalid` for messages without their conversation.
 */
export async function reportPerson(
  world: World,
  reporterId: PersonId,
  reportedId: PersonId,
  report: Report,
): Promise<{ id: MessageId }> {
  if (!isStorable(report.reason))
    throw new Refusal('invalid', 'The reason cannot be stored as text.');
  if (report.conversationId === undefined && report.seqs !== undefined) {
    throw new Refusal('invalid', 'Messages are named by conversationId and seqs together.');
  }
  const conversationId = (report.conversationId as ConversationId | undefined) ?? null;
  const messages =
    conversationId === null
      ? []
      : await copyMessages(world, reporterId, conversationId, report.seqs ?? []);
  const reportId = world.ids.next<MessageId>();
  await insertReport(world.families.person, {
    reportId,
    reporterId,
    reportedId,
    reason: report.reason,
    conversationId,
    messages,
    at: new Date(world.clock.now()),
  });
  return { id: reportId };
}

async function copyMessages(
  world: World,
  reporterId: PersonId,
  conversationId: ConversationId,
  seqs: readonly number[],
): Promise<Message[]> {
  if (!isId(conversationId)) throw new Refusal('not_found');
  const seen = await conversationVisibleTo(world, reporterId, conversationId);
  const found = await findMessages(
    world.families.conversation,
    [...new Set(seqs)].filter((seq) => seq <= seen.headSeq).map((seq) => ({ conversationId, seq })),
  );
  return found.map(toPlain);
}
