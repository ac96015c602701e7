import type { Ref } from 'react';
import type { Message } from '@aside/protocol';
import { Hourglass } from '../../ui/icons.ts';
import { useWords } from '../../words/words.ts';

/** After a first message: it waits, and can be corrected once. It says the same whatever the other side did. */
export function FirstWaiting({ ref, name, message, editing, onEdit }: FirstWaitingProps) {
  const { t } = useWords();
  return (
    <div className="notice" data-tone="wait" id="contact-notice">
      <Hourglass aria-hidden="true" />
      <p>{t('first.waiting', { name })}</p>
      {message === null ? null : (
        <button
          ref={ref}
          type="button"
          className="button"
          data-tone="quiet"
          data-correct=""
          disabled={editing}
          onClick={() => onEdit(message.seq)}
        >
          {t('first.correct')}
        </button>
      )}
    </div>
  );
}

interface FirstWaitingProps {
  ref: Ref<HTMLButtonElement>;
  name: string;
  /** The message that may still be corrected; null where it may not. */
  message: Message | null;
  editing: boolean;
  onEdit: (seq: number) => void;
}
