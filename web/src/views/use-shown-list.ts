import { listOf, type ShownList } from './list-of.ts';
import type { Route } from './router.ts';
import { useStore } from './store-context.ts';

/** The list beside what is open: a request stays among the requests, an offer among the offers. */
export function useShownList(route: Route): ShownList {
  return useStore((state) => {
    if (route.name === 'requests' || route.name === 'offers') return route.name;
    return route.name === 'conversation' ? listOf(state, route.id) : 'inbox';
  });
}
