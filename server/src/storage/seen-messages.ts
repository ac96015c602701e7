import type { Message } from '@aside/protocol';
import type { PersonId } from '../base/ids.ts';
import type { Queries } from './database.ts';
import { findEdits, findPermits, toPlain, type StoredMessage } from './messages.ts';

export interface SeenMessage {
  message: Message;
  /** Not personal: whose act allowed it. */
  recipientId: PersonId | null;
}

/**
 * Stored messages with what is not in their row: the latest text, as far as this viewer may see it, and the entry that
 * allowed what is not personal. In the order given. Asks for more only when there is such a message among them.
 */
export async function seeMessages(
  db: Queries,
  stored: readonly StoredMessage[],
  viewerOf: (message: StoredMessage) => string,
): Promise<SeenMessage[]> {
  const [edits, permits] = await Promise.all([
    findEdits(
      db,
      stored.filter((message) => message.edited > 0),
    ),
    findPermits(
      db,
      stored.filter((message) => message.purpose !== 'personal'),
    ),
  ]);
  return stored.map((row) => {
    const key = `${row.conversationId} ${row.seq}`;
    const isShown = row.edited === 1 || row.senderId === viewerOf(row);
    const edit = isShown ? edits.get(key) : undefined;
    const permit = permits.get(key);
    const message: Message = {
      ...toPlain(row),
      ...(edit ? { text: edit.text, editedAt: edit.at.toISOString() } : {}),
      ...(permit ? { allowedBy: permit.entryId } : {}),
    };
    return { message, recipientId: permit?.recipientId ?? null };
  });
}
