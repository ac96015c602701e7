import { useState } from 'react';
import { limits, type ProfileView } from '@aside/protocol';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { AreaField } from '../../ui/field.tsx';
import { toastDone } from '../../ui/toasts.tsx';
import { useWords } from '../../words/words.ts';
import { useAppStore } from '../store-context.ts';
import { useAsk } from '../use-ask.ts';

/** Tells the people who run the server what happened, in the person's own words. */
export function ReportDialog({ profile, conversationId, onClose }: ReportDialogProps) {
  const { t } = useWords();
  const store = useAppStore();
  const { busy, ask } = useAsk();
  const [reason, setReason] = useState('');
  const { name, username } = profile;

  async function send() {
    const sent = await ask(() => store.report(username, reason.trim(), conversationId));
    if (!sent) return;
    toastDone(t('person.report.sent'));
    onClose();
  }

  return (
    <Dialog
      title={t('person.report.title', { name })}
      what={t('person.report.what', { name })}
      onClose={onClose}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (reason.trim() !== '') void send();
        }}
      >
        <AreaField
          label={t('person.report.reason')}
          value={reason}
          maxLength={limits.reportReasonMaxChars}
          required
          onChange={(event) => setReason(event.target.value)}
        />
        <div className="dialog-actions">
          <Button onClick={onClose}>{t('do.cancel')}</Button>
          <Button tone="main" type="submit" busy={busy} disabled={reason.trim() === ''}>
            {t('person.report.send')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface ReportDialogProps {
  profile: ProfileView;
  conversationId: string | undefined;
  onClose: () => void;
}
