import { useSyncExternalStore } from 'react';

// The width below which the styles show one pane at a time.
const phone = '(max-width: 699px)';

/** Whether one pane at a time is shown, pushed over the other. */
export function useIsPhone(): boolean {
  return useSyncExternalStore(subscribe, () => matchMedia(phone).matches);
}

function subscribe(listener: () => void): () => void {
  const query = matchMedia(phone);
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}
