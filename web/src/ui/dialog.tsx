import type { ReactNode } from 'react';
import { Dialog as Base } from '@base-ui/react/dialog';
import { useWords } from '../words/words.ts';
import { IconButton } from './button.tsx';
import { X } from './icons.ts';

/** A card over the page; Esc, the veil and the cross close it, and the focus goes back. */
export function Dialog({ title, what, onClose, children }: DialogProps) {
  const { t } = useWords();
  return (
    <Base.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Base.Portal>
        <Base.Backdrop className="veil" />
        <Base.Viewport className="dialog-place">
          <Base.Popup className="dialog-card">
            <div className="dialog-top">
              <Base.Title className="dialog-title">{title}</Base.Title>
              <Base.Close render={<IconButton icon={X} label={t('do.close')} />} />
            </div>
            {what === undefined ? null : (
              <Base.Description className="dialog-what">{what}</Base.Description>
            )}
            {children}
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  );
}

interface DialogProps {
  title: string;
  what?: string;
  onClose: () => void;
  children: ReactNode;
}
