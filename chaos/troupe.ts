import type { Aside } from './aside.ts';
import { operatorKey } from './aside.ts';
import type { Act, ActKind, Evidence, PurposeName } from './evidence.ts';
import { Member, type Account } from './member.ts';
import type { Tally } from './tally.ts';
import { until } from './wait.ts';
import { ask } from './wire.ts';

// The people of a run. Friends chat; in a storm one keeps writing while the other blocks, moves back and accepts; a shop
// writes by its key while its customer allows and stops it.

export interface Couple {
  one: Member;
  other: Member;
  conversationId: string;
}

export interface Shop extends Couple {
  /** The shop's API key; `one` is the shop, `other` the customer. */
  key: string;
}

export interface Troupe {
  members: Member[];
  friends: Couple[];
  /** `one` writes, `other` decides. */
  storms: Couple[];
  shops: Shop[];
  acts: Act[];
  follows: Evidence['follows'];
  /** Does something about another and notes when it began and when it was answered. */
  act(
    by: Member,
    about: Member,
    given: { kind: ActKind; purposes?: readonly PurposeName[]; method: string; path: string },
  ): Promise<void>;
  /** A process that ended takes the sockets with it; this waits until everybody is back. */
  connected(): Promise<void>;
  stop(): void;
}

export interface TroupeSize {
  friends: number;
  storms: number;
  shops: number;
}

export async function gatherTroupe(aside: Aside, tally: Tally, size: TroupeSize): Promise<Troupe> {
  const names = (kind: string, count: number): [string, string][] =>
    Array.from({ length: count }, (_, i) => [`${kind}_${i}_one`, `${kind}_${i}_other`]);
  const couples = [
    ...names('friends', size.friends),
    ...names('storm', size.storms),
    ...names('shop', size.shops),
  ];
  const accounts = await bring(aside.url, couples);
  const members = accounts.map((account) => new Member(aside.url, account, tally));
  for (const member of members) member.start();
  const acts: Act[] = [];
  const troupe: Troupe = {
    members,
    friends: [],
    storms: [],
    shops: [],
    acts,
    follows: new Set(followPairs(members)),
    act: async (by, about, { kind, purposes = [], method, path }) => {
      const act: Act = {
        personId: by.id,
        otherId: about.id,
        kind,
        purposes,
        begunAt: performance.now(),
        answeredAt: null,
      };
      acts.push(act);
      const answer = await by.call(method, path, method === 'PUT' ? {} : undefined);
      // “Nothing to change” is no promise.
      if (answer !== null && answer.status < 300) act.answeredAt = performance.now();
    },
    connected: () =>
      until('everybody is connected', 30_000, () => members.every((m) => m.isConnected)).then(
        () => {},
      ),
    stop: () => members.forEach((member) => member.stop()),
  };
  try {
    await troupe.connected();
    const met = await Promise.all(
      couples.map((_, i) => meet(members[2 * i]!, members[2 * i + 1]!)),
    );
    troupe.friends.push(...met.splice(0, size.friends));
    troupe.storms.push(...met.splice(0, size.storms));
    for (const couple of met) troupe.shops.push({ ...couple, key: await keyOf(couple.one) });
    return troupe;
  } catch (error) {
    troupe.stop();
    throw error;
  }
}

function followPairs(members: readonly Member[]): string[] {
  return members.map((member, i) => `${member.id} ${members[i ^ 1]!.id}`);
}

async function bring(url: string, couples: readonly [string, string][]): Promise<Account[]> {
  const people = couples.flatMap(([one, other]) => [
    {
      username: one,
      name: 'One',
      follows: [other],
      ...(one.startsWith('shop') ? { kind: 'brand' } : {}),
    },
    { username: other, name: 'Other', follows: [one] },
  ]);
  const answer = await ask(url, operatorKey, 'POST', '/api/operator/people', people);
  if (answer?.status !== 200 && answer?.status !== 201) {
    throw new Error(`nobody came: ${JSON.stringify(answer?.body)}`);
  }
  return answer.body as unknown as Account[];
}

/** One writes and the other answers, so that each has accepted the other. */
async function meet(one: Member, other: Member): Promise<Couple> {
  // A server that refuses everything would be asked for ever.
  const end = setTimeout(() => [one, other].forEach((member) => member.stop()), 30_000);
  const { ack, refusal } = await one.send(other, null, 'Hello');
  if (ack === null) throw new Error(`a greeting got ${refusal ?? 'no answer'}`);
  await other.send(one, ack.conversationId, 'Hello yourself');
  clearTimeout(end);
  return { one, other, conversationId: ack.conversationId };
}

async function keyOf(shop: Member): Promise<string> {
  const answer = await shop.call('POST', '/api/keys', { name: 'till' });
  return String(answer?.body['key']);
}
