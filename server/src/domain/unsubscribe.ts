import type { GrantPurpose } from '@aside/protocol';
import { isId, type PersonId } from '../base/ids.ts';
import type { Sealer } from '../base/sealed.ts';

// What an unsubscribe token stands for. The path is RFC 8058's: one POST, no session, nothing to confirm.

export interface Unsubscription {
  recipientId: PersonId;
  senderId: PersonId;
  purpose: GrantPurpose;
}

const letters: Record<GrantPurpose, string> = { service: 's', automated: 'a', promotional: 'p' };

export function unsubscribePath(sealer: Sealer, of: Unsubscription): string {
  const text = `${of.recipientId} ${of.senderId} ${letters[of.purpose]}`;
  return `/api/unsubscribe/${sealer.seal(text)}`;
}

/** Null for anything that is not a token of this server. */
export function readUnsubscription(sealer: Sealer, token: string): Unsubscription | null {
  const [recipientId = '', senderId = '', letter] = sealer.open(token)?.split(' ') ?? [];
  const purpose = (Object.keys(letters) as GrantPurpose[]).find((one) => letters[one] === letter);
  if (!purpose || !isId(recipientId) || !isId(senderId)) return null;
  return { recipientId: recipientId as PersonId, senderId: senderId as PersonId, purpose };
}
