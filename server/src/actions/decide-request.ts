import type { Origin, RequestAction, RequestsAnswer } from '@aside/protocol';
import { isId, type ConversationId, type PersonId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { isDecidable, onAccept, onDecline, onUnaccept } from '../domain/contact.ts';
import { findMembers, type MemberRow } from '../storage/conversations.ts';
import { findPair } from '../storage/people.ts';
import { lowHigh } from '../storage/standing.ts';
import { actOf, changeStance, type Pair, type Seen, type StanceChange } from './change-stance.ts';
import { reportPerson } from './report-person.ts';
import { blockPerson } from './set-block.ts';
import type { World } from './world.ts';

// What a person decides about a request: unopened or opened, one by one or many at once.

/** Who decides: in a session of their own, or a program with their key. */
export interface Decider {
  personId: PersonId;
  origin: Origin;
}

/** The sender may write on from now. Refuses `not_found` for what is not a request of this person (any more). */
export async function acceptRequest(world: World, by: Decider, id: ConversationId): Promise<void> {
  await decide(world, by, id, 'accept', (seen, pair) => {
    if (!isDecidable(seen.own, seen.nowMs)) return null;
    const act = actOf(pair, seen, seen.entryId, {
      kind: 'accept',
      via: viaOf(by),
      purpose: 'personal',
    });
    return { stance: onAccept(seen.own, seen.headSeq), acts: [act], tellsOther: true };
  });
}

/** The request leaves the folder; its sender sees no difference. Refuses `not_found` like accepting. */
export async function declineRequest(world: World, by: Decider, id: ConversationId): Promise<void> {
  await decide(world, by, id, 'decline', (seen, pair) => {
    if (!isDecidable(seen.own, seen.nowMs)) return null;
    const act = actOf(pair, seen, seen.entryId, {
      kind: 'decline',
      via: viaOf(by),
      purpose: 'personal',
    });
    return { stance: onDecline(seen.own, seen.nowMs), acts: [act] };
  });
}

/** Takes an acceptance back: the conversation goes to the requests. Refuses `not_found` where nothing was accepted. */
export async function unaccept(world: World, by: Decider, id: ConversationId): Promise<void> {
  await decide(world, by, id, 'unaccept', (seen, pair) => {
    const { own, headSeq } = seen;
    if (own.contact !== 'accepted' || own.blocks || headSeq === 0) return null;
    const act = actOf(pair, seen, seen.entryId, {
      kind: 'unaccept',
      via: viaOf(by),
      purpose: 'personal',
    });
    return { stance: onUnaccept(own), acts: [act] };
  });
}

const atOnce = 8;

/**
 * The same act for many requests; each succeeds or fails by itself. `report` sends a copy of the message to the
 * operator and declines.
 */
export async function decideRequests(
  world: World,
  by: Decider,
  ids: readonly string[],
  action: RequestAction,
): Promise<RequestsAnswer['results']> {
  const distinct = [...new Set(ids)];
  const outcomes = new Map<string, RequestsAnswer['results'][number]['outcome']>();
  const work = async (): Promise<void> => {
    for (let id = distinct.shift(); id !== undefined; id = distinct.shift()) {
      outcomes.set(id, await decideQuietly(world, by, id, action));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return ids.map((id) => ({ id, outcome: outcomes.get(id)! }));
}

async function decideQuietly(
  world: World,
  by: Decider,
  id: string,
  action: RequestAction,
): Promise<RequestsAnswer['results'][number]['outcome']> {
  if (!isId(id)) return 'not_found';
  try {
    await actions[action](world, by, id as ConversationId);
    return 'done';
  } catch (error) {
    if (error instanceof Refusal && error.code === 'not_found') return 'not_found';
    if (!(error instanceof Refusal)) world.log.error({ err: error, action }, 'a request failed');
    return 'failed';
  }
}

const actions: Record<
  RequestAction,
  (world: World, by: Decider, id: ConversationId) => Promise<void>
> = {
  accept: acceptRequest,
  decline: declineRequest,
  async block(world, by, id) {
    const { otherId } = await requestOf(world, by, id);
    await blockPerson(world, by.personId, otherId, viaOf(by));
  },
  async report(world, by, id) {
    const { otherId, own } = await requestOf(world, by, id);
    await reportPerson(world, by.personId, otherId, {
      reason: 'Reported from the requests.',
      conversationId: id,
      ...(own.requestedSeq > 0 ? { seqs: [own.requestedSeq] } : {}),
    });
    await declineRequest(world, by, id);
  },
};

async function requestOf(
  world: World,
  by: Decider,
  id: ConversationId,
): Promise<Pair & { own: MemberRow }> {
  const pair = await pairOf(world, by.personId, id);
  if (!isDecidable(pair.own, world.clock.now())) throw new Refusal('not_found');
  return pair;
}

async function decide(
  world: World,
  by: Decider,
  id: ConversationId,
  kind: 'accept' | 'decline' | 'unaccept',
  change: (seen: Seen, pair: Pair) => StanceChange | null,
): Promise<void> {
  const pair = await pairOf(world, by.personId, id);
  const isChanged = await changeStance(world, pair, kind, (seen) => change(seen, pair));
  if (!isChanged) throw new Refusal('not_found');
}

/** The direct conversation as a pair; `not_found` to anybody but its members. */
async function pairOf(
  world: World,
  personId: PersonId,
  conversationId: ConversationId,
): Promise<Pair & { own: MemberRow }> {
  const rows = (await findMembers(world.families.conversation, [conversationId])).get(
    conversationId,
  );
  const own = rows?.find((row) => row.personId === personId);
  const other = rows?.find((row) => row.personId !== personId);
  if (!own || !other || own.gone) throw new Refusal('not_found');
  return { personId, otherId: other.personId, conversationId, own };
}

/** The conversation of two people, for an act that names a person; `not_found` where there is none. */
export async function pairNamed(
  world: World,
  personId: PersonId,
  otherId: PersonId,
): Promise<ConversationId> {
  const id = await findPair(world.families.person, ...lowHigh(personId, otherId));
  if (id === null) throw new Refusal('not_found');
  return id;
}

export function viaOf(by: Decider): 'session' | 'key' {
  return by.origin === 'automated' ? 'key' : 'session';
}
