// What a run leaves behind for the checks: what clients were told, what they saw, and what the database holds.

/** A message, as far as everybody must agree about it. */
export interface Entry {
  conversationId: string;
  seq: number;
  id: string;
  senderId: string;
  clientId: string;
  text: string;
}

export type PurposeName = 'personal' | 'service' | 'automated' | 'promotional';

export interface StoredMessage extends Entry {
  purpose: PurposeName;
  /** Whether a person sent it from a session of theirs. */
  isInteractive: boolean;
  /**
   * Its place among the messages and changes of stance of its conversation. Drawn while the conversation was
   * locked, so it is the order in which they were committed.
   */
  order: number;
  /** The ledger entry that allowed it, from the permit; null without one. */
  permit: { recipientId: string; entryId: string } | null;
}

/** How a member stood towards the other of a direct conversation, from `order` on. */
export interface Stance {
  personId: string;
  order: number;
  contact: 'none' | 'pending' | 'accepted' | 'closed';
  blocks: boolean;
  /** Purposes granted and refused. */
  grants: readonly PurposeName[];
  refusals: readonly PurposeName[];
  /** Replies up to this seq open nothing. */
  creditVoid: number;
}

export interface StoredConversation {
  conversationId: string;
  headSeq: number;
  memberIds: readonly string[];
  messages: readonly StoredMessage[];
  stances: readonly Stance[];
}

export interface LedgerRow {
  personId: string;
  entryId: string;
  kind: string;
  otherId: string;
  purpose: PurposeName | null;
}

/** A send, from its first try to its last answer. Times are of one clock of the harness. */
export interface Send {
  personId: string;
  otherId: string;
  clientId: string;
  text: string;
  purpose: PurposeName;
  /** How often it left: after a refusal of one try another may still be under way. */
  tries: number;
  begunAt: number;
  /** Null while nobody knows. */
  answeredAt: number | null;
  ack: { conversationId: string; seq: number; id: string } | null;
  /** The code of a refusal that is final, unless there was more than one try. */
  refusal: string | null;
}

export type ActKind = 'block' | 'unblock' | 'accept' | 'unaccept' | 'grant' | 'revoke' | 'write';

/** What a person did about another; `answeredAt` null: without an answer, so it may hold or not. */
export interface Act {
  personId: string;
  otherId: string;
  kind: ActKind;
  /** Of grants and revocations. */
  purposes: readonly PurposeName[];
  begunAt: number;
  answeredAt: number | null;
}

/** Everything one person's device saw. */
export interface MemberLog {
  personId: string;
  /** What the device holds, by conversation: from frames and from pages that it pulled. */
  log: ReadonlyMap<string, readonly Entry[]>;
  /** The `message` frames of each socket it had, in the order they came. */
  sockets: readonly (readonly { conversationId: string; seq: number }[])[];
  /** What contradicted itself on the way. */
  contradictions: readonly string[];
}

export interface Evidence {
  conversations: readonly StoredConversation[];
  ledger: readonly LedgerRow[];
  sends: readonly Send[];
  acts: readonly Act[];
  members: readonly MemberLog[];
  /** Pairs of people, `recipient sender`, where the recipient followed the sender from the beginning. */
  follows: ReadonlySet<string>;
}

/** A check answers what is wrong, one sentence each; nothing when all is well. */
export type Check = (evidence: Evidence) => string[];
