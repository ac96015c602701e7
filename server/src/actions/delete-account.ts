import type { ConversationId, MessageId, PersonId } from '../base/ids.ts';
import { deleteIdentity } from '../storage/accounts.ts';
import {
  deleteConversation,
  findMembers,
  lockConversations,
  setMemberGone,
} from '../storage/conversations.ts';
import { listInboxChanges } from '../storage/inbox.ts';
import { erasePerson, listPairs, markPersonDeleted } from '../storage/people.ts';
import { deleteIntentsOf, insertIntent, type Intent } from '../storage/relations.ts';
import type { World } from './world.ts';

const conversationsAtOnce = 200;

/**
 * Deletes an account and what it alone may see: profile, settings, follows, blocks, inbox, sessions, notes to
 * oneself, and conversations in which nobody is left. What others received stays with them, without a name.
 * The username is never given to anybody else. After a crash half way the sweeper finishes it.
 * `quiesce` ends the person's sessions on every node and waits until what they had sent is in the inboxes.
 */
export async function deleteAccount(
  world: World,
  personId: PersonId,
  quiesce: () => Promise<void>,
): Promise<void> {
  const intent: Intent = {
    personId,
    intentId: world.ids.next<MessageId>(),
    kind: 'delete-account',
    otherId: null,
  };
  await insertIntent(world.families.person, intent, new Date(world.clock.now()));
  await finishDeleteAccount(world, intent, quiesce);
}

/**
 * The account first, so that nobody can sign in to a half-deleted one; then the mark that closes it to first
 * contacts; then the conversations; the inbox, which lists them, last.
 */
export async function finishDeleteAccount(
  world: World,
  intent: Intent,
  quiesce: () => Promise<void> = async () => {},
): Promise<void> {
  const { personId } = intent;
  await deleteIdentity(world.families.identity, personId);
  await quiesce();
  await markPersonDeleted(world.families.person, personId, new Date(world.clock.now()));
  await leaveInbox(world, personId);
  await leavePairs(world, personId);
  // Messages that took a conversation's lock before we did may still be on their way into the inbox.
  await quiesce();
  await world.families.person.transaction(async (tx) => {
    await erasePerson(tx, personId, new Date(world.clock.now()));
    // With the blocks that were still to be written.
    await deleteIntentsOf(tx, personId);
  });
}

async function leaveInbox(world: World, personId: PersonId): Promise<void> {
  let pos = 0;
  for (;;) {
    const rows = await listInboxChanges(world.families.person, personId, pos, conversationsAtOnce);
    if (rows.length === 0) return;
    pos = rows.at(-1)!.pos;
    await leave(
      world,
      personId,
      rows.map((row) => row.conversationId),
    );
  }
}

/**
 * Conversations that no inbox row names: empty ones, and a first contact whose sender saw a living account. Its
 * pair was registered before the mark, so it is found here; its lock is waited for.
 */
async function leavePairs(world: World, personId: PersonId): Promise<void> {
  const { conversation, person } = world.families;
  for (const side of ['low', 'high'] as const) {
    let after: PersonId | '0' = '0';
    for (;;) {
      const pairs = await listPairs(person, personId, side, after, conversationsAtOnce);
      if (pairs.length === 0) break;
      after = pairs.at(-1)!.otherId;
      const ids = pairs.map((pair) => pair.conversationId);
      const members = await findMembers(conversation, ids);
      const isLiving = (id: ConversationId): boolean =>
        (members.get(id) ?? []).some((member) => member.personId === personId && !member.gone);
      const living = ids.filter(isLiving);
      if (living.length > 0) await leave(world, personId, living);
    }
  }
}

async function leave(
  world: World,
  personId: PersonId,
  ids: readonly ConversationId[],
): Promise<void> {
  await world.families.conversation.transaction(async (tx) => {
    await lockConversations(tx, ids);
    const members = await findMembers(tx, ids);
    for (const id of ids) {
      const others = (members.get(id) ?? []).filter((member) => member.personId !== personId);
      if (others.every((member) => member.gone)) await deleteConversation(tx, id);
      else await setMemberGone(tx, id, personId);
    }
  });
}
