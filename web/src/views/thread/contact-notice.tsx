import type { Contact } from '@aside/protocol';
import { Button } from '../../ui/button.tsx';
import { Ban, Inbox, Lock } from '../../ui/icons.ts';
import { toastFailure } from '../../ui/toasts.tsx';
import { codeSentence, contactRemedy, problemSentence } from '../../words/problems.ts';
import { useWords } from '../../words/words.ts';
import { useAppStore } from '../store-context.ts';

/** Says before the first key press whether this person can be written to, or why not and what to do; a first message says more for itself. */
export function ContactNotice({ contact, name, username }: ContactNoticeProps) {
  const words = useWords();
  const { t } = words;
  if (contact.allowed) {
    return (
      <p className="notice" id="contact-notice">
        <Inbox aria-hidden="true" />
        <span>{t('write.inbox', { name })}</span>
      </p>
    );
  }
  const code = contact.code ?? '';
  const Sign = code === 'you_blocked' ? Ban : Lock;
  return (
    <div className="notice" data-tone="closed" id="contact-notice">
      <Sign aria-hidden="true" />
      <p>
        <strong>{codeSentence(words, code) ?? contact.sentence ?? t('write.not', { name })}</strong>{' '}
        {contactRemedy(words, contact)}
      </p>
      {code === 'you_blocked' && username !== null ? <Unblock username={username} /> : null}
    </div>
  );
}

function Unblock({ username }: { username: string }) {
  const words = useWords();
  const store = useAppStore();
  async function unblock() {
    const outcome = await store.setBlocking(username, false);
    if (!outcome.ok) toastFailure(problemSentence(words, outcome.problem));
  }
  return <Button onClick={() => void unblock()}>{words.t('write.unblock')}</Button>;
}

interface ContactNoticeProps {
  contact: Contact;
  name: string;
  username: string | null;
}
