import type { Conversation, Folder, Place } from '@aside/protocol';
import type { ListName } from './model.ts';

// Which list a row stands in, and by which pages that list comes.

/** A list with pages of its own. Offers come with the inbox. */
export type Source = Exclude<ListName, 'offers'>;

export function listOf(row: {
  folder: Place;
  quiet?: boolean;
  section?: 'offers';
}): ListName | null {
  if (row.folder === 'closed') return null;
  if (row.folder === 'requests') return row.quiet === true ? 'quiet' : 'requests';
  return row.folder === 'inbox' && row.section === 'offers' ? 'offers' : row.folder;
}

export function sourceOf(list: ListName): Source {
  return list === 'offers' ? 'inbox' : list;
}

export function listsOf(source: Source): readonly ListName[] {
  return source === 'inbox' ? ['inbox', 'offers'] : [source];
}

/** How the pages of a list are asked for. */
export function pagesOf(source: Source): { folder: Folder; quiet?: boolean } {
  if (source === 'quiet') return { folder: 'requests', quiet: true };
  return source === 'requests' ? { folder: 'requests', quiet: false } : { folder: source };
}

/** Makes what follows from other fields of a row agree with them. */
export function settleRow(row: Conversation, myId: string | undefined): Conversation {
  const settled = { ...row, unread: Math.max(0, row.headSeq - row.readSeq) };
  const last = row.lastMessage;
  if (last?.purpose === 'promotional' && last.senderId !== myId) settled.section = 'offers';
  else if (last !== undefined) delete settled.section;
  if (settled.state !== 'pending') delete settled.request;
  if (settled.folder !== 'requests') delete settled.quietReasons;
  if (settled.folder !== 'requests' || settled.quiet !== true) delete settled.quiet;
  return settled;
}

/** The counter of unread conversations that a row belongs to. */
export function unreadCounterOf(row: Conversation): 'unreadConversations' | 'unreadOffers' | null {
  if (row.unread === 0 || row.muted) return null;
  const list = listOf(row);
  if (list === 'inbox') return 'unreadConversations';
  return list === 'offers' ? 'unreadOffers' : null;
}
