import type { ConversationId, PersonId } from '../base/ids.ts';
import { isDecidable, onAccept, onDecline, onUnaccept, type Stance } from '../domain/contact.ts';
import { purposeBit } from '../domain/standing.ts';
import {
  findMembers,
  lockConversations,
  raiseRev,
  writeStances,
} from '../storage/conversations.ts';
import { placingOf, raiseInboxRows, type InboxChange } from '../storage/inbox.ts';
import { findConsents, findEntries, type ConsentRow } from '../storage/ledger.ts';
import { findPair } from '../storage/people.ts';
import { deleteIntents, type Intent } from '../storage/relations.ts';
import { lowHigh } from '../storage/standing.ts';
import type { World } from './world.ts';

/**
 * Finishes an act of consent that a crash interrupted. The ledger is written before the standing commits: with no
 * entry nothing has happened, and nobody was answered; with one, the standing is brought to what the latest word says.
 */
export async function reconcileConsent(world: World, intent: Intent): Promise<void> {
  const { person } = world.families;
  const { personId, otherId } = intent;
  const id = otherId && (await findPair(person, ...lowHigh(personId, otherId)));
  const isRecorded = (await findEntries(person, personId, [intent.intentId])).size > 0;
  if (otherId && id && isRecorded) await bringUpToDate(world, intent, { otherId, id });
  await deleteIntents(person, [intent]);
}

async function bringUpToDate(
  world: World,
  intent: Intent,
  { otherId, id }: { otherId: PersonId; id: ConversationId },
): Promise<void> {
  const { conversation, person } = world.families;
  const { personId, kind } = intent;
  const found = await conversation.transaction(async (tx) => {
    const row = (await lockConversations(tx, [id])).get(id);
    const own = (await findMembers(tx, [id])).get(id)?.find((m) => m.personId === personId);
    if (!row || !own) return null;
    const said = await findConsents(person, personId, otherId);
    const after = { ...own, ...reconciled(own, intent, said, row.headSeq, world.clock.now()) };
    writeStances(tx, [after], new Date(world.clock.now()));
    // Whoever was accepted may not have heard of it.
    const isAccepted = kind === 'accept' && after.contact === 'accepted' && !after.blocks;
    const rev = isAccepted ? await raiseRev(tx, id) : null;
    return { row, after, rev };
  });
  if (!found || found.row.headSeq === 0) return;
  const { row, after, rev } = found;
  const { headSeq, lastActivityAt } = row;
  const change = { conversationId: id, headSeq, readSeq: 0, lastActivityAt };
  // Also where the standing was right already: the crash may have come after it and before the lists.
  const changes: InboxChange[] = [
    { ...change, personId, peerId: otherId, placing: placingOf(after) },
  ];
  if (rev !== null) changes.push({ ...change, personId: otherId, peerId: personId });
  world.wake.inboxChanged(await raiseInboxRows(person, changes));
  if (rev === null) return;
  world.wake.conversationChanged({ conversationId: id, personIds: [personId, otherId], rev });
}

function reconciled(
  own: Stance,
  { kind }: Intent,
  said: readonly ConsentRow[],
  headSeq: number,
  nowMs: number,
): Stance {
  const bitsOf = (state: ConsentRow['state']): number =>
    said
      .filter((row) => row.state === state)
      .reduce((bits, row) => bits | purposeBit(row.purpose), 0);
  const stance = {
    ...own,
    grants: own.blocks ? 0 : bitsOf('granted'),
    refusals: bitsOf('revoked'),
  };
  if (own.blocks) return stance;
  const isAccepted = said.some((row) => row.purpose === 'personal' && row.state === 'granted');
  if (isAccepted && own.contact !== 'accepted') return onAccept(stance, headSeq);
  if (!isAccepted && own.contact === 'accepted' && kind === 'unaccept') return onUnaccept(stance);
  if (kind === 'decline' && isDecidable(own, nowMs)) return onDecline(stance, nowMs);
  return stance;
}
