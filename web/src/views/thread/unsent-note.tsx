import type { OutboxItem } from '../../store/model.ts';
import { CircleAlert, Hourglass } from '../../ui/icons.ts';
import { toastDone } from '../../ui/toasts.tsx';
import { problemRemedy, problemSentence, remedySentence } from '../../words/problems.ts';
import { useWords } from '../../words/words.ts';
import { useAppStore } from '../store-context.ts';
import { useAsk } from '../use-ask.ts';

/** Below a bubble that was not sent: why, what to do, and the two ways on. */
export function UnsentNote({ item }: { item: OutboxItem }) {
  return item.status === 'held' ? <HeldNote item={item} /> : <FailedNote item={item} />;
}

function FailedNote({ item }: { item: OutboxItem }) {
  const words = useWords();
  const store = useAppStore();
  const { problem } = item;
  return (
    <div className="unsent-note" data-tone="failed">
      <p>
        <CircleAlert aria-hidden="true" />
        <span>
          <strong>{words.t('thread.unsent')}</strong>{' '}
          {problem === undefined ? null : problemSentence(words, problem)}{' '}
          {problem === undefined ? null : problemRemedy(words, problem)}
        </span>
      </p>
      <div>
        <button type="button" onClick={() => store.retry(item.clientId)}>
          {words.t('thread.retry')}
        </button>
        <button type="button" onClick={() => store.discard(item.clientId)}>
          {words.t('thread.discard')}
        </button>
      </div>
    </div>
  );
}

/** The server keeps it back: signing in again lets it go, taking it back ends it. */
function HeldNote({ item }: { item: OutboxItem }) {
  const words = useWords();
  const store = useAppStore();
  const { busy, ask } = useAsk();

  async function takeBack() {
    if (await ask(() => store.takeBackHeld(item.clientId))) toastDone(words.t('held.taken'));
  }

  return (
    <div className="unsent-note" data-tone="held">
      <p>
        <Hourglass aria-hidden="true" />
        <span>
          <strong>{words.t('held.title')}</strong> {words.t('held.why')}{' '}
          {remedySentence(words, 'held')}
        </span>
      </p>
      <div>
        <button type="button" disabled={busy} onClick={() => void ask(() => store.signOut())}>
          {words.t('held.sign-in')}
        </button>
        <button type="button" disabled={busy} onClick={() => void takeBack()}>
          {words.t('held.take-back')}
        </button>
      </div>
    </div>
  );
}
