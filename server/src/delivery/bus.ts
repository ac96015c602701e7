import type { ErrorCode, Message, Tick } from '@aside/protocol';
import type { ConversationId, PersonId } from '../base/ids.ts';
import type { EndedSessions } from '../domain/ended-sessions.ts';

/** What nodes tell each other. Losing one is harmless: a gap shows in `seq` and `pos`, and the sweeper repeats. */
export type BusEvent =
  | {
      type: 'messages';
      conversationId: ConversationId;
      memberIds: readonly PersonId[];
      /** Ascending by seq, of one commit. */
      messages: readonly Message[];
      /** Those of them that came as requests, by seq. */
      requestSeqs: readonly number[];
    }
  | {
      type: 'changed';
      conversationId: ConversationId;
      personIds: readonly PersonId[];
      rev: number;
      message?: Message;
    }
  | {
      type: 'dropped';
      personId: PersonId;
      conversationId: ConversationId;
      clientId: string;
      code?: ErrorCode;
    }
  /** `isUrgent`: another device changed something; else they only follow messages that were told already. */
  | { type: 'ticks'; personId: PersonId; ticks: readonly Tick[]; isUrgent: boolean }
  | {
      type: 'typing';
      conversationId: ConversationId;
      personId: PersonId;
      memberIds: readonly PersonId[];
    }
  | { type: 'person-changed'; personId: PersonId }
  | { type: 'suspension-changed'; personId: PersonId }
  | { type: 'sessions-ended'; personId: PersonId; sessionIds: EndedSessions };

/** Carries events to every node of the community, this one included. */
export interface Bus {
  publish(event: BusEvent): void;
  /** The listener must not throw and must return at once. Answers how to stop listening. */
  subscribe(listener: (event: BusEvent) => void): () => void;
}
