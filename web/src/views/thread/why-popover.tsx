import { useCallback, useState, type RefObject } from 'react';
import { Popover } from '@base-ui/react/popover';
import { grantWording, type GrantPurpose, type Message, type WhyAnswer } from '@aside/protocol';
import { Button } from '../../ui/button.tsx';
import { Check } from '../../ui/icons.ts';
import { toastDone } from '../../ui/toasts.tsx';
import { actSentence } from '../../words/acts.ts';
import { problemSentence } from '../../words/problems.ts';
import { useWords } from '../../words/words.ts';
import { Link } from '../link.tsx';
import { useAppStore } from '../store-context.ts';
import { useAsk } from '../use-ask.ts';
import { useLoaded } from '../use-loaded.ts';

/** The act of mine that allowed a message, and one press to stop its kind. */
export default function WhyPopover({ anchor, message, onClose }: WhyPopoverProps) {
  const words = useWords();
  const { t } = words;
  const store = useAppStore();
  const { conversationId, seq } = message;
  const { value, problem, again } = useLoaded(
    useCallback(() => store.whyMessage(conversationId, seq), [store, conversationId, seq]),
  );
  return (
    <Popover.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Popover.Portal>
        <Popover.Positioner
          // Beside the message and never over it: it is what is being explained.
          anchor={() => anchor.current?.closest('.bubble') ?? anchor.current}
          side="top"
          align="start"
          sideOffset={8}
          collisionPadding={12}
          className="floating"
        >
          <Popover.Popup className="why-card" finalFocus={anchor}>
            <Popover.Title className="why-title">{t('why.title')}</Popover.Title>
            {value !== null ? (
              <Answer message={message} answer={value} onClose={onClose} />
            ) : problem !== null ? (
              <>
                <p>
                  {t('why.failed')} {problemSentence(words, problem)}
                </p>
                <Button onClick={again}>{t('do.retry')}</Button>
              </>
            ) : (
              <div className="why-coming" role="status" aria-label={t('app.loading')}>
                <span className="bone" />
                <span className="bone" />
              </div>
            )}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Answer({ message, answer, onClose }: AnswerProps) {
  const words = useWords();
  const { t, language } = words;
  const store = useAppStore();
  const { busy, ask } = useAsk();
  const [stopped, setStopped] = useState(false);
  const { username } = answer.entry.person;
  const purpose = message.purpose as GrantPurpose;

  async function stop() {
    if (await ask(() => store.stopPurpose(username, purpose))) setStopped(true);
  }

  async function allow() {
    if (!(await ask(() => store.grantPurpose(username, purpose, language)))) return;
    toastDone(t('stopped.undone'));
    onClose();
  }

  return (
    <>
      <p>
        {actSentence(words, answer.entry, purpose)}
        {'.'}
      </p>
      <div role="status">
        {stopped ? (
          <p className="why-stopped">
            <Check aria-hidden="true" />
            <span>{t(`stopped.${purpose}`, { username })}</span>
          </p>
        ) : null}
      </div>
      {stopped ? (
        <>
          <p className="why-undo">{t('stopped.undo')}</p>
          <Button busy={busy} onClick={() => void allow()}>
            {grantWording(language, purpose, username)}
          </Button>
        </>
      ) : (
        <Button busy={busy} onClick={() => void stop()}>
          {t(`why.stop.${purpose}`)}
        </Button>
      )}
      <Link className="text-link" to={{ name: 'settings', section: 'ledger' }} onClick={onClose}>
        {t('why.ledger')}
      </Link>
    </>
  );
}

interface WhyPopoverProps {
  anchor: RefObject<HTMLButtonElement | null>;
  message: Message;
  onClose: () => void;
}

interface AnswerProps {
  message: Message;
  answer: WhyAnswer;
  onClose: () => void;
}
