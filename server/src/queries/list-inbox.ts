import type { ConversationPage, Folder } from '@aside/protocol';
import { isId, type ConversationId, type PersonId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { countRequests, listInboxRows } from '../storage/inbox.ts';
import type { Reader } from './reader.ts';
import { showConversations } from './show-conversations.ts';

/**
 * A page of one folder, latest activity first; the first one also says how many requests wait. Refuses `invalid` for
 * a cursor that this server did not make.
 */
export async function listInbox(
  reader: Reader,
  viewerId: PersonId,
  query: {
    folder: Folder;
    unreadOnly: boolean;
    quiet: boolean | null;
    cursor?: string;
    limit: number;
  },
): Promise<ConversationPage> {
  const { cursor, limit, ...wanted } = query;
  const { person } = reader.families;
  const now = new Date(reader.clock.now());
  const from = cursor === undefined ? null : parseCursor(cursor);
  // One row more than asked tells whether there is a next page.
  const page = { ...wanted, now, cursor: from, limit: limit + 1 };
  const [rows, requests] = await Promise.all([
    listInboxRows(person, viewerId, page),
    from === null ? countRequests(person, viewerId, now) : undefined,
  ]);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  // A row may be on its way elsewhere, because its request was decided or ran out a moment ago.
  const conversations = (await showConversations(reader, viewerId, shown)).filter(
    (conversation) => conversation.folder === wanted.folder,
  );
  return {
    conversations,
    ...(requests ? { requests } : {}),
    ...(rows.length > limit && last
      ? { nextCursor: `${last.lastActivityAt.getTime()}-${last.conversationId}` }
      : {}),
  };
}

function parseCursor(cursor: string): { at: Date; conversationId: ConversationId } {
  const [, at = '', id = ''] = /^(\d{1,15})-(\d{1,19})$/.exec(cursor) ?? [];
  if (at === '' || !isId(id)) throw new Refusal('invalid', 'This cursor is not one of ours.');
  return { at: new Date(Number(at)), conversationId: id as ConversationId };
}
