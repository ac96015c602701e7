import type { Reach } from '@aside/protocol';

/**
 * What one person's right to write to another rests on, at one moment. Facts only, each set by the recipient's
 * own act (or the sender's own block); a follow by the *sender* is not among them, because it allows nothing.
 */
export interface Standing {
  /** Sender and recipient are the same person: a note to oneself. */
  isSelf: boolean;
  /** The recipient's account was deleted, or is being deleted. */
  recipientGone: boolean;
  recipientBlocksSender: boolean;
  senderBlocksRecipient: boolean;
  /** The recipient has written in this conversation before. */
  recipientWrote: boolean;
  recipientFollowsSender: boolean;
  /** The recipient's own setting. */
  reach: Reach;
}
