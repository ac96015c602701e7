import { randomUUID } from 'node:crypto';
import { createPeople, createPerson } from './actions/create-people.ts';
import { bringPeople } from './actions/bring-people.ts';
import { markRead } from './actions/mark-read.ts';
import { createSender, type Sender } from './actions/send-message.ts';
import { grantPurposes, revokePurposes } from './actions/set-consent.ts';
import { addFollows } from './actions/set-follow.ts';
import { changeProfile } from './actions/update-profile.ts';
import { changeSettings } from './actions/update-settings.ts';
import type { World } from './actions/world.ts';
import type { App } from './app.ts';
import type { Clock } from './base/clock.ts';
import type { PersonId } from './base/ids.ts';
import { residents, story, strangers, type Character, type Step } from './demo-story.ts';
import { dayMs, hourMs } from './domain/contact.ts';
import { createAuth } from './edges/accounts/auth.ts';
import { findPersonIdsByUsername } from './storage/operator-accounts.ts';
import { findPair, findPerson } from './storage/people.ts';
import { lowHigh } from './storage/standing.ts';

// `npm start -- --demo`: a small world to look at. Everything goes through the same doors as a person's own acts; only
// the clock by which they act stands in the past, so that there is a past to see.

const password = 'letters-and-tea';

/** The world of the demo, at the time that is told. */
interface Stage {
  world: World;
  sender: Sender;
  clock: Clock & { set(atMs: number): void };
  people: Map<string, { id: PersonId; kind: Character['kind'] & string }>;
}

/** Seeds the demo once; a second start finds it there. Answers what to print. */
export async function seedDemo(app: App): Promise<string> {
  const known = await findPersonIdsByUsername(app.world.families.identity, ['mara']);
  if (!known.has('mara')) await seedWorld(app);
  const names = residents.map(({ username }) => `@${username}`).join(', ');
  return `Demo people: ${names}. Sign in at ${app.publicUrl} as "mara" with the password "${password}" (all of them have it).`;
}

async function seedWorld(app: App): Promise<void> {
  const startedAt = app.world.clock.now();
  const clock = storyClock(startedAt);
  const world: World = { ...app.world, clock };
  const sender = createSender(world, {
    rate: { ratePerSecond: 1_000, burst: 1_000 },
    lanes: 1,
    batchMax: 1,
    queueMax: 10,
  });
  const stage: Stage = { world, sender, clock, people: new Map() };
  await bringStrangers(stage, startedAt);
  await signUpResidents(stage, startedAt);
  const everyone = [...residents, ...strangers];
  const found = await findPersonIdsByUsername(
    world.families.identity,
    everyone.map(({ username }) => username),
  );
  for (const { username, kind } of everyone) {
    stage.people.set(username, { id: found.get(username)!, kind: kind ?? 'person' });
  }
  clock.set(startedAt - 60 * dayMs);
  await Promise.all(everyone.map((character) => settleIn(stage, character)));
  for (const step of story.toSorted((a, b) => b.hoursAgo - a.hoursAgo)) {
    clock.set(startedAt - step.hoursAgo * hourMs);
    await play(stage, step);
  }
}

/** A clock that stands where the story is. */
function storyClock(atMs: number): Stage['clock'] {
  let now = atMs;
  return {
    now: () => now,
    set: (toMs) => void (now = Math.trunc(toMs)),
    advance: (ms) => void (now += ms),
  };
}

async function bringStrangers({ world }: Stage, startedAt: number): Promise<void> {
  const { families, ids } = world;
  await bringPeople(
    {
      db: families.identity,
      clock: world.clock,
      ids,
      createPeople: (people) => createPeople(world, people),
      addFollows: (pairs) => addFollows(world, pairs),
      onSignedIn: async () => {},
    },
    strangers.map(({ username, name, kind, joinedDaysAgo }) => ({
      username,
      name,
      ...(kind ? { kind } : {}),
      createdAt: new Date(startedAt - joinedDaysAgo * dayMs).toISOString(),
    })),
    dayMs,
  );
}

/** As on the page, at the time when each of them joined. Mara comes last: where she is, all are. */
async function signUpResidents({ world, clock }: Stage, startedAt: number): Promise<void> {
  const { families, ids, log } = world;
  const nothing = async (): Promise<void> => {};
  const auth = createAuth({
    db: families.identity,
    publicUrl: '',
    linkOrigin: () => '',
    clock,
    ids,
    log,
    secret: randomUUID(),
    enqueueMail: nothing,
    onPersonCreated: (person) => createPerson(world, person),
    onSessionsEnded: nothing,
    onSignedIn: nothing,
  });
  for (const { username, name, joinedDaysAgo } of residents) {
    clock.set(startedAt - joinedDaysAgo * dayMs);
    const answer = await auth.handle(
      new Request('http://localhost/api/auth/sign-up/email', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: `${username}@demo.example`, password, name, username }),
      }),
    );
    await answer.arrayBuffer();
  }
}

async function settleIn({ world, people }: Stage, character: Character): Promise<void> {
  const { username, bio, website, kind, isOpen, follows } = character;
  const { id } = people.get(username)!;
  const person = await findPerson(world.families.person, id);
  // Nobody becomes a brand by signing up; this is what the operator's door does.
  if (person && kind && person.kind !== kind) await createPeople(world, [{ ...person, kind }]);
  await changeProfile(world, id, { bio, ...(website ? { website } : {}) });
  if (isOpen) await changeSettings(world, id, { reach: 'everyone' });
  const pairs = (follows ?? []).map((name) => ({
    followerId: id,
    followeeId: people.get(name)!.id,
  }));
  await addFollows(world, pairs);
}

async function play(stage: Stage, step: Step): Promise<void> {
  const { world, sender, people } = stage;
  const named = (username: string): PersonId => people.get(username)!.id;
  if ('from' in step) {
    const { id, kind } = people.get(step.from)!;
    await sender.send({
      senderId: id,
      senderKind: kind,
      senderSuspended: false,
      origin: step.isAutomated ? 'automated' : 'interactive',
      to: { username: step.to },
      clientId: randomUUID(),
      text: step.text,
      ...(step.purpose ? { purpose: step.purpose } : {}),
    });
  } else if ('grants' in step) {
    await grantPurposes(world, named(step.who), named(step.to), [step.grants], 'en');
  } else if ('stops' in step) {
    await revokePurposes(world, named(step.who), named(step.of), [step.stops], 'session');
  } else {
    const [who, other] = [named(step.who), named(step.reads)];
    const id = await findPair(world.families.person, ...lowHigh(who, other));
    if (id !== null) await markRead(world, who, id, Number.MAX_SAFE_INTEGER);
  }
}
