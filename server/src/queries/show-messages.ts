import type { Message } from '@aside/protocol';
import type { PersonId } from '../base/ids.ts';
import { unsubscribePath } from '../domain/unsubscribe.ts';
import { findEdits, findPermits, type StoredMessage } from '../storage/messages.ts';
import type { Reader } from './reader.ts';

/**
 * Stored messages as one member sees them: with the latest text, and where a message is not personal, what allowed it
 * and, for its recipient, how to stop it. Asks for more only when there is an edited or non-personal one among them.
 */
export async function showMessages(
  { families, unsubscribe }: Reader,
  viewerId: PersonId,
  stored: readonly StoredMessage[],
): Promise<Message[]> {
  const [edits, permits] = await Promise.all([
    findEdits(
      families.conversation,
      stored.filter((message) => message.edited > 0),
    ),
    findPermits(
      families.conversation,
      stored.filter((message) => message.purpose !== 'personal'),
    ),
  ]);
  return stored.map(({ edited, ...message }) => {
    const key = `${message.conversationId} ${message.seq}`;
    const edit = edited === 1 || message.senderId === viewerId ? edits.get(key) : undefined;
    const permit = permits.get(key);
    const shown: Message = { ...message };
    if (edit) {
      shown.text = edit.text;
      shown.editedAt = edit.at.toISOString();
    }
    if (permit) shown.allowedBy = permit.entryId;
    if (permit?.recipientId === viewerId && message.purpose !== 'personal') {
      const { purpose } = message;
      const senderId = message.senderId as PersonId;
      shown.unsubscribe = unsubscribePath(unsubscribe, {
        recipientId: viewerId,
        senderId,
        purpose,
      });
    }
    return shown;
  });
}
