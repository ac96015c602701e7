import type { ConversationView, MessagePage } from '@aside/protocol';
import type { ConversationId, PersonId } from '../base/ids.ts';
import { findInboxRow, type InboxRow } from '../storage/inbox.ts';
import { readMessages } from '../storage/messages.ts';
import { conversationVisibleTo, type VisibleConversation } from '../storage/visible.ts';
import type { Reader } from './reader.ts';
import { showMessages } from './show-messages.ts';
import { contactOf, type Asking } from './view-person.ts';
import { showConversations } from './show-conversations.ts';

/**
 * A page of messages, ascending by seq. Without `after` and `before`: the newest. `hasMore` looks in the
 * direction asked for. Refuses `not_found` to anyone but a member.
 */
export async function readConversation(
  reader: Reader,
  viewerId: PersonId,
  id: ConversationId,
  range: { after?: number; before?: number },
  limit: number,
): Promise<MessagePage> {
  const { families } = reader;
  await conversationVisibleTo(reader, viewerId, id);
  if (range.after !== undefined) {
    const found = await readMessages(families.conversation, id, { after: range.after }, limit + 1);
    const inside = found.filter((m) => range.before === undefined || m.seq < range.before);
    const messages = await showMessages(reader, viewerId, inside.slice(0, limit));
    return { messages, hasMore: inside.length > limit };
  }
  const before = range.before ?? Number.MAX_SAFE_INTEGER;
  const found = await readMessages(families.conversation, id, { before }, limit + 1);
  const messages = await showMessages(reader, viewerId, found.slice(-limit));
  return { messages, hasMore: found.length > limit };
}

/** One conversation with whether the viewer may write. Refuses `not_found` to anyone but a member. */
export async function viewConversation(
  reader: Reader,
  asking: Asking,
  id: ConversationId,
): Promise<ConversationView> {
  const viewerId = asking.personId;
  const seen = await conversationVisibleTo(reader, viewerId, id);
  const row = await findInboxRow(reader.families.person, viewerId, id);
  const [conversation] = await showConversations(reader, viewerId, [
    withHead(row ?? unwrittenRow(viewerId, seen), seen),
  ]);
  if (!conversation) throw new Error('a visible conversation could not be shown');
  return { ...conversation, contact: await contactOf(reader, asking, seen.peerId) };
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
    quiet: 0,
    muted: false,
    headSeq: 0,
    readSeq: 0,
    lastActivityAt: seen.lastActivityAt,
    pos: 0,
  };
}
