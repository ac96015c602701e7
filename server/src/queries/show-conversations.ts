import type { Conversation, PersonCard } from '@aside/protocol';
import type { PersonId } from '../base/ids.ts';
import { findMembers } from '../storage/conversations.ts';
import type { Families } from '../storage/families.ts';
import type { InboxRow } from '../storage/inbox.ts';
import { findMessages } from '../storage/messages.ts';
import { findPersonCards } from '../storage/people.ts';

/**
 * Inbox rows as their owner sees them: with members, the last message and how the other stands. All rows
 * belong to `viewerId`. Costs three queries however many rows; order is kept.
 */
export async function showConversations(
  families: Families,
  viewerId: PersonId,
  rows: readonly InboxRow[],
): Promise<Conversation[]> {
  if (rows.length === 0) return [];
  const [members, lastMessages, cards] = await Promise.all([
    findMembers(
      families.conversation,
      rows.map((row) => row.conversationId),
    ),
    findMessages(
      families.conversation,
      rows.map((row) => ({ conversationId: row.conversationId, seq: row.headSeq })),
    ),
    findPersonCards(families.person, peopleOf(viewerId, rows)),
  ]);
  const lastBy = new Map(lastMessages.map((message) => [message.conversationId, message]));
  return rows.map((row) => {
    const own = members.get(row.conversationId)?.find((member) => member.personId === viewerId);
    const lastMessage = lastBy.get(row.conversationId);
    return {
      id: row.conversationId,
      kind: 'direct',
      folder: row.folder,
      members: memberCards(viewerId, row, cards),
      headSeq: row.headSeq,
      readSeq: row.readSeq,
      unread: Math.max(0, row.headSeq - row.readSeq),
      ...(lastMessage ? { lastMessage } : {}),
      state: own?.wrote ? 'accepted' : 'none',
      muted: row.muted,
      lastActivityAt: row.lastActivityAt.toISOString(),
      pos: row.pos,
    };
  });
}

function peopleOf(viewerId: PersonId, rows: readonly InboxRow[]): PersonId[] {
  const ids = new Set<PersonId>([viewerId]);
  for (const row of rows) if (row.peerId !== null) ids.add(row.peerId);
  return [...ids];
}

/** The viewer first; a deleted account stands there without a name. */
function memberCards(
  viewerId: PersonId,
  row: InboxRow,
  cards: Map<PersonId, PersonCard>,
): PersonCard[] {
  const ids = row.peerId === null || row.peerId === viewerId ? [viewerId] : [viewerId, row.peerId];
  return ids.map((id) => cards.get(id) ?? { id, username: '', name: '', kind: 'person' });
}
