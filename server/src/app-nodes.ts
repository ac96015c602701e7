import type { Clock } from './base/clock.ts';
import type { Log } from './base/log.ts';
import type { BusTallies } from './base/metrics.ts';
import type { Stops } from './app-stops.ts';
import type { Config } from './config.ts';
import { createBetweenNodes, type BetweenNodes } from './delivery/between-nodes.ts';
import { localBus } from './delivery/bus-local.ts';
import { natsBus } from './delivery/bus-nats.ts';
import type { Bus } from './delivery/bus.ts';
import { createLiveSockets, type LiveSocket, type LiveSockets } from './delivery/live-sockets.ts';
import { openNatsLink, type NatsServers } from './delivery/nats-link.ts';
import { claimNumber, type NodeClaim } from './delivery/node-claim.ts';
import { NodeLease } from './delivery/node-lease.ts';
import { Members } from './delivery/node-members.ts';
import { NodeTalk, type Act } from './delivery/node-talk.ts';
import { rereadSessions } from './delivery/reread-sessions.ts';
import type { Families } from './storage/families.ts';

// One process, or several that serve one community over NATS.

export interface Nodes {
  /** What its ids carry. */
  number(): number;
  bus: Bus;
  /** Does it here at once. Resolves when it has been done on every node, or a node that did not can do no harm. */
  onEveryNode(act: Act): Promise<void>;
  /** How this node forgets sessions, at once and then for good; called once, before it serves anybody. */
  onAct(forget: (act: Act) => Promise<void>): void;
  /** False: there may be another process that is in the middle of something. */
  readonly isAlone: boolean;
  /** The sockets of this node; to be made once, when the doors open. */
  openSockets(): LiveSockets;
}

interface Given {
  families: Families;
  clock: Clock;
  log: Log;
  tallies: BusTallies;
  secret: string;
}

export async function wireNodes(config: Config, given: Given, stops: Stops): Promise<Nodes> {
  const { families, secret, log } = given;
  const hasBus = config.nats !== null;
  const claim = await claimNumber({ db: families.identity, secret, log, hasBus });
  stops.push(() => claim.stop());
  return config.nats
    ? joinOthers(config, config.nats, { ...given, claim }, stops)
    : alone(config, claim);
}

function alone({ socketsPerPerson: perPerson }: Config, claim: NodeClaim): Nodes {
  const bus = localBus();
  let forget = async (_act: Act): Promise<void> => {};
  return {
    number: () => claim.number(),
    bus,
    isAlone: true,
    async onEveryNode(act) {
      const done = forget(act);
      bus.publish(act);
      await done;
    },
    onAct: (listener) => void (forget = listener),
    openSockets: () => createLiveSockets({ perPerson }),
  };
}

function joinOthers(
  { natsPrefix: prefix, nodeSweepMs: sweepMs, socketsPerPerson: perPerson }: Config,
  servers: NatsServers,
  given: Given & { claim: NodeClaim },
  stops: Stops,
): Nodes {
  const { families, claim, log, tallies } = given;
  const link = openNatsLink(servers, log, tallies);
  const members = new Members(claim.token);
  const bus = natsBus(link, prefix, () => members.count === 0);
  let forget = async (_act: Act): Promise<void> => {};
  let live: LiveSockets | undefined;
  let between: BetweenNodes | undefined;
  const doHere = (act: Act): Promise<void> => {
    const done = forget(act);
    bus.publish(act);
    return done;
  };
  const lease = leaseOf(members, families, log, {
    sockets: () => live?.all() ?? [],
    onDoubt: () => between?.doubt(),
  });
  const subject = `${prefix}.nodes`;
  const talk = new NodeTalk({ link, subject, claim, members, lease, onAct: doHere });
  talk.start();
  lease.start();
  stops.push(async () => {
    talk.stop();
    await lease.stop();
    await link.stop();
  });
  return {
    number: () => claim.number(),
    bus,
    get isAlone() {
      return members.count === 0;
    },
    async onEveryNode(act) {
      await Promise.all([doHere(act), talk.tell(act)]);
    },
    onAct: (listener) => void (forget = listener),
    openSockets() {
      live = createLiveSockets({
        perPerson,
        lease,
        between: (push) => (between = createBetweenNodes({ ...given, bus, sweepMs }, push)),
      });
      stops.push(() => between?.stop());
      return live;
    },
  };
}

function leaseOf(
  members: Members,
  { identity }: Families,
  log: Log,
  { sockets, onDoubt }: { sockets(): Iterable<LiveSocket>; onDoubt(): void },
): NodeLease {
  const source = {
    provenAt: () => members.provenAt(),
    doubt() {
      members.doubt();
      onDoubt();
    },
    areWhole: () => members.areWhole(),
    reread: () => rereadSessions(identity, sockets()),
  };
  return new NodeLease(source, log);
}
