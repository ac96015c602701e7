import { useRef, useState } from 'react';

/** One row of a list is in the tab order: the one last reached, else the open one, else the first. */
export function useRoving(order: readonly string[], openId: string | null) {
  const [reachedId, setReachedId] = useState<string | null>(null);
  const wanted = useRef<string | null>(null);
  const index = Math.max(0, order.indexOf(reachedId ?? openId ?? ''));
  return {
    index,
    reach: setReachedId,
    moveTo(next: number) {
      wanted.current = order[next] ?? null;
      setReachedId(wanted.current);
    },
    /** After a render: takes the focus to the row that was wanted, once it exists. */
    settle(list: HTMLElement | null) {
      if (wanted.current === null) return;
      const row = list?.querySelector<HTMLElement>(`[data-row="${wanted.current}"]`);
      if (row === null || row === undefined) return;
      wanted.current = null;
      row.focus({ preventScroll: true });
    },
  };
}

/** Where a key leads from a row; null for every other key. */
export function nextIndex(key: string, from: number, count: number, page: number): number | null {
  const steps: Record<string, number> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: page,
    PageUp: -page,
  };
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  const step = steps[key];
  return step === undefined ? null : Math.min(count - 1, Math.max(0, from + step));
}
