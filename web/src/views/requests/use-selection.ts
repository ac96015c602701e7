import { useMemo, useState } from 'react';

/** Which requests are selected; what has left the list is left out by itself. */
export function useSelection(selectable: readonly string[]) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [anchor, setAnchor] = useState<string | null>(null);
  const ids = useMemo(() => selectable.filter((id) => chosen.has(id)), [selectable, chosen]);

  function toggle(id: string, range: boolean) {
    const from = range && anchor !== null ? selectable.indexOf(anchor) : -1;
    const to = selectable.indexOf(id);
    if (to < 0) return;
    const next = new Set(ids);
    if (from >= 0) {
      for (const between of selectable.slice(Math.min(from, to), Math.max(from, to) + 1))
        next.add(between);
    } else if (!next.delete(id)) {
      next.add(id);
    }
    setChosen(next);
    setAnchor(id);
  }

  return {
    ids,
    has: (id: string) => chosen.has(id),
    toggle,
    selectAll: () => setChosen(new Set(selectable)),
    clear: () => setChosen(new Set()),
  };
}
