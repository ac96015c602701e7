import type { PersonId } from '../base/ids.ts';
import { onDecline, placeAt } from '../domain/contact.ts';
import { findMembers, lockConversations, writeStances } from '../storage/conversations.ts';
import { listExpiredRequests, placingOf, raiseInboxRows } from '../storage/inbox.ts';
import type { World } from './world.ts';

const requestsAtOnce = 100;
const pagesAtOnce = 50;

/**
 * Moves requests that have run out from their folder. They are hidden from the moment they run out; this only keeps
 * the folder's index small and tells devices that are connected. Answers how many it moved; what is beyond 5,000 is
 * left to the next run.
 */
export async function expireRequests(world: World): Promise<number> {
  let moved = 0;
  for (let page = 0; page < pagesAtOnce; page += 1) {
    const now = new Date(world.clock.now());
    const expired = await listExpiredRequests(world.families.person, now, requestsAtOnce);
    for (const one of expired) await expireOne(world, one);
    moved += expired.length;
    if (expired.length < requestsAtOnce) break;
  }
  return moved;
}

/** The same for one person, who is about to look where they have gone. At most 100 at once. */
export async function expireRequestsOf(world: World, personId: PersonId): Promise<void> {
  const { person } = world.families;
  const now = new Date(world.clock.now());
  const expired = await listExpiredRequests(person, now, requestsAtOnce, personId);
  for (const one of expired) await expireOne(world, one);
}

async function expireOne(
  world: World,
  { personId, conversationId }: Awaited<ReturnType<typeof listExpiredRequests>>[number],
): Promise<void> {
  const { conversation, person } = world.families;
  const change = await conversation.transaction(async (tx) => {
    const row = (await lockConversations(tx, [conversationId])).get(conversationId);
    const members = (await findMembers(tx, [conversationId])).get(conversationId) ?? [];
    const own = members.find((member) => member.personId === personId);
    if (!row || !own) return null;
    const nowMs = world.clock.now();
    const isOver = own.place === 'requests' && placeAt(own, nowMs) !== 'requests';
    const after = isOver ? { ...own, ...onDecline(own, nowMs) } : own;
    if (isOver) writeStances(tx, [after], new Date(nowMs));
    const { headSeq, lastActivityAt } = row;
    const peerId = members.find((member) => member.personId !== personId)?.personId ?? personId;
    // Also when it was moved already: a row that says otherwise is behind.
    const placing = placingOf(after);
    return { personId, conversationId, peerId, headSeq, readSeq: 0, lastActivityAt, placing };
  });
  if (change) world.wake.inboxChanged(await raiseInboxRows(person, [change]));
}
