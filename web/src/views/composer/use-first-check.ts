import { useEffect, useState } from 'react';
import type { CheckAnswer } from '@aside/protocol';
import { useAppStore } from '../store-context.ts';

const restMs = 500;

/**
 * What would become of this text as a first message, asked once the typing rests; null until there is an answer.
 * `stale` says that it answers an older text.
 */
export function useFirstCheck(
  username: string | undefined,
  text: string,
): { answer: CheckAnswer; stale: boolean } | null {
  const store = useAppStore();
  const [known, setKnown] = useState<{ text: string; answer: CheckAnswer } | null>(null);
  const wanted = text.trim();
  useEffect(() => {
    if (username === undefined || wanted === '') return;
    const stop = new AbortController();
    async function ask(to: string) {
      const outcome = await store.checkFirstMessage(to, wanted, stop.signal);
      if (outcome.ok && !stop.signal.aborted) setKnown({ text: wanted, answer: outcome.value });
    }
    const timer = setTimeout(() => void ask(username), restMs);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [store, username, wanted]);
  if (username === undefined || wanted === '' || known === null) return null;
  return { answer: known.answer, stale: known.text !== wanted };
}
