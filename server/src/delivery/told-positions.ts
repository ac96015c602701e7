import type { Tick } from '@aside/protocol';
import type { PersonId } from '../base/ids.ts';

// How far each person who is connected here has been told of changes in their inbox. Positions are dense, so rows that
// arrive swapped or not at all show as a gap, and what is said to be covered never reaches beyond one.

export interface ToldPositions {
  came(personId: PersonId): void;
  left(personId: PersonId): void;
  /** What their first socket here was told at its welcome; later ones change nothing. */
  begin(personId: PersonId, pos: number): void;
  /** These rows reach their sockets. */
  note(personId: PersonId, ticks: readonly Tick[]): void;
  /** Everything up to here has been told. */
  raise(personId: PersonId, pos: number): void;
  /** Everything up to the answer has been told; 0 while that is not known. */
  of(personId: PersonId): number;
  /** Those of whom it is known. */
  all(): Iterable<readonly [PersonId, number]>;
}

/** Positions told beyond a gap that are remembered for one person; more are told again by the sweep. */
const aheadMax = 1_000;

interface Told {
  pos: number | null;
  ahead: Set<number>;
}

export function createToldPositions(): ToldPositions {
  const people = new Map<PersonId, Told>();

  function raise(told: Told, pos: number): void {
    told.pos = Math.max(told.pos ?? 0, pos);
    if (told.ahead.size === 0) return;
    while (told.ahead.delete(told.pos + 1)) told.pos += 1;
    for (const one of told.ahead) if (one <= told.pos) told.ahead.delete(one);
  }

  return {
    came: (personId) => void people.set(personId, { pos: null, ahead: new Set() }),
    left: (personId) => void people.delete(personId),
    begin(personId, pos) {
      const told = people.get(personId);
      if (told?.pos === null) raise(told, pos);
    },
    note(personId, ticks) {
      const told = people.get(personId);
      if (!told) return;
      for (const { pos } of ticks) {
        if (pos === (told.pos ?? -1) + 1) raise(told, pos);
        else if (pos > (told.pos ?? -1) && told.ahead.size < aheadMax) told.ahead.add(pos);
      }
    },
    raise(personId, pos) {
      const told = people.get(personId);
      if (told) raise(told, pos);
    },
    of: (personId) => people.get(personId)?.pos ?? 0,
    *all() {
      for (const [personId, { pos }] of people) if (pos !== null) yield [personId, pos];
    },
  };
}
