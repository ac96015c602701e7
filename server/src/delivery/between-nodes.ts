import type { Clock } from '../base/clock.ts';
import { every } from '../base/every.ts';
import type { PersonId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { BusTallies } from '../base/metrics.ts';
import type { Families } from '../storage/families.ts';
import type { Bus } from './bus.ts';
import { createInOrder } from './in-order.ts';
import type { Push } from './person-lines.ts';
import type { Between } from './live-sockets.ts';
import { createStaleProfiles } from './stale-profiles.ts';
import { sweepConnected } from './sweep-connected.ts';
import { createToldPositions } from './told-positions.ts';

export interface BetweenNodes extends Between {
  /** Words of another node were lost; what the sweep cannot see is told to everybody anew. */
  doubt(): void;
  stop(): Promise<void>;
}

/**
 * What a node of several does with news for the people connected to it: it listens for them on the bus, tells
 * messages in order and once, and every `sweepMs` looks for what was lost.
 */
export function createBetweenNodes(
  given: {
    families: Families;
    clock: Clock;
    log: Log;
    bus: Bus;
    tallies: BusTallies;
    sweepMs: number;
  },
  push: Push,
): BetweenNodes {
  const { families, log, bus } = given;
  const told = createToldPositions();
  const inOrder = createInOrder({ ...given, push });
  const profiles = createStaleProfiles(push);
  const sweeper = every(given.sweepMs, 'lost news', log, async () => {
    given.tallies.healed += await sweepConnected({ families, told, inOrder, push, log });
  });
  return {
    came(personId) {
      told.came(personId);
      inOrder.came(personId);
      bus.listenFor(personId);
    },
    left(personId) {
      bus.stopListeningFor(personId);
      inOrder.left(personId);
      told.left(personId);
    },
    begin: (personId, pos) => told.begin(personId, pos),
    take: (event) => inOrder.take(event),
    note(personId: PersonId, ticks) {
      told.note(personId, ticks);
      for (const tick of ticks) if (tick.folder !== 'closed') inOrder.expect(personId, tick);
    },
    toldPos: (personId) => told.of(personId),
    doubt: () => profiles.add([...told.all()].map(([personId]) => personId)),
    async stop() {
      profiles.stop();
      await sweeper.stop();
    },
  };
}
