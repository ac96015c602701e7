import { useEffect, useState } from 'react';
import type { Outcome, Problem } from '../store/model.ts';

/** Something asked for when a view opens and whenever `again` is called. `load` must keep its identity. */
export function useLoaded<T>(load: () => Promise<Outcome<T>>): Loaded<T> {
  const [value, setValue] = useState<T | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let here = true;
    void load().then((outcome) => {
      if (!here) return;
      if (outcome.ok) setValue(outcome.value);
      setProblem(outcome.ok ? null : outcome.problem);
    });
    return () => {
      here = false;
    };
  }, [load, attempt]);
  return { value, problem, again: () => setAttempt((now) => now + 1) };
}

interface Loaded<T> {
  value: T | null;
  problem: Problem | null;
  again: () => void;
}
