import type { ActVia } from '@aside/protocol';
import type { MessageId, PersonId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { onBlock, onUnblock } from '../domain/contact.ts';
import { findMembers, lockConversations, writeStances } from '../storage/conversations.ts';
import { placingOf, raiseInboxRows, type InboxChange } from '../storage/inbox.ts';
import { recordActs } from '../storage/ledger.ts';
import { findPerson, lockPeople } from '../storage/people.ts';
import {
  deleteBlock,
  deleteFollow,
  deleteIntents,
  findIntents,
  insertBlock,
  insertIntent,
  isBlocking,
  type IntentKind,
} from '../storage/relations.ts';
import { actOf, changesUnderWay } from './change-stance.ts';
import { openDirect } from './open-direct.ts';
import type { World } from './world.ts';

// A block lives in two families: in the conversation, where a send sees it under its lock, and in the
// person's own list. An intent written first lets the sweeper finish what a crash interrupts.

/**
 * Blocks a person. When it is answered, no message of theirs can arrive any more: the mark is set under the
 * lock that their send must take. Ends the blocker's own follow and what they had granted. Repeating it changes nothing.
 * Refuses `invalid` for oneself and `rate_limited` beyond 20 changes under way for one pair.
 */
export async function blockPerson(
  world: World,
  personId: PersonId,
  otherId: PersonId,
  via: ActVia = 'session',
): Promise<void> {
  await changeBlock(world, personId, otherId, 'block', via);
}

/** Takes a block back. Follows that ended by it stay ended. */
export async function unblockPerson(
  world: World,
  personId: PersonId,
  otherId: PersonId,
  via: ActVia = 'session',
): Promise<void> {
  await changeBlock(world, personId, otherId, 'unblock', via);
}

async function changeBlock(
  world: World,
  personId: PersonId,
  otherId: PersonId,
  kind: 'block' | 'unblock',
  via: ActVia,
): Promise<void> {
  if (personId === otherId) throw new Refusal('invalid', 'You cannot block yourself.');
  await changesUnderWay.run(`${personId} ${otherId}`, async () => {
    if (await isAsWished(world, personId, otherId, kind)) return;
    const intent = { personId, intentId: world.ids.next<MessageId>(), kind, otherId };
    await insertIntent(world.families.person, intent, new Date(world.clock.now()));
    await finishBlockIntents(world, personId, otherId, via);
    world.wake.personChanged(personId);
  });
}

/**
 * Nothing to change, and nothing to create. The list is read before the intents: what it says reached the
 * conversation as well if no intent is left after that.
 */
async function isAsWished(
  { families }: World,
  personId: PersonId,
  otherId: PersonId,
  kind: 'block' | 'unblock',
): Promise<boolean> {
  if ((await isBlocking(families.person, personId, otherId)) !== (kind === 'block')) return false;
  return (await findIntents(families.person, personId, otherId, kinds)).length === 0;
}

/**
 * Carries out the newest block or unblock that is written down between the two and forgets the older ones.
 * The person family is written while the conversation is locked, so that two devices at once leave both
 * families saying the same.
 */
export async function finishBlockIntents(
  world: World,
  personId: PersonId,
  otherId: PersonId,
  via: ActVia = 'session',
): Promise<void> {
  const { conversation, person } = world.families;
  const id = await openDirect(world, [personId, otherId]);
  const pair = { personId, otherId, conversationId: id };
  const finished = await conversation.transaction(async (tx) => {
    const [locked, members] = await Promise.all([
      lockConversations(tx, [id]),
      findMembers(tx, [id]),
    ]);
    const intents = await findIntents(person, personId, otherId, kinds);
    const newest = intents.at(-1);
    const row = locked.get(id);
    const own = members.get(id)?.find((member) => member.personId === personId);
    if (!newest || !row || !own) return { intents, moved: null };
    const nowMs = world.clock.now();
    const blocks = newest.kind === 'block';
    const stance = blocks ? (own.blocks ? own : onBlock(own, row.headSeq, nowMs)) : onUnblock(own);
    const after = { ...own, ...stance };
    writeStances(tx, [after], new Date(nowMs));
    await person.transaction(async (personTx) => {
      await lockPeople(personTx, [personId]);
      const isLiving = (await findPerson(personTx, personId)) !== null;
      if (blocks && isLiving) {
        await insertBlock(personTx, personId, otherId, new Date(nowMs));
        await deleteFollow(personTx, personId, otherId);
      } else {
        await deleteBlock(personTx, personId, otherId);
      }
      const seen = { nowMs, headSeq: row.headSeq };
      const kind = blocks ? 'block' : 'unblock';
      await recordActs(personTx, [
        actOf(pair, seen, newest.intentId, { kind, via, purpose: null }),
      ]);
    });
    // What was so already may be what a crash left without its inbox row.
    const isMoved = after.placeRev !== own.placeRev || (blocks && own.blocks);
    const moved: InboxChange | null =
      !isMoved || row.headSeq === 0
        ? null
        : {
            personId,
            conversationId: id,
            peerId: otherId,
            headSeq: row.headSeq,
            readSeq: 0,
            lastActivityAt: row.lastActivityAt,
            placing: placingOf(after),
          };
    return { intents, moved };
  });
  if (finished.moved) world.wake.inboxChanged(await raiseInboxRows(person, [finished.moved]));
  // Only what was read under the lock: an intent written since is for its own call to carry out.
  await deleteIntents(person, finished.intents);
}

const kinds: readonly IntentKind[] = ['block', 'unblock'];
