import type { ErrorCode, Message, Tick } from '@aside/protocol';
import type { ConversationId, PersonId } from '../base/ids.ts';
import type { EndedSessions } from '../domain/ended-sessions.ts';

/** What nodes tell each other. Losing one is harmless: a gap shows in `seq` and `pos`, and the sweeper repeats. */
export type BusEvent =
  | MessagesEvent
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
  /** This and the next stay on this node; other nodes are told by a way of their own, which waits for them. */
  | { type: 'suspension-changed'; personId: PersonId }
  | { type: 'sessions-ended'; personId: PersonId; sessionIds: EndedSessions };

export interface MessagesEvent {
  type: 'messages';
  conversationId: ConversationId;
  memberIds: readonly PersonId[];
  /** Ascending by seq, of one commit. */
  messages: readonly Message[];
  /** Those of them that came as requests, by seq. */
  requestSeqs: readonly number[];
  /** When the message before the first of them was made, or later; milliseconds since 1970. */
  previousAt: number;
}

/** Carries events to every node of the community, this one included. */
export interface Bus {
  /** Tells the listeners of this node within the call, and other nodes if they can be reached. */
  publish(event: BusEvent): void;
  /** The listener must not throw and must return at once. Answers how to stop listening. */
  subscribe(listener: (event: BusEvent) => void): () => void;
  /** The first socket of this person is here: their events of other nodes are wanted from now on. */
  listenFor(personId: PersonId): void;
  /** Their last socket here has gone. */
  stopListeningFor(personId: PersonId): void;
}
