import type { Message } from '@aside/protocol';
import type { Clock } from '../base/clock.ts';
import type { ConversationId, IdSource, PersonId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Families } from '../storage/families.ts';
import type { InboxRow } from '../storage/inbox.ts';

/** What every action gets: where things are stored, what time it is, and whom to tell after a commit. */
export interface World {
  families: Families;
  clock: Clock;
  ids: IdSource;
  log: Log;
  wake: Wake;
}

/** Told after a commit, never before. All calls return at once; losing one is repaired by the sweeper. */
export interface Wake {
  messagesCommitted(event: MessagesCommitted): void;
  /** Inbox rows that an action wrote itself, so that the person's devices keep in step. */
  inboxChanged(rows: readonly InboxRow[]): void;
  /** Profile, settings, follows, blocks or mutes of this person changed. */
  personChanged(personId: PersonId): void;
}

export interface MessagesCommitted {
  conversationId: ConversationId;
  memberIds: readonly PersonId[];
  /** New messages of one commit, ascending by seq. */
  messages: readonly Message[];
}
