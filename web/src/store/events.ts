import type {
  Conversation,
  ConversationPage,
  ConversationView,
  Grants,
  Me,
  Message,
  MessagePage,
  ProfileView,
  RequestCounts,
  SendAnswer,
  ServerFrame,
  Settings,
  Standing,
} from '@aside/protocol';
import type { Source } from './lists.ts';
import type { Decision } from './known.ts';
import type { AppState, OutboxItem, Problem } from './model.ts';

// Everything that can change what the page knows: frames of the socket, answers to requests, and what the
// person at the page does.

export type StoreEvent =
  /** `helloPos` is what this connection's hello carried; null when it asked for no catch-up. */
  | { type: 'frame'; frame: ServerFrame; helloPos: number | null }
  | { type: 'session'; session: AppState['session'] }
  | { type: 'signed-in'; me: Me }
  | { type: 'me'; me: Me }
  | { type: 'settings'; settings: Settings }
  | { type: 'connection'; connection: AppState['connection'] }
  | { type: 'list-loading'; source: Source }
  /**
   * `snapshotPos`: the welcome's pos when this first page was asked for after it, else null. `asked` numbers the
   * questions, so that an answer that took its time does not bring back old counts.
   */
  | {
      type: 'list-page';
      source: Source;
      page: ConversationPage;
      asked: number;
      snapshotPos: number | null;
      isFirst: boolean;
    }
  | { type: 'list-failed'; source: Source }
  | { type: 'request-counts'; counts: RequestCounts; asked: number }
  /** Rows of anywhere in the inbox; they count, but the list shows them only where it has reached. */
  | { type: 'rows'; rows: readonly Conversation[] }
  | { type: 'conversation'; view: ConversationView }
  | { type: 'conversation-gone'; conversationId: string }
  | { type: 'deciding'; ids: readonly string[]; action: Decision['action'] }
  /** Carried out, whether or not `view` says what came of it. */
  | { type: 'decided'; conversationId: string; view: ConversationView | null }
  | { type: 'undecided'; conversationId: string }
  | { type: 'opened'; conversationId: string }
  | { type: 'closed'; conversationId: string }
  | { type: 'timeline-loading'; conversationId: string; direction: 'newest' | 'before' }
  | { type: 'timeline-page'; conversationId: string; direction: 'newest'; page: MessagePage }
  | {
      type: 'timeline-page';
      conversationId: string;
      direction: 'before' | 'after';
      anchor: number;
      page: MessagePage;
    }
  | { type: 'timeline-failed'; conversationId: string; problem: Problem }
  | { type: 'read-marked'; conversationId: string; seq: number }
  | { type: 'typing-ended'; conversationId: string; personId: string }
  | { type: 'outbox-loaded'; items: readonly OutboxItem[] }
  | { type: 'outbox-added'; item: OutboxItem }
  | {
      type: 'outbox-changed';
      clientId: string;
      status: OutboxItem['status'];
      problem: Problem | null;
    }
  | { type: 'outbox-removed'; clientId: string }
  | { type: 'sent'; answer: SendAnswer }
  | { type: 'edit-began'; before: Message; text: string }
  | { type: 'edited'; message: Message }
  | { type: 'edit-failed'; before: Message }
  | { type: 'drafts-loaded'; drafts: ReadonlyMap<string, string> }
  | { type: 'draft'; key: string; text: string }
  | { type: 'profile'; profile: ProfileView }
  | { type: 'standing'; username: string; standing: Standing }
  | { type: 'grants'; username: string; grants: Grants }
  | { type: 'profiles-stale'; keep: readonly string[] };
