import { useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { useWords } from '../../words/words.ts';
import { useAppStore, useStore } from '../store-context.ts';
import { useAsk } from '../use-ask.ts';

/** A new password comes by way of the e-mail address, which proves more than an unlocked screen. */
export function PasswordSection() {
  const { t } = useWords();
  const store = useAppStore();
  const email = useStore((state) => state.me?.email ?? '');
  const { busy, ask } = useAsk();
  const [sent, setSent] = useState(false);

  async function send() {
    if (await ask(() => store.requestPasswordReset(email))) setSent(true);
  }

  return (
    <>
      <p className="lead" role="status">
        {t(sent ? 'password.sent' : 'password.what', { email })}
      </p>
      <Button
        tone={sent ? 'quiet' : 'main'}
        busy={busy}
        disabled={email === ''}
        onClick={() => void send()}
      >
        {t('password.send')}
      </Button>
    </>
  );
}
