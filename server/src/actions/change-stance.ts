import type { ConversationId, MessageId, PersonId } from '../base/ids.ts';
import { createKeyedQueue } from '../base/keyed-queue.ts';
import { Refusal } from '../base/refusal.ts';
import type { Stance } from '../domain/contact.ts';
import {
  findMembers,
  lockConversations,
  raiseRev,
  writeStances,
  type MemberRow,
} from '../storage/conversations.ts';
import { placingOf, raiseInboxRows, type InboxChange } from '../storage/inbox.ts';
import { recordActs, type Act } from '../storage/ledger.ts';
import { deleteIntents, insertIntent, type Intent, type IntentKind } from '../storage/relations.ts';
import { giveBudgetBack } from './record-acts.ts';
import type { World } from './world.ts';

// Every act by which a person changes what the other of a direct conversation may do. The stance changes under the
// lock that the other's sends take; the ledger is written while it is held; an intent written first lets the sweeper
// finish what a crash interrupts.

/**
 * One person's changes about another wait for each other here, where they hold nothing, and not for the conversation's lock, where
 * each would hold a connection of the pool that everybody shares.
 */
export const changesUnderWay = createKeyedQueue({ perKeyMax: 20, max: 1_000 });

export interface Pair {
  personId: PersonId;
  otherId: PersonId;
  conversationId: ConversationId;
}

/** What is known under the lock. */
export interface Seen {
  own: MemberRow;
  other: MemberRow;
  headSeq: number;
  nowMs: number;
  /** The id under which the act goes into the ledger. */
  entryId: MessageId;
  /** Ids for further acts of the same call; the same in every try. */
  furtherId(index: number): MessageId;
}

export interface StanceChange {
  stance: Stance;
  /** For the ledger, the first under `entryId`. */
  acts: readonly Act[];
  /** The other may see that something changed: they have been accepted. */
  tellsOther?: boolean;
}

/**
 * Does one act. `decide` runs under the lock, perhaps several times, and answers the new stance, or null when there is
 * nothing to change. Resolves true when something changed. Refuses `not_found` when the pair has no such conversation.
 */
export async function changeStance(
  world: World,
  pair: Pair,
  kind: IntentKind,
  decide: (seen: Seen) => StanceChange | null,
): Promise<boolean> {
  const { personId, otherId } = pair;
  return changesUnderWay.run(`${personId} ${otherId}`, async () => {
    const intent: Intent = { personId, intentId: world.ids.next<MessageId>(), kind, otherId };
    await insertIntent(world.families.person, intent, new Date(world.clock.now()));
    const changed = await underLock(world, pair, intent.intentId, decide).catch(
      async (error: unknown) => {
        // Refused, so nothing is half done. Anything else is left to the sweeper, which knows how far it came:
        // also “overloaded”, which a database says that went away in the middle.
        const isRefused = error instanceof Refusal && error.code !== 'overloaded';
        if (isRefused) await deleteIntents(world.families.person, [intent]);
        throw error;
      },
    );
    // Only then is everything written: should it end here, the sweeper puts the lists right.
    if (changed) await tell(world, pair, changed);
    await deleteIntents(world.families.person, [intent]);
    return changed !== null;
  });
}

interface Changed {
  before: MemberRow;
  after: MemberRow;
  headSeq: number;
  lastActivityAt: Date;
  /** Null when the other is not told. */
  rev: number | null;
}

async function underLock(
  world: World,
  { personId, otherId, conversationId }: Pair,
  entryId: MessageId,
  decide: (seen: Seen) => StanceChange | null,
): Promise<Changed | null> {
  const { conversation, person } = world.families;
  const further: MessageId[] = [];
  const furtherId = (index: number): MessageId => (further[index] ??= world.ids.next<MessageId>());
  /** What an earlier try came to; the answer to its commit may have been lost. */
  let earlier: Changed | null = null;
  return conversation.transaction(async (tx) => {
    const [locked, members] = await Promise.all([
      lockConversations(tx, [conversationId]),
      findMembers(tx, [conversationId]),
    ]);
    const row = locked.get(conversationId);
    const rows = members.get(conversationId) ?? [];
    const own = rows.find((member) => member.personId === personId);
    const other = rows.find((member) => member.personId === otherId);
    if (!row || !own || !other || own.gone) throw new Refusal('not_found');
    const nowMs = world.clock.now();
    const change = decide({ own, other, headSeq: row.headSeq, nowMs, entryId, furtherId });
    if (!change) return earlier;
    const after = { ...own, ...change.stance };
    writeStances(tx, [after], new Date(nowMs));
    const rev = change.tellsOther ? await raiseRev(tx, conversationId) : null;
    await person.transaction(async (personTx) => {
      await recordActs(personTx, change.acts);
      for (const act of change.acts) {
        if (act.kind === 'accept') await giveBudgetBack(world, personTx, act);
      }
    });
    const { headSeq, lastActivityAt } = row;
    earlier = { before: own, after, headSeq, lastActivityAt, rev };
    return earlier;
  });
}

/** After the commit: the person's own row where it lies now, and, if they were accepted, the other. */
async function tell(world: World, pair: Pair, changed: Changed): Promise<void> {
  const { before, after, headSeq, lastActivityAt, rev } = changed;
  if (headSeq === 0) return;
  const { personId, otherId, conversationId } = pair;
  const row = { conversationId, headSeq, readSeq: 0, lastActivityAt };
  const changes: InboxChange[] = [];
  if (after.placeRev !== before.placeRev) {
    changes.push({ ...row, personId, peerId: otherId, placing: placingOf(after) });
  }
  if (rev !== null) changes.push({ ...row, personId: otherId, peerId: personId });
  if (changes.length > 0) {
    world.wake.inboxChanged(await raiseInboxRows(world.families.person, changes));
  }
  if (rev !== null) {
    world.wake.conversationChanged({ conversationId, personIds: [personId, otherId], rev });
  }
}

/** The parts of an act that are the same whatever it is. */
export function actOf(
  pair: Pair,
  seen: Pick<Seen, 'nowMs' | 'headSeq'>,
  entryId: string,
  rest: Pick<Act, 'kind' | 'via' | 'purpose'> & { wording?: string },
): Act {
  return {
    personId: pair.personId,
    otherId: pair.otherId,
    entryId,
    at: new Date(seen.nowMs),
    kind: rest.kind,
    purpose: rest.purpose,
    via: rest.via,
    wording: rest.wording ?? null,
    conversationId: seen.headSeq > 0 ? pair.conversationId : null,
  };
}
