import { createPerson } from './actions/create-people.ts';
import { orderRelease } from './app-held.ts';
import type { World } from './actions/world.ts';
import type { PersonId } from './base/ids.ts';
import type { Config } from './config.ts';
import type { Bus } from './delivery/bus.ts';
import { createAuth, type Auth, type OnSessionsEnded } from './edges/accounts/auth.ts';
import { createSessionDoor, type SessionDoor } from './edges/accounts/session-door.ts';
import type { Jobs } from './notifications/jobs.ts';
import { mailTask } from './notifications/mail.ts';

export interface Accounts {
  auth: Auth;
  door: SessionDoor;
  onSessionsEnded: OnSessionsEnded;
  onSuspensionChanged(personId: PersonId): void;
}

/** better-auth and the session door, and whom they tell when sessions end. */
export async function wireAccounts(
  config: Config,
  { world, bus, jobs, secret }: { world: World; bus: Bus; jobs: Jobs; secret: string },
  linkOrigin: () => string,
): Promise<Accounts> {
  const { families, clock, ids, log } = world;
  const { publicUrl } = config;
  const onSessionsEnded: OnSessionsEnded = (personId, sessionIds) => {
    door.forget(personId, sessionIds);
    bus.publish({ type: 'sessions-ended', personId, sessionIds });
  };
  const auth = createAuth({
    db: families.identity,
    publicUrl,
    linkOrigin,
    clock,
    ids,
    log,
    secret,
    enqueueMail: (mail) => jobs.add(mailTask, mail),
    onPersonCreated: (person) => createPerson(world, person),
    onSessionsEnded,
    onSignedIn: (personId, sessionId) => orderRelease(world, jobs, [personId], sessionId),
  });
  const makePerson = auth.makePerson;
  const door = createSessionDoor({ db: families.identity, clock, publicUrl, secret, makePerson });
  const onSuspensionChanged = (personId: PersonId): void => {
    door.forget(personId, 'all');
    bus.publish({ type: 'suspension-changed', personId });
  };
  return { auth, door, onSessionsEnded, onSuspensionChanged };
}
