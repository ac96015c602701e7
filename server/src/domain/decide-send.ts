import type { Standing } from './standing.ts';

// Whether a message may be sent. One pure function for every path: HTTP, socket, the hint before typing.

export type SendDecision =
  | { outcome: 'deliver'; arrives: 'inbox' }
  | { outcome: 'refuse'; code: 'recipient_gone' | 'you_blocked' | 'not_accepting' };

/**
 * Decides by the first rule that matches. A blocked sender gets exactly what a stranger gets whom nobody
 * admits, so the answer does not tell a block from a closed door. The caller must hold the lock of the
 * conversation when it acts on the outcome; as a hint before typing none is needed.
 */
export function decideSend(standing: Standing): SendDecision {
  if (standing.isSelf) return { outcome: 'deliver', arrives: 'inbox' };
  if (standing.recipientGone) return { outcome: 'refuse', code: 'recipient_gone' };
  if (standing.senderBlocksRecipient) return { outcome: 'refuse', code: 'you_blocked' };
  if (standing.recipientBlocksSender) return { outcome: 'refuse', code: 'not_accepting' };
  if (standing.recipientWrote || isWithinReach(standing)) {
    return { outcome: 'deliver', arrives: 'inbox' };
  }
  return { outcome: 'refuse', code: 'not_accepting' };
}

function isWithinReach({ reach, recipientFollowsSender }: Standing): boolean {
  switch (reach) {
    case 'everyone':
      return true;
    case 'following':
      return recipientFollowsSender;
    case 'nobody':
      return false;
  }
}
