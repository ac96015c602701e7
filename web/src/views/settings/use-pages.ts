import { useEffect, useState } from 'react';
import type { Outcome, Problem } from '../../store/model.ts';

interface Page<T> {
  rows: readonly T[];
  nextCursor?: string | undefined;
}

/** A list that comes page by page and is kept only while it is shown. `load` must keep its identity. */
export function usePages<T>(load: (cursor?: string) => Promise<Outcome<Page<T>>>) {
  const [rows, setRows] = useState<readonly T[] | null>(null);
  const [cursor, setCursor] = useState<string | undefined>();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(true);
  const [round, setRound] = useState(0);

  function take(outcome: Outcome<Page<T>>, before: readonly T[]) {
    setBusy(false);
    setProblem(outcome.ok ? null : outcome.problem);
    if (!outcome.ok) return;
    setRows([...before, ...outcome.value.rows]);
    setCursor(outcome.value.nextCursor);
  }

  useEffect(() => {
    let newest = true;
    async function first() {
      const outcome = await load();
      if (newest) take(outcome, []);
    }
    void first();
    return () => {
      newest = false;
    };
  }, [load, round]);

  return {
    rows,
    problem,
    busy,
    hasMore: cursor !== undefined,
    async more() {
      if (busy || cursor === undefined) return;
      setBusy(true);
      take(await load(cursor), rows ?? []);
    },
    again: () => setRound((now) => now + 1),
  };
}
