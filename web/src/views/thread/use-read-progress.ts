import { useEffect } from 'react';

/** Reports how far the person has read: what was in sight while they looked at the page, and nothing else. */
export function useReadProgress(seenSeq: number, onRead: (seq: number) => void): void {
  useEffect(() => {
    if (seenSeq === 0) return;
    const report = () => {
      if (document.visibilityState === 'visible' && document.hasFocus()) onRead(seenSeq);
    };
    report();
    document.addEventListener('visibilitychange', report);
    addEventListener('focus', report);
    return () => {
      document.removeEventListener('visibilitychange', report);
      removeEventListener('focus', report);
    };
  }, [seenSeq, onRead]);
}
