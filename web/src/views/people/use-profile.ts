import { useCallback } from 'react';
import { useAppStore, useStore } from '../store-context.ts';
import { useLoaded } from '../use-loaded.ts';

/** The profile as far as it is known, fetched anew when the view opens. */
export function useProfile(username: string) {
  const store = useAppStore();
  const profile = useStore((state) => state.profiles.get(username));
  const { problem, again } = useLoaded(
    useCallback(() => store.loadProfile(username), [store, username]),
  );
  return { profile, problem, again };
}
