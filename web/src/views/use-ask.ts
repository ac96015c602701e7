import { useState } from 'react';
import type { Outcome } from '../store/model.ts';
import { toastFailure } from '../ui/toasts.tsx';
import { problemSentence } from '../words/problems.ts';
import { useWords } from '../words/words.ts';

/** Runs one request at a time; a failure becomes a notice. Answers whether it went well. */
export function useAsk(): {
  busy: boolean;
  ask: (request: () => Promise<Outcome<unknown>>) => Promise<boolean>;
} {
  const words = useWords();
  const [busy, setBusy] = useState(false);
  return {
    busy,
    async ask(request) {
      if (busy) return false;
      setBusy(true);
      const outcome = await request();
      setBusy(false);
      if (!outcome.ok) toastFailure(problemSentence(words, outcome.problem));
      return outcome.ok;
    },
  };
}
