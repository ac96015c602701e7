import type { Message } from '@aside/protocol';
import type { ConversationId } from '../base/ids.ts';
import type { MemberRow } from '../storage/conversations.ts';
import type { NewMessage } from '../storage/messages.ts';
import type { World } from './world.ts';

export interface ToldConversation {
  /** As they stand after the commit. */
  members: readonly MemberRow[];
  /** Ascending by seq. */
  messages: Message[];
  /** When the message before them was made, or later; milliseconds since 1970. */
  previousAt: number;
}

/** Adds a message, and the first time what is known of its conversation. */
export function addNews(
  news: Map<ConversationId, ToldConversation>,
  id: ConversationId,
  message: Message,
  about: Omit<ToldConversation, 'messages'>,
): void {
  const one = news.get(id);
  if (one) one.messages.push(message);
  else news.set(id, { ...about, messages: [message] });
}

/** Stop 5 of docs/life-of-a-message.md: the news of a commit, conversation by conversation. */
export function tellCommitted(
  world: World,
  news: ReadonlyMap<ConversationId, ToldConversation>,
): void {
  for (const [conversationId, { members, messages, previousAt }] of news) {
    const isRequest = (seq: number): boolean => members.some((row) => row.requestedSeq === seq);
    world.wake.messagesCommitted({
      conversationId,
      memberIds: members.map((row) => row.personId),
      messages,
      previousAt,
      requestSeqs: messages.flatMap(({ seq }) => (isRequest(seq) ? [seq] : [])),
      members,
    });
  }
}

/** A message as everybody is told of it. */
export function toTold(row: NewMessage): Message {
  return {
    id: row.messageId,
    conversationId: row.conversationId,
    seq: row.seq,
    senderId: row.senderId,
    text: row.text,
    createdAt: row.createdAt.toISOString(),
    clientId: row.clientId,
    origin: row.origin,
    purpose: row.permit.purpose,
    ...(row.allowedBy ? { allowedBy: row.allowedBy.entryId } : {}),
  };
}
