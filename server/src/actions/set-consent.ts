import { grantWording, type ActVia, type GrantPurpose, type Language } from '@aside/protocol';
import type { ConversationId, MessageId, PersonId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { allPurposeBits, purposeBit, purposesIn } from '../domain/standing.ts';
import { findConversations, findMembers } from '../storage/conversations.ts';
import { insertOwnerRefusals, listSiblings } from '../storage/ledger.ts';
import { findLatestOf } from '../storage/messages.ts';
import { findPairs, findPerson } from '../storage/people.ts';
import { actOf, changeStance, type Pair } from './change-stance.ts';
import { openDirect } from './open-direct.ts';
import type { World } from './world.ts';

// Grants and refusals of everything that is not personal: the second table of docs/consent.md.

/**
 * Lets a sender use these purposes, in the words that stood on the button. What is granted already stays as it was.
 * Refuses `not_found` for nobody, `invalid` for oneself, `you_blocked` for somebody one blocks.
 */
export async function grantPurposes(
  world: World,
  personId: PersonId,
  otherId: PersonId,
  purposes: readonly GrantPurpose[],
  language: Language,
): Promise<void> {
  if (personId === otherId) throw new Refusal('invalid', 'You need no leave to write to yourself.');
  const sender = await findPerson(world.families.person, otherId);
  if (!sender) throw new Refusal('not_found');
  const pair = await pairWith(world, personId, otherId);
  await changeStance(world, pair, 'grant', (seen) => {
    const { own } = seen;
    if (own.blocks) throw new Refusal('you_blocked');
    const wanted = purposes.filter((purpose) => (own.grants & purposeBit(purpose)) === 0);
    if (wanted.length === 0) return null;
    const bits = bitsOf(wanted);
    const acts = wanted.map((purpose, i) =>
      actOf(pair, seen, i === 0 ? seen.entryId : seen.furtherId(i), {
        kind: 'grant',
        via: 'session',
        purpose,
        wording: grantWording(language, purpose, sender.username),
      }),
    );
    return {
      stance: { ...own, grants: own.grants | bits, refusals: own.refusals & ~bits },
      acts,
    };
  });
  world.wake.personChanged(personId);
}

/**
 * Takes these purposes from a sender, granted or not, until the person allows them again; from every brand of the
 * same owner too. When it is answered, nothing of the kind can arrive any more. Repeating it changes nothing.
 */
export async function revokePurposes(
  world: World,
  personId: PersonId,
  otherId: PersonId,
  purposes: readonly GrantPurpose[],
  via: ActVia,
): Promise<void> {
  if (personId === otherId) throw new Refusal('invalid', 'There is nothing to stop here.');
  const sender = await findPerson(world.families.person, otherId);
  if (sender?.owner) await refuseOwner(world, personId, sender.owner, purposes);
  const pair = await pairWith(world, personId, otherId);
  await revokeOne(world, pair, purposes, via);
  // Read again: a brand that came under an owner meanwhile has brought the refusals it knew, and not this one.
  const owner = (await findPerson(world.families.person, otherId))?.owner ?? null;
  if (owner !== null && owner !== sender?.owner)
    await refuseOwner(world, personId, owner, purposes);
  if (owner !== null) await refuseSiblings(world, pair, owner, purposes);
  world.wake.personChanged(personId);
}

async function revokeOne(
  world: World,
  pair: Pair,
  purposes: readonly GrantPurpose[],
  via: ActVia,
): Promise<void> {
  // Nothing to write and nothing to wait for: what is refused already lets nothing more through.
  if (await isRefused(world, pair, bitsOf(purposes))) return;
  await changeStance(world, pair, 'revoke', (seen) => {
    const { own } = seen;
    const wanted = purposes.filter((purpose) => (own.refusals & purposeBit(purpose)) === 0);
    if (wanted.length === 0) return null;
    const bits = bitsOf(wanted);
    const acts = wanted.map((purpose, i) =>
      actOf(pair, seen, i === 0 ? seen.entryId : seen.furtherId(i), {
        kind: 'revoke',
        via,
        purpose,
      }),
    );
    return {
      stance: { ...own, grants: own.grants & ~bits, refusals: own.refusals | bits },
      acts,
    };
  });
}

async function isRefused(world: World, pair: Pair, bits: number): Promise<boolean> {
  const { conversationId, personId } = pair;
  const members = await findMembers(world.families.conversation, [conversationId]);
  const own = members.get(conversationId)?.find((row) => row.personId === personId);
  return own !== undefined && (own.refusals & bits) === bits && (own.grants & bits) === 0;
}

/** Written before any sibling is looked for: one that joins or writes from now on finds it. */
async function refuseOwner(
  world: World,
  personId: PersonId,
  owner: string,
  purposes: readonly GrantPurpose[],
): Promise<void> {
  const entryId = world.ids.next<MessageId>();
  await insertOwnerRefusals(world.families.person, personId, owner, purposes, entryId);
}

const siblingsAtOnce = 200;

/**
 * Siblings that have a conversation with the person already may have a message on its way: each one's lock is taken,
 * so that what was decided before is in, and nothing more comes after.
 */
async function refuseSiblings(
  world: World,
  { personId, otherId }: Pair,
  owner: string,
  purposes: readonly GrantPurpose[],
): Promise<void> {
  const { person } = world.families;
  let after: PersonId | '0' = '0';
  for (;;) {
    const siblings: PersonId[] = await listSiblings(person, owner, after, siblingsAtOnce);
    const pairs = await findPairs(person, personId, siblings);
    for (const [siblingId, conversationId] of pairs) {
      if (siblingId === otherId || siblingId === personId) continue;
      const pair = { personId, otherId: siblingId, conversationId };
      await revokeOne(world, pair, purposes, 'owner');
    }
    if (siblings.length < siblingsAtOnce) return;
    after = siblings.at(-1)!;
  }
}

/**
 * A stop word has come as a whole message. If the other's latest message was not personal, it ends every purpose that
 * is not personal; to a friend it is a word. True when it stopped something.
 */
export async function stopByWord(
  world: World,
  personId: PersonId,
  conversationId: ConversationId,
): Promise<boolean> {
  const { conversation } = world.families;
  const [rows, members] = await Promise.all([
    findConversations(conversation, [conversationId]),
    findMembers(conversation, [conversationId]),
  ]);
  const own = members.get(conversationId)?.find((row) => row.personId === personId);
  const other = members.get(conversationId)?.find((row) => row.personId !== personId);
  const head = rows.get(conversationId)?.headSeq ?? 0;
  if (!own || !other || own.gone || own.refusals === allPurposeBits) return false;
  const latest = await findLatestOf(conversation, conversationId, head, other.personId, false);
  if (!latest || latest.purpose === 'personal') return false;
  await revokePurposes(world, personId, other.personId, purposesIn(allPurposeBits), 'keyword');
  return true;
}

async function pairWith(world: World, personId: PersonId, otherId: PersonId): Promise<Pair> {
  const conversationId = await openDirect(world, [personId, otherId]);
  return { personId, otherId, conversationId };
}

function bitsOf(purposes: readonly GrantPurpose[]): number {
  return purposes.reduce((bits, purpose) => bits | purposeBit(purpose), 0);
}
