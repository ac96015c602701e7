import type { Draw } from './draw.ts';
import type { PurposeName } from './evidence.ts';
import type { Member } from './member.ts';
import type { Couple, Shop, Troupe } from './troupe.ts';
import { sleep, until } from './wait.ts';

// What the people of a run do all the time, in closed loops: the next message follows the answer to the last.

export interface Load {
  /** Begins nothing new and waits until everything begun is answered; throws when that takes more than two minutes. */
  stop(): Promise<void>;
}

export interface LoadPace {
  /** Messages of each friend under way at once. */
  inFlight: number;
  /** Between an answer and the next message of friends, at most. */
  pauseMs: number;
}

const restMs = 120_000;

export function startLoad(troupe: Troupe, draw: Draw, pace: LoadPace): Load {
  const state = { isOver: false };
  const loops: Promise<void>[] = [];
  const failures: Error[] = [];
  const run = (work: () => Promise<void>): void => {
    const loop = async (): Promise<void> => {
      while (!state.isOver) await work();
    };
    loops.push(
      loop().catch((error: unknown) => {
        failures.push(error as Error);
      }),
    );
  };
  troupe.friends.forEach((couple, i) => {
    for (const [from, to] of bothWays(couple)) {
      for (let n = 0; n < pace.inFlight; n += 1) {
        const own = draw.branch(`friend ${i} ${n} ${from.username}`);
        run(() => chat(from, to, couple.conversationId, own, pace.pauseMs));
      }
    }
  });
  troupe.storms.forEach((couple, i) => {
    for (let n = 0; n < 3; n += 1) run(() => insist(couple, draw.branch(`insist ${i} ${n}`)));
    const own = draw.branch(`storm ${i}`);
    run(() => decide(troupe, couple, own));
  });
  troupe.shops.forEach((shop, i) => {
    const [advertising, own] = [draw.branch(`shop ${i}`), draw.branch(`customer ${i}`)];
    for (let n = 0; n < 2; n += 1) run(() => advertise(shop, advertising));
    run(() => allowAndStop(troupe, shop, own));
  });
  return {
    async stop() {
      state.isOver = true;
      let left = loops.length;
      for (const loop of loops) void loop.then(() => (left -= 1));
      await until('what was begun is answered', restMs, () => left === 0 || failures.length > 0);
      if (failures[0]) throw failures[0];
    },
  };
}

function bothWays({ one, other }: Couple): [Member, Member][] {
  return [
    [one, other],
    [other, one],
  ];
}

let count = 0;

/** Different every time, so that a message in the wrong place shows. */
function words(from: Member): string {
  count += 1;
  return `${from.username} says thing number ${count}, and that is all`;
}

async function chat(
  from: Member,
  to: Member,
  conversationId: string,
  draw: Draw,
  pauseMs: number,
): Promise<void> {
  const door = draw.isLucky(0.05) ? 'http' : 'socket';
  await from.send(to, conversationId, words(from), door);
  if (draw.isLucky(0.05)) from.read(conversationId);
  if (pauseMs > 0) await sleep(draw.between(0, pauseMs));
}

async function insist({ one, other, conversationId }: Couple, draw: Draw): Promise<void> {
  const { refusal } = await one.send(other, conversationId, words(one));
  if (refusal !== null) await sleep(draw.between(2, 15));
}

/** Closes the door on the other and opens it again, each in two ways. */
async function decide(
  troupe: Troupe,
  { one, other, conversationId }: Couple,
  draw: Draw,
): Promise<void> {
  const block = `/api/people/${one.username}/block`;
  if (draw.isLucky(0.6)) {
    await troupe.act(other, one, { kind: 'block', method: 'PUT', path: block });
    await sleep(draw.between(0, 40));
    await troupe.act(other, one, { kind: 'unblock', method: 'DELETE', path: block });
    await sleep(draw.between(0, 20));
    await writeFirst(troupe, other, one, conversationId);
  } else {
    const path = `/api/consent/${one.username}/personal`;
    await troupe.act(other, one, { kind: 'unaccept', method: 'DELETE', path });
    await sleep(draw.between(0, 40));
    const accept = `/api/conversations/${conversationId}/accept`;
    await troupe.act(other, one, { kind: 'accept', method: 'POST', path: accept });
  }
  await sleep(draw.between(10, 80));
}

/** Writing takes the answers of the other. */
async function writeFirst(
  troupe: Troupe,
  from: Member,
  to: Member,
  conversationId: string,
): Promise<void> {
  const { begunAt, answeredAt } = await from.send(to, conversationId, words(from));
  const [personId, otherId] = [from.id, to.id];
  troupe.acts.push({ personId, otherId, kind: 'write', purposes: [], begunAt, answeredAt });
}

const notPersonal: readonly PurposeName[] = ['service', 'automated', 'promotional'];

async function advertise({ one, other, key }: Shop, draw: Draw): Promise<void> {
  const { refusal } = await one.sendAsProgram(key, other, draw.pick(notPersonal), words(one));
  await sleep(refusal === null ? draw.between(0, 10) : draw.between(5, 30));
}

async function allowAndStop(troupe: Troupe, shop: Shop, draw: Draw): Promise<void> {
  const { one, other, conversationId } = shop;
  const word = draw.pick([...notPersonal, 'all'] as const);
  const purposes = word === 'all' ? notPersonal : [word];
  const path = `/api/consent/${one.username}/${word}`;
  await troupe.act(other, one, { kind: 'grant', purposes, method: 'PUT', path });
  await sleep(draw.between(20, 120));
  if (draw.isLucky(0.5)) {
    await troupe.act(other, one, { kind: 'revoke', purposes, method: 'DELETE', path });
  } else {
    await sayStop(troupe, shop);
  }
  await sleep(draw.between(10, 60));
  // A reply from a session opens one automated message, unless that purpose was stopped.
  if (draw.isLucky(0.5)) await other.send(one, conversationId, words(other));
}

async function sayStop(troupe: Troupe, { one, other, conversationId }: Shop): Promise<void> {
  // To a shop whose latest message is personal it is a word like any other.
  const isHeard = one.sends.some((send) => send.purpose !== 'personal' && send.ack !== null);
  const { begunAt, answeredAt } = await other.send(one, conversationId, 'STOP');
  if (!isHeard) return;
  const [personId, otherId] = [other.id, one.id];
  troupe.acts.push({
    personId,
    otherId,
    kind: 'revoke',
    purposes: notPersonal,
    begunAt,
    answeredAt,
  });
}
