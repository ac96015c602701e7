import { ArrowDown } from '../../ui/icons.ts';
import { useWords } from '../../words/words.ts';

/** Floats over the end of the messages while the newest is out of sight. */
export function JumpToNewest({ shown, newCount, onJump }: JumpToNewestProps) {
  const { t, number } = useWords();
  return (
    <button
      type="button"
      className="jump"
      data-shown={shown ? '' : undefined}
      disabled={!shown}
      aria-label={
        newCount > 0
          ? `${t('thread.newest')}, ${t('thread.newest.count', { count: newCount })}`
          : t('thread.newest')
      }
      onClick={onJump}
    >
      {newCount > 0 ? <span className="jump-count">{number(newCount)}</span> : null}
      <ArrowDown aria-hidden="true" />
    </button>
  );
}

interface JumpToNewestProps {
  shown: boolean;
  newCount: number;
  onJump: () => void;
}
