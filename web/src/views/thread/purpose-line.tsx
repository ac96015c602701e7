import { lazy, Suspense, useRef, useState } from 'react';
import type { Message } from '@aside/protocol';
import { PurposeChip } from '../../ui/chip.tsx';
import { useWords } from '../../words/words.ts';
import { Mishap } from '../mishap.tsx';

const WhyPopover = lazy(() => import('./why-popover.tsx'));

/** What a message is that is not personal, and for its recipient why it was allowed. */
export function PurposeLine({ message, own }: { message: Message; own: boolean }) {
  const { t } = useWords();
  const anchor = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <div className="purpose-line">
      <PurposeChip purpose={message.purpose} />
      {own ? null : (
        <button
          ref={anchor}
          type="button"
          className="why-button"
          aria-haspopup="dialog"
          aria-expanded={open}
          onClick={() => setOpen((now) => !now)}
        >
          {t('why.ask')}
        </button>
      )}
      {open ? (
        <Mishap fallback={null}>
          <Suspense fallback={null}>
            <WhyPopover anchor={anchor} message={message} onClose={() => setOpen(false)} />
          </Suspense>
        </Mishap>
      ) : null}
    </div>
  );
}
