import { createPerson } from './actions/create-people.ts';
import { orderRelease } from './app-held.ts';
import type { Nodes } from './app-nodes.ts';
import type { World } from './actions/world.ts';
import type { PersonId } from './base/ids.ts';
import type { Config } from './config.ts';
import type { Feed } from './delivery/feed.ts';
import { createAuth, type Auth, type OnSessionsEnded } from './edges/accounts/auth.ts';
import { createSessionDoor, type SessionDoor } from './edges/accounts/session-door.ts';
import type { Jobs } from './notifications/jobs.ts';
import { mailTask } from './notifications/mail.ts';

export interface Accounts {
  auth: Auth;
  door: SessionDoor;
  onSessionsEnded: OnSessionsEnded;
  onSuspensionChanged(personId: PersonId): Promise<void>;
}

/** better-auth and the session door, and whom they tell when sessions end. */
export async function wireAccounts(
  config: Config,
  given: { world: World; nodes: Nodes; feed: Feed; jobs: Jobs; secret: string },
  linkOrigin: () => string,
): Promise<Accounts> {
  const { world, nodes, feed, jobs, secret } = given;
  const { families, clock, ids, log } = world;
  const { publicUrl } = config;
  const onSessionsEnded: OnSessionsEnded = (personId, sessionIds) =>
    nodes.onEveryNode({ type: 'sessions-ended', personId, sessionIds });
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
  nodes.onAct(async (act) => {
    const ended = act.type === 'sessions-ended' ? act.sessionIds : 'all';
    door.forget(act.personId, ended);
    // An account is deleted: what it had sent through this node must be in the inboxes before they are emptied.
    if (ended === 'all') await feed.settled(act.personId);
  });
  const onSuspensionChanged = (personId: PersonId): Promise<void> =>
    nodes.onEveryNode({ type: 'suspension-changed', personId });
  return { auth, door, onSessionsEnded, onSuspensionChanged };
}
