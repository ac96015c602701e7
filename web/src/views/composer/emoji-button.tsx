import { lazy, Suspense, useRef, useState } from 'react';
import { IconButton } from '../../ui/button.tsx';
import { Smile } from '../../ui/icons.ts';
import { useWords } from '../../words/words.ts';
import { Mishap } from '../mishap.tsx';

const EmojiPopover = lazy(() => import('./emoji-popover.tsx'));

/** Opens the emoji picker; the picker itself is loaded when it is first wanted. */
export function EmojiButton({
  disabled,
  onPick,
}: {
  disabled: boolean;
  onPick: (emoji: string) => void;
}) {
  const { t } = useWords();
  const anchor = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <>
      <IconButton
        ref={anchor}
        className="emoji-button"
        icon={Smile}
        label={t('composer.emoji')}
        aria-haspopup="dialog"
        aria-expanded={open}
        disabled={disabled}
        onClick={() => setOpen((now) => !now)}
      />
      {open ? (
        // A picker that does not come must not take the conversation with it.
        <Mishap fallback={null}>
          <Suspense fallback={null}>
            <EmojiPopover anchor={anchor} onClose={() => setOpen(false)} onPick={onPick} />
          </Suspense>
        </Mishap>
      ) : null}
    </>
  );
}
