import { useState } from 'react';
import { useAppStore } from '../store-context.ts';

/** What is written and not yet sent: kept here for the keys, in the store for the next visit. */
export function useDraft(key: string): { text: string; write: (text: string) => void } {
  const store = useAppStore();
  const [text, setText] = useState(() => store.getState().drafts.get(key) ?? '');
  return {
    text,
    write(next) {
      setText(next);
      store.setDraft(key, next);
    },
  };
}
