import type { Metric, Registry } from 'prom-client';
import { Spread, type Tally } from './tally.ts';

// One name in the answer of GET /metrics, and how all of them become text.

/** Counters only rise, and their names end in `_total`. */
export type Reading = { name: string; help: string } & (
  | { kind: 'counter' | 'gauge'; read(): Values }
  | { kind: 'histogram'; read(): Spread | Iterable<readonly [Labels, Spread]> }
);

/** Values out of fixed lists; each combination is a time series that Prometheus keeps for weeks. */
export type Labels = Readonly<Record<string, string>>;

export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';

type Values = number | Iterable<readonly [Labels, number]>;

export function counter(name: string, help: string, read: () => Values): Reading {
  return { name, help, kind: 'counter', read };
}

export function gauge(name: string, help: string, read: () => Values): Reading {
  return { name, help, kind: 'gauge', read };
}

export function histogram(
  name: string,
  help: string,
  read: () => Spread | Iterable<readonly [Labels, Spread]>,
): Reading {
  return { name, help, kind: 'histogram', read };
}

/** A series per word. */
export function labelled(label: string, { counts }: Tally): (readonly [Labels, number])[] {
  return [...counts].map(([word, count]) => [{ [label]: word }, count]);
}

/** The text of all readings. prom-client is loaded by the first call, which keeps its 40 ms out of the start. */
export async function exposition(readings: readonly Reading[]): Promise<string> {
  const registry = await register(readings);
  return registry.metrics();
}

async function register(readings: readonly Reading[]): Promise<Registry> {
  const { default: client } = await import('prom-client');
  const registry = new client.Registry();
  for (const reading of readings) registry.registerMetric(toMetric(reading));
  return registry;
}

interface Sample {
  metricName: string;
  labels: Record<string, string | number>;
  value: number;
}

/** What the registry asks of a metric: its name and what it holds now. Its own classes hold numbers of their own. */
function toMetric(reading: Reading): Metric {
  const { name, help, kind: type } = reading;
  const get = async (): Promise<object> => ({ name, help, type, values: samplesOf(reading) });
  return { name, help, type, get } as unknown as Metric;
}

function samplesOf(reading: Reading): Sample[] {
  const { name } = reading;
  if (reading.kind === 'histogram') {
    const read = reading.read();
    const spreads = read instanceof Spread ? [[{}, read] as const] : [...read];
    return spreads.flatMap(([labels, spread]) => histogramSamples(name, labels, spread));
  }
  const read = reading.read();
  const values = typeof read === 'number' ? [[{}, read] as const] : [...read];
  return values.map(([labels, value]) => ({ metricName: name, labels, value }));
}

/** Prometheus counts up: each bound holds all values at or below it. */
function histogramSamples(name: string, labels: Labels, spread: Spread): Sample[] {
  let count = 0;
  const buckets = [...spread.bounds, '+Inf'].map((le, i) => {
    count += spread.counts[i]!;
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: spread.sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
