import type { ConversationView, MessagePage } from '@aside/protocol';
import type { ConversationId, PersonId } from '../base/ids.ts';
import type { Families } from '../storage/families.ts';
import { findInboxRow, type InboxRow } from '../storage/inbox.ts';
import { readMessages } from '../storage/messages.ts';
import { conversationVisibleTo, type VisibleConversation } from '../storage/visible.ts';
import { contactOf } from './view-person.ts';
import { showConversations } from './show-conversations.ts';

/**
 * A page of messages, ascending by seq. Without `after` and `before`: the newest. `hasMore` looks in the
 * direction asked for. Refuses `not_found` to anyone but a member.
 */
export async function readConversation(
  families: Families,
  viewerId: PersonId,
  id: ConversationId,
  range: { after?: number; before?: number },
  limit: number,
): Promise<MessagePage> {
  await conversationVisibleTo(families, viewerId, id);
  if (range.after !== undefined) {
    const found = await readMessages(families.conversation, id, { after: range.after }, limit + 1);
    const inside = found.filter((m) => range.before === undefined || m.seq < range.before);
    return { messages: inside.slice(0, limit), hasMore: inside.length > limit };
  }
  const before = range.before ?? Number.MAX_SAFE_INTEGER;
  const found = await readMessages(families.conversation, id, { before }, limit + 1);
  return { messages: found.slice(-limit), hasMore: found.length > limit };
}

/** One conversation with whether the viewer may write. Refuses `not_found` to anyone but a member. */
export async function viewConversation(
  families: Families,
  viewerId: PersonId,
  id: ConversationId,
): Promise<ConversationView> {
  const seen = await conversationVisibleTo(families, viewerId, id);
  const row = await findInboxRow(families.person, viewerId, id);
  const [conversation] = await showConversations(families, viewerId, [
    withHead(row ?? unwrittenRow(viewerId, seen), seen),
  ]);
  if (!conversation) throw new Error('a visible conversation could not be shown');
  return { ...conversation, contact: await contactOf(families, viewerId, seen.peerId) };
}

/** The inbox row may be a moment behind the conversation itself; one's own write must show at once. */
function withHead(row: InboxRow, seen: VisibleConversation): InboxRow {
  return { ...row, headSeq: Math.max(row.headSeq, seen.headSeq) };
}

function unwrittenRow(viewerId: PersonId, seen: VisibleConversation): InboxRow {
  return {
    personId: viewerId,
    conversationId: seen.conversationId,
    peerId: seen.peerId,
    folder: 'inbox',
    muted: false,
    headSeq: 0,
    readSeq: 0,
    lastActivityAt: seen.lastActivityAt,
    pos: 0,
  };
}
