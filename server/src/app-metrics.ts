import type { Sender } from './actions/send-message.ts';
import type { Metrics } from './base/metrics.ts';
import { gauge } from './base/reading.ts';
import type { Config } from './config.ts';
import type { Feed } from './delivery/feed.ts';
import type { LiveSockets } from './delivery/live-sockets.ts';
import type { SocketServer } from './edges/ws/socket-server.ts';
import type { Jobs } from './notifications/jobs.ts';
import type { Families } from './storage/families.ts';

// What is read from the parts when somebody asks for the metrics: how full each bounded thing is, beside its bound.

export function watchParts(
  metrics: Metrics,
  config: Config,
  parts: { families: Families; sender: Sender; feed: Feed; jobs: Jobs },
): void {
  const { sender, feed } = parts;
  metrics.watch(
    gauge('aside_send_waiting', 'Messages waiting for a commit or in it.', () => sender.waiting),
  );
  metrics.watch(
    gauge('aside_send_waiting_max', 'Beyond this many: 503.', () => config.writeQueueMax),
  );
  metrics.watch(
    gauge('aside_feed_waiting', 'Conversations with inbox rows due.', () => feed.waiting),
  );
  const { conversation, person, identity } = parts.families;
  const pools = Object.entries({ conversation, person, identity, jobs: parts.jobs }).map(
    ([family, { pool }]) => ({ family, pool }),
  );
  metrics.watch(
    gauge('aside_db_connections', 'Connections per family, in use and idle.', () =>
      pools.flatMap(({ family, pool }) => [
        [{ family, state: 'used' }, pool.totalCount - pool.idleCount] as const,
        [{ family, state: 'idle' }, pool.idleCount] as const,
      ]),
    ),
  );
  metrics.watch(
    gauge('aside_db_connections_max', 'Connections that a family may open.', () =>
      pools.map(({ family, pool }) => [{ family }, pool.options.max] as const),
    ),
  );
  metrics.watch(
    gauge('aside_db_waiting', 'Queries waiting for a connection.', () =>
      pools.map(({ family, pool }) => [{ family }, pool.waitingCount] as const),
    ),
  );
}

export function watchSockets(metrics: Metrics, sockets: SocketServer, live: LiveSockets): void {
  metrics.watch(gauge('aside_sockets', 'Open sockets.', () => sockets.open));
  metrics.watch(
    gauge('aside_people_connected', 'People with a socket on this node.', () => live.people),
  );
}
