import type { ReactNode } from 'react';
import { AlertDialog } from '@base-ui/react/alert-dialog';
import { useWords } from '../words/words.ts';
import { Button } from './button.tsx';

/** Asks before something that cannot easily be undone. The safe button has the focus. */
export default function Confirm({
  title,
  what,
  action,
  busy = false,
  disabled = false,
  onConfirm,
  onClose,
  children,
}: ConfirmProps) {
  const { t } = useWords();
  return (
    <AlertDialog.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="veil" />
        <AlertDialog.Viewport className="dialog-place">
          <AlertDialog.Popup className="dialog-card">
            <AlertDialog.Title className="dialog-title">{title}</AlertDialog.Title>
            <AlertDialog.Description className="dialog-what">{what}</AlertDialog.Description>
            {children}
            <div className="dialog-actions">
              <AlertDialog.Close className="button" data-tone="quiet">
                {t('do.cancel')}
              </AlertDialog.Close>
              <Button tone="danger" busy={busy} disabled={disabled} onClick={onConfirm}>
                {action}
              </Button>
            </div>
          </AlertDialog.Popup>
        </AlertDialog.Viewport>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

interface ConfirmProps {
  title: string;
  what: string;
  action: string;
  busy?: boolean;
  disabled?: boolean;
  onConfirm: () => void;
  onClose: () => void;
  children?: ReactNode;
}
