import type { ErrorCode, Message } from '@aside/protocol';
import type { Clock } from '../base/clock.ts';
import type { ConversationId, IdSource, PersonId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import type { Sealer } from '../base/sealed.ts';
import type { Rules } from '../domain/rules.ts';
import type { MemberRow } from '../storage/conversations.ts';
import type { Families } from '../storage/families.ts';
import type { InboxRow } from '../storage/inbox.ts';

/** What every action gets: where things are stored, what time it is, and whom to tell after a commit. */
export interface World {
  families: Families;
  clock: Clock;
  ids: IdSource;
  log: Log;
  metrics: Metrics;
  wake: Wake;
  /** Makes and reads the tokens by which somebody stops a sender without signing in. */
  unsubscribe: Sealer;
  /** All of them, unless a measurement leaves one out. */
  rules: Rules;
}

/** Told after a commit, never before. All calls return at once; losing one is repaired by the sweeper. */
export interface Wake {
  messagesCommitted(event: MessagesCommitted): void;
  /** An edit, or an acceptance: what `rev` counts. Only these people are told. */
  conversationChanged(event: ConversationChanged): void;
  /** Inbox rows that an action wrote itself, so that the person's devices keep in step. */
  inboxChanged(rows: readonly InboxRow[]): void;
  /** Profile, settings, follows, blocks or mutes of this person changed. */
  personChanged(personId: PersonId): void;
  /** A message that waited for its sender will not be sent. */
  heldDropped(event: HeldDropped): void;
}

export interface MessagesCommitted {
  conversationId: ConversationId;
  memberIds: readonly PersonId[];
  /** New messages of one commit, ascending by seq. */
  messages: readonly Message[];
  /** Those of them that came as requests, by seq. */
  requestSeqs: readonly number[];
  /** When the message before the first of them was made, or later; milliseconds since 1970. */
  previousAt: number;
  /** The members as they stand after the commit. */
  members: readonly MemberRow[];
}

export interface ConversationChanged {
  conversationId: ConversationId;
  personIds: readonly PersonId[];
  rev: number;
  message?: Message;
}

export interface HeldDropped {
  personId: PersonId;
  conversationId: ConversationId;
  clientId: string;
  code?: ErrorCode;
}
