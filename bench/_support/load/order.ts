import type { Mesh, Pair } from './web-socket-line.ts';

// What passes between a benchmark and its load generator.

export type LoadOrder =
  | { do: 'open'; protocol: 'aside'; url: string; people: Pair[] }
  | { do: 'open'; protocol: 'xmpp'; port: number; pairs: number }
  | { do: 'open'; protocol: 'mesh'; url: string; mesh: Mesh }
  | { do: 'run'; senders: number; inFlight: number; ms: number };

export interface LoadReport {
  /** Received within the time, per second. */
  perSecond: number;
  /** Received at all, those of the drain after the time included. */
  delivered: number;
  /** Sent and not received within 10 s after the time. */
  undelivered: number;
  p50Ms: number;
  p99Ms: number;
  /** Of the generator itself. */
  cpuMs: number;
}
