import type { KeyValueStore } from './ports.ts';

// Storage that lives as long as the page. Several tabs of one browser share a Map and a list of listeners.

export interface SharedShelf {
  values: Map<string, string>;
  tabs: Set<(key: string, value: string | null) => void>;
}

export function createShelf(): SharedShelf {
  return { values: new Map(), tabs: new Set() };
}

export function createMemoryStorage(shelf: SharedShelf = createShelf()): KeyValueStore {
  const own = new Set<(key: string, value: string | null) => void>();
  const tell = (key: string, value: string | null) => {
    for (const listener of shelf.tabs) if (!own.has(listener)) listener(key, value);
  };
  return {
    get: (key) => shelf.values.get(key) ?? null,
    set(key, value) {
      if (shelf.values.get(key) === value) return true;
      shelf.values.set(key, value);
      tell(key, value);
      return true;
    },
    remove(key) {
      if (shelf.values.delete(key)) tell(key, null);
    },
    keys: (prefix) => [...shelf.values.keys()].filter((key) => key.startsWith(prefix)),
    watch(listener) {
      own.add(listener);
      shelf.tabs.add(listener);
      return () => {
        own.delete(listener);
        shelf.tabs.delete(listener);
      };
    },
  };
}
