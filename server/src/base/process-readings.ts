import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { counter, gauge, type Reading } from './reading.ts';

// How the process itself is doing, under the names that Prometheus' own clients use, so that common dashboards fit.

/** How often the event loop is asked whether it is late; what it reports has been late by up to as much. */
const resolutionMs = 20;

export function processReadings(): { readings: Reading[]; stop(): void } {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  const memory = (): NodeJS.MemoryUsage => process.memoryUsage();
  const startedAt = performance.timeOrigin / 1000;
  const readings: Reading[] = [
    counter('process_cpu_seconds_total', 'User and system time.', () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    }),
    gauge('process_start_time_seconds', 'Unix time of the start.', () => startedAt),
    gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss()),
    gauge('process_open_fds', 'Open files and sockets; 0 where it cannot be told.', openFiles),
    gauge('nodejs_heap_size_used_bytes', 'JavaScript heap in use.', () => memory().heapUsed),
    gauge('nodejs_external_memory_bytes', 'Buffers outside the heap.', () => memory().external),
    gauge('nodejs_eventloop_lag_p50_seconds', 'Median delay since the last reading.', () =>
      seconds(delay.percentile(50)),
    ),
    gauge('nodejs_eventloop_lag_p99_seconds', '99th percentile of it.', () =>
      seconds(delay.percentile(99)),
    ),
    // The last of the three, which starts the next interval.
    gauge('nodejs_eventloop_lag_max_seconds', 'Longest of them.', () => {
      const max = seconds(delay.max);
      delay.reset();
      return max;
    }),
    counter('nodejs_eventloop_active_seconds_total', 'Time the event loop was not idle.', () => {
      return performance.eventLoopUtilization().active / 1000;
    }),
  ];
  return { readings, stop: () => void delay.disable() };
}

/** Nanoseconds between two looks, of which the wait itself is no delay; a histogram without values says NaN or 0. */
function seconds(nanoseconds: number): number {
  const lateMs = nanoseconds / 1e6 - resolutionMs;
  return Number.isFinite(lateMs) ? Math.max(0, lateMs / 1000) : 0;
}

function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}
