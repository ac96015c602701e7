import type { Clock } from './base/clock.ts';
import type { Log } from './base/log.ts';
import type { BusTallies } from './base/metrics.ts';
import type { Stops } from './app-stops.ts';
import type { Config } from './config.ts';
import { createBetweenNodes } from './delivery/between-nodes.ts';
import { localBus } from './delivery/bus-local.ts';
import { natsBus } from './delivery/bus-nats.ts';
import type { Bus } from './delivery/bus.ts';
import { createLiveSockets, type LiveSockets } from './delivery/live-sockets.ts';
import { openNatsLink } from './delivery/nats-link.ts';
import type { Families } from './storage/families.ts';

// One process, or several that serve one community over NATS.

export interface Nodes {
  bus: Bus;
  /** The sockets of this node; to be made once, when the doors open. */
  openSockets(): LiveSockets;
}

export function wireNodes(
  config: Config,
  given: { families: Families; clock: Clock; log: Log; tallies: BusTallies },
  stops: Stops,
): Nodes {
  const { nats, natsPrefix, nodeSweepMs: sweepMs, socketsPerPerson: perPerson } = config;
  if (!nats) return { bus: localBus(), openSockets: () => createLiveSockets({ perPerson }) };
  const link = openNatsLink(nats, given.log, given.tallies);
  stops.push(() => link.stop());
  const bus = natsBus(link, natsPrefix, () => false);
  return {
    bus,
    openSockets() {
      const live = createLiveSockets({
        perPerson,
        between(push) {
          const between = createBetweenNodes({ ...given, bus, sweepMs }, push);
          stops.push(() => between.stop());
          return between;
        },
      });
      return live;
    },
  };
}
