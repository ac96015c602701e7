import type { Bus, BusEvent } from './bus.ts';

/** The bus of a community that is one process: events arrive in the order they are published, within the call. */
export function localBus(): Bus {
  const listeners = new Set<(event: BusEvent) => void>();
  return {
    publish(event) {
      for (const listener of listeners) listener(event);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    listenFor() {},
    stopListeningFor() {},
  };
}
