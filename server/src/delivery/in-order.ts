import type { Tick } from '@aside/protocol';
import type { ConversationId, PersonId } from '../base/ids.ts';
import type { MessagesEvent } from './bus.ts';
import { itemOf, PersonLines, type LineDeps } from './person-lines.ts';
import { createSlots } from './slots.ts';

// Where several nodes commit, the news of seq 5 and 6 may arrive swapped, twice or never. Everything that people who
// are connected here are told of messages passes here, in order and once.

export interface InOrder {
  /** The first socket of this person is here. */
  came(personId: PersonId): void;
  left(personId: PersonId): void;
  /** Tells those of its people who are here; what would leave a gap waits for the rest a moment, then fetches it. */
  take(event: MessagesEvent): void;
  /** An inbox row says that the conversation has come this far; if its message does not follow soon, it is fetched. */
  expect(personId: PersonId, row: Tick): void;
  /**
   * Tells this person whatever they have not been told of a conversation, and that it changed, after news of it may
   * have been lost. Resolves when done; does nothing when they may not see it, or too much waits already.
   */
  heal(personId: PersonId, conversationId: ConversationId): Promise<void>;
}

const pullsMax = 8;
const pullsWaitingMax = 5_000;

export function createInOrder(given: Omit<LineDeps, 'slots'>): InOrder {
  const deps = { ...given, slots: createSlots(pullsMax, pullsWaitingMax) };
  const people = new Map<PersonId, PersonLines>();
  return {
    came: (personId) => void people.set(personId, new PersonLines(personId, deps)),
    left(personId) {
      people.get(personId)?.close();
      people.delete(personId);
    },
    take(event) {
      const here = event.memberIds.flatMap((personId) => people.get(personId) ?? []);
      if (here.length === 0) return;
      let previousAt = event.previousAt;
      for (const message of event.messages) {
        const arrived = event.requestSeqs.includes(message.seq) ? 'requests' : 'inbox';
        const item = itemOf(message, arrived);
        for (const lines of here) lines.take(event.conversationId, item, previousAt);
        previousAt = item.at;
      }
    },
    expect: (personId, tick) => people.get(personId)?.expect(tick),
    heal: async (personId, conversationId) => people.get(personId)?.heal(conversationId),
  };
}
