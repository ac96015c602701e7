import { processReadings } from './process-readings.ts';
import { counter, exposition, histogram, labelled, type Reading } from './reading.ts';
import { Spread, Tally } from './tally.ts';

// What an operator sees at GET /metrics. Each part of the server counts in plain numbers that lie here; prom-client
// reads them when somebody asks and is not even loaded before. No label holds anything but words the code knows: no
// ids, no names, no content.

export interface Metrics {
  readonly sends: SendTallies;
  readonly sockets: SocketTallies;
  readonly http: HttpTallies;
  readonly bus: BusTallies;
  /** From the commit until the inbox rows are written, of the conversation that waited longest in each write. */
  readonly feedSeconds: Spread;
  /** What the sweepers had to finish after a crash or a failure: `outbox`, `intents`. */
  readonly swept: Tally;
  /** Transactions and queries that were tried again, by the class of the failure. */
  readonly retries: Tally;
  /** Adds what is read when somebody asks, such as the length of a queue. */
  watch(reading: Reading): void;
  /** All of it in Prometheus' text format 0.0.4. */
  text(): Promise<string>;
  stop(): void;
}

export function createMetrics(): Metrics {
  const sends = new SendTallies();
  const sockets = new SocketTallies();
  const http = new HttpTallies();
  const bus = new BusTallies();
  const feedSeconds = new Spread(secondsBounds);
  const [swept, retries] = [new Tally(), new Tally()];
  const running = processReadings();
  const readings: Reading[] = [
    ...sendReadings(sends),
    ...socketReadings(sockets),
    ...httpReadings(http),
    ...busReadings(bus),
    histogram(
      'aside_feed_delay_seconds',
      'From the commit of a message until its inbox rows are written; the longest of each write.',
      () => feedSeconds,
    ),
    counter('aside_swept_total', 'Left half done by a crash and finished by a sweeper.', () =>
      labelled('what', swept),
    ),
    counter(
      'aside_db_retries_total',
      'Database work tried again, by SQLSTATE class (40: rivals, 08 and 57: connection lost, network: no answer).',
      () => labelled('sqlstate_class', retries),
    ),
    ...running.readings,
  ];
  return {
    sends,
    sockets,
    http,
    bus,
    feedSeconds,
    swept,
    retries,
    watch: (reading) => void readings.push(reading),
    text: () => exposition(readings),
    stop: () => running.stop(),
  };
}

/** Round figures from half a millisecond to ten seconds. */
const secondsBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

export type SendStage = 'gather' | 'commit' | 'answer';

/** The send: what came of each, how long it took, and how its batches went. */
export class SendTallies {
  /** `new`, `repeat`, `error`, or the code of the refusal. */
  readonly outcomes = new Tally();
  readonly seconds = new Spread(secondsBounds);
  readonly batchMessages = new Spread([1, 2, 5, 10, 20, 50, 100, 200, 500]);
  readonly stages: Readonly<Record<SendStage, Spread>> = {
    gather: new Spread(secondsBounds),
    commit: new Spread(secondsBounds),
    answer: new Spread(secondsBounds),
  };

  /** Starts the watch of one batch; each call of the answer ends a stage. */
  startBatch(): (stage: SendStage) => void {
    let last = performance.now();
    return (stage) => {
      const now = performance.now();
      this.stages[stage].add((now - last) / 1000);
      last = now;
    };
  }
}

function sendReadings(sends: SendTallies): Reading[] {
  return [
    counter('aside_sends_total', 'Messages somebody tried to send, by what came of it.', () =>
      labelled('outcome', sends.outcomes),
    ),
    histogram(
      'aside_send_seconds',
      'From taking a message until its commit is flushed and it is answered; refused ones left out.',
      () => sends.seconds,
    ),
    histogram('aside_send_batch_messages', 'Messages in one commit.', () => sends.batchMessages),
    histogram(
      'aside_send_stage_seconds',
      'One batch: gather (connection, locks, reading), commit (decide, write, flush), answer (tell the members).',
      () => Object.entries(sends.stages).map(([stage, spread]) => [{ stage }, spread]),
    ),
  ];
}

/** All sockets of this process together; fields are raised in place. */
export class SocketTallies {
  framesIn = 0;
  bytesIn = 0;
  framesOut = 0;
  bytesOut = 0;
  /** Unread by sockets that were cut off because they did not read. */
  bytesDropped = 0;
  opened = 0;
  /** By the reason for which we closed them; `gone` when the other end did. */
  readonly closed = new Tally();
}

function socketReadings(sockets: SocketTallies): Reading[] {
  const count = (name: string, help: string, read: () => number): Reading =>
    counter(`aside_socket_${name}_total`, help, read);
  return [
    count('opened', 'Sockets accepted.', () => sockets.opened),
    count('frames_in', 'Frames received.', () => sockets.framesIn),
    count('bytes_in', 'Bytes of frames received.', () => sockets.bytesIn),
    count('frames_out', 'Frames sent.', () => sockets.framesOut),
    count('bytes_out', 'Bytes of frames sent.', () => sockets.bytesOut),
    count(
      'bytes_dropped',
      'Bytes not sent to sockets that did not read.',
      () => sockets.bytesDropped,
    ),
    counter(
      'aside_socket_closed_total',
      'Sockets ended, by reason; tooSlow did not read, gone hung up.',
      () => labelled('reason', sockets.closed),
    ),
  ];
}

/** News between nodes; all zero where one process serves the community. Fields are raised in place. */
export class BusTallies {
  /** One per event and person, because each person has a subject. */
  published = 0;
  received = 0;
  /** Not sent, because NATS was away or took too little. */
  dropped = 0;
  /** People connected here whom the sweep found behind, and told. */
  healed = 0;
}

function busReadings(bus: BusTallies): Reading[] {
  const count = (name: string, help: string, read: () => number): Reading =>
    counter(`aside_bus_${name}_total`, help, read);
  return [
    count('published', 'News sent to other nodes, one per person.', () => bus.published),
    count('received', 'News from other nodes.', () => bus.received),
    count('dropped', 'News not sent, for want of a line; found again later.', () => bus.dropped),
    count('healed', 'People whom the sweep told what the bus had lost.', () => bus.healed),
  ];
}

/** HTTP requests by `METHOD route Nxx`, where the route is the pattern that the code declares. */
export class HttpTallies {
  readonly requests = new Tally();
  readonly seconds = new Spread(secondsBounds);
}

function httpReadings(http: HttpTallies): Reading[] {
  return [
    counter('aside_http_requests_total', 'Requests answered, by route and class of status.', () =>
      [...http.requests.counts].map(([word, count]) => {
        const [method = '', route = '', status = ''] = word.split(' ');
        return [{ method, route, status }, count] as const;
      }),
    ),
    histogram(
      'aside_http_request_seconds',
      'From the headers of a request until its answer has left, all routes together.',
      () => http.seconds,
    ),
  ];
}
