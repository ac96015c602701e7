import { useEffect, useState } from 'react';
import { WifiOff } from '../ui/icons.ts';
import { useWords } from '../words/words.ts';
import { useStore } from './store-context.ts';

const patienceMs = 1_500;

/** Says that the page is offline or reconnecting. Floats, so that nothing below it moves; waits a moment, so that a blink of the network stays silent. */
export function ConnectionPill() {
  const { t } = useWords();
  const connection = useStore((state) => state.connection);
  const [shown, setShown] = useState<'connecting' | 'offline' | null>(null);
  useEffect(() => {
    const next = connection === 'online' ? null : connection;
    const timer = setTimeout(() => setShown(next), next === 'connecting' ? patienceMs : 0);
    return () => clearTimeout(timer);
  }, [connection]);
  return (
    <div className="connection" role="status" data-shown={shown ?? undefined}>
      {shown === null ? null : (
        <p>
          <WifiOff aria-hidden="true" />
          {t(shown === 'offline' ? 'connection.offline' : 'connection.connecting')}
        </p>
      )}
    </div>
  );
}
