import { Empty } from '../../ui/empty.tsx';
import { ChevronDown, ChevronRight, Hourglass } from '../../ui/icons.ts';
import { useWords } from '../../words/words.ts';
import { useStore } from '../store-context.ts';

/** Stands in the list between what waits and what came quietly. */
export const quietRow = 'quiet';

/** The one line behind which the quiet requests stand. */
export function QuietLine({ open, alone, reached, onReach, onToggle }: QuietLineProps) {
  const { t } = useWords();
  const count = useStore((state) =>
    Math.max(state.requestCounts.quiet, state.folders.quiet.order.length),
  );
  const Sign = open ? ChevronDown : ChevronRight;
  return (
    <>
      {alone ? <Empty icon={Hourglass} title={t('requests.quiet.only')} /> : null}
      <button
        type="button"
        className="quiet-line"
        data-row={quietRow}
        tabIndex={reached ? 0 : -1}
        aria-expanded={open}
        onFocus={() => onReach(quietRow)}
        onClick={onToggle}
      >
        <Hourglass aria-hidden="true" />
        <span>{t('requests.quiet', { count })}</span>
        <Sign aria-hidden="true" />
      </button>
    </>
  );
}

interface QuietLineProps {
  open: boolean;
  /** Nothing waits above it. */
  alone: boolean;
  reached: boolean;
  onReach: (id: string) => void;
  onToggle: () => void;
}
