import { setTimeout as sleep } from 'node:timers/promises';
import type { Sender } from './actions/send-message.ts';
import { releaseHeld } from './actions/release-held.ts';
import type { World } from './actions/world.ts';
import type { PersonId, SessionId } from './base/ids.ts';
import type { Jobs, Task } from './notifications/jobs.ts';
import { isLiveSession } from './storage/accounts.ts';
import { findHolders } from './storage/brake.ts';

// What waits for its sender's next sign-in leaves as a job, so that the sign-in does not wait for it.

export const releaseTask = 'release_held';

interface Payload {
  personId: PersonId;
  /** Left out when the host application signed them in. */
  sessionId?: SessionId;
}

/** For so long a sign-in may still turn out to lack its second factor. */
const secondFactorMs = 300;

export function releaseHeldTask(world: World, sender: Sender): Task {
  return {
    async run(payload) {
      const { personId, sessionId } = payload as Payload;
      if (sessionId !== undefined) {
        await sleep(secondFactorMs);
        if (!(await isLiveSession(world.families.identity, sessionId))) return;
      }
      await releaseHeld(world, sender, personId);
    },
  };
}

/** Orders the release for those of these people for whom something waits. */
export async function orderRelease(
  { families }: World,
  jobs: Jobs,
  people: readonly PersonId[],
  sessionId?: SessionId,
): Promise<void> {
  for (const personId of await findHolders(families.person, people)) {
    await jobs.add(releaseTask, sessionId === undefined ? { personId } : { personId, sessionId });
  }
}
