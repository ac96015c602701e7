import { useEffect, useRef } from 'react';
import { useWords } from '../../words/words.ts';
import type { useSelection } from './use-selection.ts';

/** Selects everything in the list, says how much is selected, and lets go again. Always there, so that nothing moves. */
export function SelectLine({ count, selection }: SelectLineProps) {
  const { t } = useWords();
  const box = useRef<HTMLInputElement>(null);
  const chosen = selection.ids.length;
  useEffect(() => {
    if (box.current !== null) box.current.indeterminate = chosen > 0 && chosen < count;
  }, [chosen, count]);
  return (
    <div className="select-line">
      <label>
        <input
          ref={box}
          type="checkbox"
          disabled={count === 0}
          checked={count > 0 && chosen === count}
          onChange={() => (chosen === count ? selection.clear() : selection.selectAll())}
        />
        <span className={chosen > 0 ? 'unseen' : undefined}>{t('requests.select.all')}</span>
      </label>
      <p role="status">{chosen > 0 ? t('requests.selected', { count: chosen }) : null}</p>
      {chosen > 0 ? (
        <button
          type="button"
          className="text-button"
          aria-label={t('requests.clear.all')}
          onClick={selection.clear}
        >
          {t('requests.clear')}
        </button>
      ) : null}
    </div>
  );
}

interface SelectLineProps {
  count: number;
  selection: ReturnType<typeof useSelection>;
}
