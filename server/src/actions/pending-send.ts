import type { Message, Origin, Purpose } from '@aside/protocol';
import type { ConversationId, MessageId, PersonId } from '../base/ids.ts';

/** One send on its way to its commit. */
export interface PendingSend {
  conversationId: ConversationId;
  /** The sender named a person, not this conversation: it may be empty. */
  opens: boolean;
  senderId: PersonId;
  senderSuspended: boolean;
  clientId: string;
  /** The same in every try of one call, so that a try whose answer was lost is recognised. */
  messageId: MessageId;
  text: string;
  bodyHash: string;
  origin: Origin;
  /** As the server judged it. */
  purpose: Purpose;
  /** A stop word, and something was stopped by it. */
  isStop: boolean;
  /** It waited and its sender has signed in again: the brake lets it pass. */
  isReleased: boolean;
  /** A try was made whose answer was lost, so it may have been committed already. */
  wasTried: boolean;
  resolve(sent: Sent): void;
  reject(error: unknown): void;
}

export interface Sent {
  message: Message;
  arrived: 'inbox' | 'requests';
  /** The client id had made this message before. */
  isRepeat: boolean;
}
