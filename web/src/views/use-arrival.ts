import { useEffect, useRef, type RefObject } from 'react';

/** Takes the focus to a view that has just opened; `ready` delays it until there is something to focus. */
export function useArrival<T extends HTMLElement>(ready = true): RefObject<T | null> {
  const ref = useRef<T | null>(null);
  useEffect(() => {
    if (ready) ref.current?.focus({ preventScroll: true });
  }, [ready]);
  return ref;
}
