import { useEffect, useState } from 'react';
import type { Outcome, Problem } from '../store/model.ts';

/** Something asked for when a view opens and whenever `again` is called. `load` must keep its identity. */
export function useLoaded<T>(load: () => Promise<Outcome<T>>): Loaded<T> {
  const [attempt, setAttempt] = useState(0);
  const [value, setValue] = useState<T | null>(null);
  const [failure, setFailure] = useState<{ attempt: number; problem: Problem } | null>(null);
  useEffect(() => {
    let newest = true;
    async function ask() {
      const outcome = await load();
      // An answer to an older question says nothing about this one.
      if (!newest) return;
      if (outcome.ok) setValue(outcome.value);
      setFailure(outcome.ok ? null : { attempt, problem: outcome.problem });
    }
    void ask();
    return () => {
      newest = false;
    };
  }, [load, attempt]);
  return {
    value,
    problem: failure?.attempt === attempt ? failure.problem : null,
    again: () => setAttempt((now) => now + 1),
  };
}

interface Loaded<T> {
  value: T | null;
  problem: Problem | null;
  again: () => void;
}
