import type { ConversationPage, Folder } from '@aside/protocol';
import { isId, type ConversationId, type PersonId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import type { Families } from '../storage/families.ts';
import { listInboxRows } from '../storage/inbox.ts';
import { showConversations } from './show-conversations.ts';

/** A page of one folder, latest activity first. Refuses `invalid` for a cursor that this server did not make. */
export async function listInbox(
  families: Families,
  viewerId: PersonId,
  query: { folder: Folder; unreadOnly: boolean; cursor?: string; limit: number },
): Promise<ConversationPage> {
  const { folder, unreadOnly, cursor, limit } = query;
  const from = cursor === undefined ? null : parseCursor(cursor);
  // One row more than asked tells whether there is a next page.
  const rows = await listInboxRows(families.person, viewerId, {
    folder,
    unreadOnly,
    cursor: from,
    limit: limit + 1,
  });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const conversations = await showConversations(families, viewerId, page);
  if (rows.length <= limit || !last) return { conversations };
  return {
    conversations,
    nextCursor: `${last.lastActivityAt.getTime()}-${last.conversationId}`,
  };
}

function parseCursor(cursor: string): { at: Date; conversationId: ConversationId } {
  const [, at = '', id = ''] = /^(\d{1,15})-(\d{1,19})$/.exec(cursor) ?? [];
  if (at === '' || !isId(id)) throw new Refusal('invalid', 'This cursor is not one of ours.');
  return { at: new Date(Number(at)), conversationId: id as ConversationId };
}
