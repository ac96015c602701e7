import type { ConversationId, PersonId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import type { Clock } from '../base/clock.ts';
import { isHidden } from '../domain/contact.ts';
import { findConversations, findMembers, type MemberRow } from './conversations.ts';
import type { Families } from './families.ts';

export interface VisibleConversation {
  conversationId: ConversationId;
  headSeq: number;
  rev: number;
  lastActivityAt: Date;
  members: MemberRow[];
  /** The other person of a direct conversation, the viewer in a note to oneself. */
  peerId: PersonId;
}

/**
 * The only way to a conversation on behalf of somebody. Refuses `not_found` unless the viewer is a member and
 * somebody has written there, in the same words whether the conversation exists or not. An empty one counts as
 * missing, because a block may have made it; so does one whose request the viewer declined or let run out.
 */
export async function conversationVisibleTo(
  { families, clock }: { families: Families; clock: Clock },
  viewerId: PersonId,
  id: ConversationId,
): Promise<VisibleConversation> {
  const [conversations, members] = await Promise.all([
    findConversations(families.conversation, [id]),
    findMembers(families.conversation, [id]),
  ]);
  const conversation = conversations.get(id);
  const rows = members.get(id) ?? [];
  const self = rows.find((row) => row.personId === viewerId);
  if (!conversation || conversation.headSeq === 0 || !self || self.gone) {
    throw new Refusal('not_found');
  }
  if (isHidden(self, clock.now())) throw new Refusal('not_found');
  return {
    conversationId: id,
    headSeq: conversation.headSeq,
    rev: conversation.rev,
    lastActivityAt: conversation.lastActivityAt,
    members: rows,
    peerId: rows.find((row) => row.personId !== viewerId)?.personId ?? viewerId,
  };
}
