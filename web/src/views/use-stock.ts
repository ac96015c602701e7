import { useEffect } from 'react';
import { useWords } from '../words/words.ts';
import { useStore } from './store-context.ts';

const restMs = 2_000;

/**
 * Fetches the parts of the page that wait to be opened, once the inbox stands and the page rests, so that they are
 * there when the network is not. What does not come now is asked for again when it is opened.
 */
export function useStock(): void {
  const { language } = useWords();
  const ready = useStore((state) => state.folders.inbox.status === 'ready');
  useEffect(() => {
    if (!ready) return;
    const timer = setTimeout(() => void Promise.allSettled(parts(language)), restMs);
    return () => clearTimeout(timer);
  }, [ready, language]);
}

function parts(language: string): Promise<unknown>[] {
  const emoji = `${String(import.meta.env.VITE_EMOJI_URL)}/${language}`;
  return [
    import('./new-message/new-message-pane.tsx'),
    import('./requests/requests-list.tsx'),
    import('./requests/request-thread.tsx'),
    import('./people/person-pane.tsx'),
    import('./people/profile-panel.tsx'),
    import('./settings/settings-pane.tsx'),
    import('./keys-sheet.tsx'),
    import('./composer/emoji-popover.tsx'),
    // Kept by the browser's own cache, from which the picker then reads.
    ...['data', 'messages'].map((name) => fetch(`${emoji}/${name}.json`)),
  ];
}
