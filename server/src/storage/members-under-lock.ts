import { LRUCache } from 'lru-cache';
import type { ConversationId } from '../base/ids.ts';
import { findMembers, lockHeads, type LockedHead, type MemberRow } from './conversations.ts';
import type { Queries } from './database.ts';

// The members of a conversation as a send sees them. Reading them anew for each send was a seventh of the server's time,
// and they hardly ever change; so they are remembered, and believed only under the conversation's lock and only if
// `member_rev`, read with that lock, says that nothing has changed since. No clock decides, and no message between nodes.

export interface MemberMemory {
  /** What was read last, whatever became of it since: only good for what is checked again under the lock. */
  recall(id: ConversationId): KnownMembers | undefined;
  /**
   * Locks these conversations, lowest id first, and answers their heads and members; unknown ids are left out. One round
   * trip together with what else is asked in this turn, two when a remembered one has changed. The lists are
   * the caller's own; the rows are not.
   */
  lock(
    tx: Queries,
    ids: readonly ConversationId[],
  ): Promise<{
    heads: Map<ConversationId, LockedHead>;
    members: Map<ConversationId, MemberRow[]>;
  }>;
}

/** Members as they were at one `member_rev`. */
export interface KnownMembers {
  memberRev: number;
  /** The head was there at least. */
  headSeq: number;
  members: readonly MemberRow[];
}

/** About 600 bytes each. */
const rememberedMax = 20_000;

export function createMemberMemory(): MemberMemory {
  const memory = new LRUCache<ConversationId, KnownMembers>({ max: rememberedMax });

  return {
    recall: (id) => memory.get(id),
    async lock(tx, ids) {
      const known = new Map(ids.map((id) => [id, memory.get(id)]));
      const unknown = ids.filter((id) => !known.get(id));
      const [heads, read] = await Promise.all([
        lockHeads(tx, ids),
        unknown.length > 0 ? findMembers(tx, unknown) : new Map<ConversationId, MemberRow[]>(),
      ]);
      const changed = [...heads.keys()].filter((id) => {
        const entry = known.get(id);
        return entry && entry.memberRev !== heads.get(id)!.memberRev;
      });
      const again = changed.length > 0 ? await findMembers(tx, changed) : read;
      const members = new Map<ConversationId, MemberRow[]>();
      for (const [id, { memberRev, headSeq }] of heads) {
        const fresh = again.get(id) ?? read.get(id);
        if (fresh) memory.set(id, { memberRev, headSeq, members: fresh });
        members.set(id, [...(fresh ?? known.get(id)?.members ?? [])]);
      }
      return { heads, members };
    },
  };
}
