import { useEffect, useState } from 'react';
import type { PersonHit } from '@aside/protocol';
import type { Outcome, Problem } from '../../store/model.ts';
import { useAppStore } from '../store-context.ts';

const restMs = 160;
const nobody: readonly PersonHit[] = [];

export interface Found {
  hits: readonly PersonHit[];
  problem: Problem | null;
  /** What is shown answers an older question. */
  stale: boolean;
}

/** Asks once the typing rests; an answer that comes after a newer question is dropped, and until then the last one stays in sight. */
export function usePeople(query: string): Found {
  const store = useAppStore();
  const [answer, setAnswer] = useState<{ to: string; outcome: Outcome<PersonHit[]> } | null>(null);
  const wanted = cleanQuery(query);
  useEffect(() => {
    if (wanted === '') return;
    let newest = true;
    async function ask() {
      const outcome = await store.searchPeople(wanted);
      if (newest) setAnswer({ to: wanted, outcome });
    }
    const timer = setTimeout(() => void ask(), restMs);
    return () => {
      newest = false;
      clearTimeout(timer);
    };
  }, [store, wanted]);
  if (wanted === '' || answer === null)
    return { hits: nobody, problem: null, stale: wanted !== '' };
  const { outcome } = answer;
  return {
    hits: outcome.ok ? outcome.value : nobody,
    problem: outcome.ok ? null : outcome.problem,
    stale: answer.to !== wanted,
  };
}

export function cleanQuery(query: string): string {
  return query.trim().replace(/^@/, '');
}
