import type { Message } from '@aside/protocol';
import type { PersonId } from '../base/ids.ts';
import { unsubscribePath } from '../domain/unsubscribe.ts';
import type { StoredMessage } from '../storage/messages.ts';
import { seeMessages } from '../storage/seen-messages.ts';
import type { Reader } from './reader.ts';

/** Stored messages as one member sees them; where one is not personal, its recipient also gets the way to stop it. */
export async function showMessages(
  { families, unsubscribe }: Reader,
  viewerId: PersonId,
  stored: readonly StoredMessage[],
): Promise<Message[]> {
  const seen = await seeMessages(families.conversation, stored, () => viewerId);
  return seen.map(({ message, recipientId }) => {
    const { purpose } = message;
    if (recipientId !== viewerId || purpose === 'personal') return message;
    const senderId = message.senderId as PersonId;
    const path = unsubscribePath(unsubscribe, { recipientId, senderId, purpose });
    return { ...message, unsubscribe: path };
  });
}
