import type { MessageId, PersonId } from '../base/ids.ts';
import { deleteIdentity } from '../storage/accounts.ts';
import {
  deleteConversation,
  findMembers,
  lockConversations,
  setMemberGone,
} from '../storage/conversations.ts';
import { listInboxChanges } from '../storage/inbox.ts';
import { erasePerson } from '../storage/people.ts';
import { deleteIntents, insertIntent, type Intent } from '../storage/relations.ts';
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

/** The account first, so that nobody can sign in to a half-deleted one; then the conversations; the inbox, which lists them, last. */
export async function finishDeleteAccount(
  world: World,
  intent: Intent,
  quiesce: () => Promise<void> = async () => {},
): Promise<void> {
  const { personId } = intent;
  await deleteIdentity(world.families.identity, personId);
  await quiesce();
  await leaveConversations(world, personId);
  // Messages that took a conversation's lock before we did may still be on their way into the inbox.
  await quiesce();
  await world.families.person.transaction(async (tx) => {
    await erasePerson(tx, personId, new Date(world.clock.now()));
    await deleteIntents(tx, [intent]);
  });
}

async function leaveConversations(world: World, personId: PersonId): Promise<void> {
  let pos = 0;
  for (;;) {
    const rows = await listInboxChanges(world.families.person, personId, pos, conversationsAtOnce);
    if (rows.length === 0) return;
    pos = rows.at(-1)!.pos;
    await world.families.conversation.transaction(async (tx) => {
      const ids = rows.map((row) => row.conversationId);
      await lockConversations(tx, ids);
      const members = await findMembers(tx, ids);
      for (const id of ids) {
        const others = (members.get(id) ?? []).filter((member) => member.personId !== personId);
        if (others.every((member) => member.gone)) await deleteConversation(tx, id);
        else await setMemberGone(tx, id, personId);
      }
    });
  }
}
