import type { ConversationId, PersonId } from '../base/ids.ts';
import { findInboxRow, raiseInboxRows } from '../storage/inbox.ts';
import { conversationVisibleTo } from '../storage/visible.ts';
import type { World } from './world.ts';

/**
 * Marks everything up to `seq` as read by this person, on all their devices. Marks only move forward; a `seq`
 * beyond the newest message counts as the newest. Refuses `not_found` to anyone but a member.
 */
export async function markRead(
  world: World,
  personId: PersonId,
  conversationId: ConversationId,
  seq: number,
): Promise<{ readSeq: number; unread: number }> {
  const seen = await conversationVisibleTo(world, personId, conversationId);
  const target = Math.min(seq, seen.headSeq);
  const row = await findInboxRow(world.families.person, personId, conversationId);
  if (row && row.readSeq >= target) return readState(row.readSeq, seen.headSeq);
  const changed = await raiseInboxRows(world.families.person, [
    {
      personId,
      conversationId,
      peerId: seen.peerId,
      headSeq: seen.headSeq,
      readSeq: target,
      lastActivityAt: seen.lastActivityAt,
    },
  ]);
  world.wake.inboxChanged(changed);
  return readState(changed[0]?.readSeq ?? target, seen.headSeq);
}

function readState(readSeq: number, headSeq: number): { readSeq: number; unread: number } {
  return { readSeq, unread: Math.max(0, headSeq - readSeq) };
}
