import { createContext, use, useSyncExternalStore } from 'react';
import type { AppState, AppStore } from '../store/model.ts';

// How views reach the store: read a part of the state, or ask for something.

export const StoreContext = createContext<AppStore | null>(null);

export function useAppStore(): AppStore {
  const store = use(StoreContext);
  if (store === null) throw new Error('A view stands outside the StoreContext.');
  return store;
}

/** A part of the state. The selector must return the same object while nothing in it changed. */
export function useStore<T>(select: (state: AppState) => T): T {
  const store = useAppStore();
  return useSyncExternalStore(store.subscribe, () => select(store.getState()));
}
