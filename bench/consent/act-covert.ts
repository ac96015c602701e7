import { type Account } from './account.ts';
import { covert, stolen, wordings } from './rates.ts';
import type { Parts } from './settle.ts';
import { fill, freshLink } from './texts.ts';
import { ask, send, signInAgain, type Town } from './town.ts';

// Robots that pretend to be people, and accounts that somebody else has taken. They use sessions, so nothing but what
// they do can give them away.

const hidden = { nature: 'promotional', byKey: false } as const;

export async function actAsCovert(town: Town, robot: Account): Promise<void> {
  const { draws } = robot;
  await pitchOn(town, robot);
  const isHuman = robot.disguise === 'human';
  const attempts = isHuman ? covert.humanAttemptsPerDay : covert.attemptsPerDay;
  for (let i = 0; i < attempts; i += 1) {
    const target = draws.chance(covert.repeats) ? unanswered(robot) : stranger(town, robot);
    if (target)
      await send(town, robot, target, { sort: 'covert', ...hidden, text: pitch(town, robot) });
  }
}

/** Who accepted hears more. */
async function pitchOn(town: Town, robot: Account): Promise<void> {
  const accepted = town
    .inRole('person')
    .filter((person) => town.chronicle.bond(person, robot).accepted);
  for (const person of accepted) {
    if (!robot.draws.chance(covert.pitchesAfterAccept)) continue;
    await send(town, robot, person, { sort: 'covert', ...hidden, text: pitch(town, robot) });
  }
}

function unanswered(robot: Account): Account | undefined {
  const waiting = robot.firsts.filter(
    ({ outcome, answeredDay }) => outcome === 'requests' && answeredDay === undefined,
  );
  return waiting.length > 0 ? robot.draws.pick(waiting).to : undefined;
}

/** Somebody new; most robots look first whether the person can be written to. */
function stranger(town: Town, robot: Account): Account | undefined {
  const tried = new Set(
    robot.firsts.filter(({ outcome }) => outcome === 'requests').map(({ to }) => to),
  );
  const isBlind = robot.draws.chance(covert.blind);
  const left = town.accounts.filter(
    (other) =>
      (other.role === 'person' || other.kind === 'brand') &&
      !tried.has(other) &&
      !town.chronicle.bond(other, robot).accepted &&
      (isBlind || other.reach === 'everyone' || other.follows.has(robot)),
  );
  return left.length > 0 ? robot.draws.pick(left) : undefined;
}

function pitch(town: Town, robot: Account): string {
  const { draws } = robot;
  const language = Number(robot.username.at(-1)) % 2;
  const text = wordings.pitch[language]!;
  switch (robot.disguise!) {
    case 'same':
      return text;
    case 'name':
      return fill(`{Hi|Hello|Dear} NAME, ${text}`, draws);
    case 'link':
      return `${text} ${freshLink(draws)}`;
    case 'spun':
      return fill(wordings.spun[language]!, draws);
    case 'unique':
    case 'human':
      return draws.pick(town.corpus.ham);
  }
}

/** On one day the thief sends one new link to everybody the owner knows; the owner comes back later. */
export async function actAsThief(town: Town, parts: Parts, owner: Account): Promise<void> {
  const isPatient = parts.stolenPatient.includes(owner);
  const day = 1 + (owner.friends.length % Math.max(1, town.scale.days - 4));
  const { draws } = owner;
  const sort = isPatient ? 'stolen_patient' : 'stolen_at_once';
  const text = fill(
    wordings.stolen[day % 2]!,
    draws,
    `https://${owner.username}.thief.example.com/v`,
  );
  const [first, ...rest] = owner.friends;
  const strike = async (to: readonly Account[]): Promise<void> => {
    for (const friend of to) await send(town, owner, friend, { sort, ...hidden, text });
  };
  const today = town.chronicle.day;
  if (today === day) await strike(isPatient && first ? [first] : owner.friends);
  if (today === day + 1 && isPatient) await strike(rest);
  if (today === day + (isPatient ? 1 : 0) + stolen.ownerReturnsAfterDays)
    await comeBack(town, owner);
}

async function comeBack(town: Town, owner: Account): Promise<void> {
  if (owner.draws.chance(stolen.ownerLooks)) {
    const { held } = (await ask(town, owner, 'GET', '/api/held')) as {
      held: { clientId: string }[];
    };
    for (const { clientId } of held) await ask(town, owner, 'DELETE', `/api/held/${clientId}`);
  }
  await signInAgain(town, owner);
}
