import type { PersonId } from '../base/ids.ts';
import { encode } from './encode.ts';
import type { Push } from './person-lines.ts';

// News of a person's own profile, settings and blocks leave no trace in their inbox. So when words of another node were
// lost, everybody connected here is asked to fetch them again, a few at a time, because their devices all come at once.

export interface StaleProfiles {
  /** These may have missed a change of theirs. */
  add(people: Iterable<PersonId>): void;
  stop(): void;
}

const peopleAtOnce = 100;
const pauseMs = 200;

export function createStaleProfiles(push: Push): StaleProfiles {
  const stale = new Set<PersonId>();
  const frame = encode({ t: 'me' });
  let timer: NodeJS.Timeout | undefined;
  const tellSome = (): void => {
    timer = undefined;
    for (const personId of [...stale].slice(0, peopleAtOnce)) {
      stale.delete(personId);
      push(personId, frame);
    }
    plan();
  };
  const plan = (): void => {
    if (stale.size > 0) timer ??= setTimeout(tellSome, pauseMs);
  };
  return {
    add(people) {
      for (const personId of people) stale.add(personId);
      plan();
    },
    stop: () => clearTimeout(timer),
  };
}
