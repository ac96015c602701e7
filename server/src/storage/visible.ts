import type { ConversationId, PersonId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { findConversations, findMembers, type MemberRow } from './conversations.ts';
import type { Families } from './families.ts';

export interface VisibleConversation {
  conversationId: ConversationId;
  headSeq: number;
  lastActivityAt: Date;
  members: MemberRow[];
  /** The other person of a direct conversation, the viewer in a note to oneself. */
  peerId: PersonId;
}

/**
 * The only way to a conversation on behalf of somebody. Refuses `not_found` unless the viewer is a member and
 * somebody has written there, in the same words whether the conversation exists or not. An empty one counts as
 * missing, because a block may have made it.
 */
export async function conversationVisibleTo(
  families: Families,
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
  if (!conversation || conversation.headSeq === 0 || !self || self.gone)
    throw new Refusal('not_found');
  return {
    conversationId: id,
    headSeq: conversation.headSeq,
    lastActivityAt: conversation.lastActivityAt,
    members: rows,
    peerId: rows.find((row) => row.personId !== viewerId)?.personId ?? viewerId,
  };
}
