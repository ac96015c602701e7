import type { Origin, Place } from '@aside/protocol';

// How one member of a direct conversation takes the other's personal messages: the first table of docs/consent.md.
// Pure: what happened and what time it is go in, the new row comes out.

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
/** A request that was not decided leaves the folder after this. */
export const requestKeptMs = 30 * dayMs;
/** For so long after an unanswered first message its sender may not send another. */
export const requestRestsMs = 90 * dayMs;

export type ContactState = 'none' | 'pending' | 'accepted' | 'closed';

/** The standing of one member towards the other, as stored; what time changes is computed by `contactAt`. */
export interface Stance {
  contact: ContactState;
  /** When the other's unanswered first message came, in ms since 1970; null when none is unanswered. */
  requestedAt: number | null;
  /** Which message that is; stays when it is answered. 0: there never was one. */
  requestedSeq: number;
  /** Why the request is quiet, as bits; 0 for one with a badge. */
  quiet: number;
  /** The member has written here. */
  wrote: boolean;
  blocks: boolean;
  /** Where the conversation lies for this member, and how often it has moved. */
  place: Place;
  placeRev: number;
  /** Purposes granted and refused, as bits (`purposeBit`). */
  grants: number;
  refusals: number;
  /** The member's message whose reply credit was used, how much of it, and up to which message there is none. */
  creditSeq: number;
  creditUsed: number;
  creditVoid: number;
  /** What was read up to here was read before it was accepted and is nobody's business. */
  receiptsAfter: number;
}

/** The state at this moment: 30 days close a request, 90 days open the door again. */
export function contactAt(
  stance: Pick<Stance, 'contact' | 'requestedAt'>,
  nowMs: number,
): ContactState {
  const { contact, requestedAt } = stance;
  if (contact === 'accepted' || contact === 'none') return contact;
  const ageMs = nowMs - (requestedAt ?? Number.NEGATIVE_INFINITY);
  if (ageMs >= requestRestsMs) return 'none';
  return contact === 'closed' || ageMs >= requestKeptMs ? 'closed' : 'pending';
}

/** True while the other's first message is unanswered and its 90 days run, whatever became of it. */
export function isResting(stance: Pick<Stance, 'contact' | 'requestedAt'>, nowMs: number): boolean {
  const contact = contactAt(stance, nowMs);
  return contact === 'pending' || contact === 'closed';
}

/** True for a request that can be decided now, or a conversation that was moved back to the requests. */
export function isDecidable(stance: Stance, nowMs: number): boolean {
  if (stance.blocks) return false;
  const contact = contactAt(stance, nowMs);
  return contact === 'pending' || (contact === 'none' && stance.place === 'requests');
}

/** True when the member is not shown the conversation at all: what it holds was declined or has run out unseen. */
export function isHidden(stance: Stance, nowMs: number): boolean {
  return placeAt(stance, nowMs) === 'closed';
}

/** Where the conversation lies for the member now: a request that has run out is in no folder. */
export function placeAt(stance: Stance, nowMs: number): Place {
  if (!isExpired(stance, nowMs)) return stance.place;
  return stance.wrote ? 'archive' : 'closed';
}

function isExpired(stance: Stance, nowMs: number): boolean {
  const { requestedAt, contact, place } = stance;
  return (
    place === 'requests' &&
    contact === 'pending' &&
    requestedAt !== null &&
    nowMs - requestedAt >= requestKeptMs
  );
}

/** The other's first message has come and waits. */
export function onRequest(stance: Stance, seq: number, quiet: number, nowMs: number): Stance {
  const waiting: Stance = {
    ...stance,
    contact: 'pending',
    requestedAt: nowMs,
    requestedSeq: seq,
    quiet,
  };
  return moved(waiting, 'requests');
}

/** The other's message that is not personal was delivered: the conversation lies where it is seen. */
export function onDelivered(stance: Stance): Stance {
  return stance.place === 'inbox' ? stance : moved(stance, 'inbox');
}

export function onAccept(stance: Stance, headSeq: number): Stance {
  const accepted: Stance = {
    ...stance,
    contact: 'accepted',
    requestedAt: null,
    quiet: 0,
    receiptsAfter: headSeq,
  };
  return moved(accepted, 'inbox');
}

/** The request leaves the folder; its 90 days run on. */
export function onDecline(stance: Stance, nowMs: number): Stance {
  const contact = contactAt(stance, nowMs) === 'pending' ? 'closed' : stance.contact;
  return moved({ ...stance, contact, quiet: 0 }, stance.wrote ? 'archive' : 'closed');
}

/** What was accepted is not any more; the conversation goes back to the requests. */
export function onUnaccept(stance: Stance): Stance {
  return moved({ ...stance, contact: 'none', requestedAt: null, quiet: 0 }, 'requests');
}

/** Ends what was granted and what a reply would have opened; a refusal stays. `headSeq` is the newest message. */
export function onBlock(stance: Stance, headSeq: number, nowMs: number): Stance {
  const rests = isResting(stance, nowMs);
  const blocked: Stance = {
    ...stance,
    blocks: true,
    contact: rests ? 'closed' : 'none',
    requestedAt: rests ? stance.requestedAt : null,
    quiet: 0,
    grants: 0,
    creditVoid: headSeq,
  };
  if (stance.place !== 'requests') return blocked;
  return moved(blocked, stance.wrote ? 'archive' : 'closed');
}

/** Restores nothing: what the block ended stays ended. */
export function onUnblock(stance: Stance): Stance {
  return { ...stance, blocks: false };
}

/** What writing did to the writer's own stance, as the ledger names it. */
export type WritingAct = 'wrote_first' | 'replied' | null;

/**
 * The member has written. Writing first takes the other's answers, however it was written; a request is only
 * accepted by a reply from the member's own session, never by a machine.
 */
export function onWrite(
  stance: Stance,
  origin: Origin,
  seq: number,
  nowMs: number,
): { stance: Stance; act: WritingAct } {
  const contact = contactAt(stance, nowMs);
  const wrote = { ...stance, wrote: true };
  const act =
    contact === 'accepted'
      ? null
      : contact !== 'pending'
        ? 'wrote_first'
        : origin === 'interactive'
          ? 'replied'
          : null;
  if (act !== null) return { stance: onAccept(wrote, seq), act };
  if (stance.wrote && (contact === 'pending' || stance.place === 'inbox')) return { stance, act };
  const stays = contact === 'pending' || stance.place === 'inbox';
  return { stance: stays ? wrote : moved(wrote, 'inbox'), act };
}

/** Counts also when the place stays, because what is said about the request there has changed. */
function moved(stance: Stance, place: Place): Stance {
  return { ...stance, place, placeRev: stance.placeRev + 1 };
}

/** A stance that has seen nothing yet. */
export const freshStance: Stance = {
  contact: 'none',
  requestedAt: null,
  requestedSeq: 0,
  quiet: 0,
  wrote: false,
  blocks: false,
  place: 'inbox',
  placeRev: 0,
  grants: 0,
  refusals: 0,
  creditSeq: 0,
  creditUsed: 0,
  creditVoid: 0,
  receiptsAfter: 0,
};
