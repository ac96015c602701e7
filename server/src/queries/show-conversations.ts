import type { Conversation, PersonCard, State } from '@aside/protocol';
import type { ConversationId, PersonId } from '../base/ids.ts';
import { contactAt, placeAt, type ContactState } from '../domain/contact.ts';
import { toQuietReasons } from '../storage/codes.ts';
import { findMembers, type MemberRow } from '../storage/conversations.ts';
import type { InboxRow } from '../storage/inbox.ts';
import { findMessages } from '../storage/messages.ts';
import { findPersonCards } from '../storage/people.ts';
import type { Reader } from './reader.ts';
import { requestCards } from './request-cards.ts';
import { showMessages } from './show-messages.ts';

/**
 * Inbox rows as their owner sees them: with members, the last message, how the other stands, and the card of a
 * request. All rows belong to `viewerId`; order is kept. Costs a handful of queries however many rows.
 */
export async function showConversations(
  reader: Reader,
  viewerId: PersonId,
  rows: readonly InboxRow[],
): Promise<Conversation[]> {
  if (rows.length === 0) return [];
  const { families } = reader;
  const nowMs = reader.clock.now();
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
  const shown = await showMessages(reader, viewerId, lastMessages);
  const lastBy = new Map(shown.map((message) => [message.conversationId, message]));
  const ownBy = new Map(
    rows.map((row) => [
      row.conversationId,
      members.get(row.conversationId)?.find((member) => member.personId === viewerId),
    ]),
  );
  const requests = await cardsOf(reader, viewerId, rows, ownBy, nowMs);
  return rows.map((row) => {
    const own = ownBy.get(row.conversationId);
    const folder = own ? placeAt(own, nowMs) : row.folder;
    const lastMessage = folder === 'closed' ? undefined : lastBy.get(row.conversationId);
    const card = requests.get(row.conversationId);
    const isOffer = lastMessage?.purpose === 'promotional' && lastMessage.senderId !== viewerId;
    return {
      id: row.conversationId,
      kind: 'direct',
      folder,
      ...(isOffer ? { section: 'offers' as const } : {}),
      members: memberCards(viewerId, row, cards),
      headSeq: row.headSeq,
      readSeq: row.readSeq,
      unread: Math.max(0, row.headSeq - row.readSeq),
      ...(lastMessage ? { lastMessage } : {}),
      state: own ? stateOf(contactAt(own, nowMs)) : 'none',
      ...quietOf(own, folder),
      ...(card ? { request: card } : {}),
      muted: row.muted,
      lastActivityAt: row.lastActivityAt.toISOString(),
      pos: row.pos,
    };
  });
}

/** What was declined or has run out looks to its recipient as if nothing were there. */
function stateOf(contact: ContactState): State {
  return contact === 'closed' ? 'none' : contact;
}

function quietOf(
  own: MemberRow | undefined,
  folder: Conversation['folder'],
): Pick<Conversation, 'quiet' | 'quietReasons'> {
  if (folder !== 'requests' || !own || own.quiet === 0) return {};
  return { quiet: true, quietReasons: toQuietReasons(own.quiet) };
}

async function cardsOf(
  reader: Reader,
  viewerId: PersonId,
  rows: readonly InboxRow[],
  ownBy: ReadonlyMap<ConversationId, MemberRow | undefined>,
  nowMs: number,
): Promise<Map<ConversationId, NonNullable<Conversation['request']>>> {
  const waiting = rows.flatMap((row) => {
    const own = ownBy.get(row.conversationId);
    const isWaiting = own && row.peerId !== null && contactAt(own, nowMs) === 'pending';
    return isWaiting ? [{ row, own, senderId: row.peerId! }] : [];
  });
  const firsts = await findMessages(
    reader.families.conversation,
    waiting.map(({ row, own }) => ({ conversationId: row.conversationId, seq: own.requestedSeq })),
  );
  const firstBy = new Map(firsts.map((message) => [message.conversationId, message]));
  const cards = await requestCards(
    reader,
    viewerId,
    waiting.map(({ row, own, senderId }) => ({
      senderId,
      messageId: firstBy.get(row.conversationId)?.id ?? '0',
      requestedAtMs: own.requestedAt ?? nowMs,
    })),
  );
  return new Map(
    waiting.flatMap(({ row }, i) => (cards[i] ? [[row.conversationId, cards[i]] as const] : [])),
  );
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
