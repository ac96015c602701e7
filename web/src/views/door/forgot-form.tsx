import { useState, type FormEvent } from 'react';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { useWords } from '../../words/words.ts';
import { Link } from '../link.tsx';
import { useAppStore } from '../store-context.ts';
import { useArrival } from '../use-arrival.ts';
import { FormProblem } from './form-problem.tsx';
import { isEmail } from './checks.ts';
import { useForm, wrongOnes } from './use-form.ts';

/** Asks for a reset link. Says the same whether or not an account uses the address. */
export function ForgotForm() {
  const { t } = useWords();
  const store = useAppStore();
  const [typed, setTyped] = useState('');
  const [sentTo, setSentTo] = useState<string | null>(null);
  const email = typed.trim();
  const form = useForm(wrongOnes({ email: !isEmail(email) && t('door.need.email') }));
  const first = useArrival<HTMLInputElement>();

  async function send(event: FormEvent) {
    const done = await form.submit(event, async () => {
      const outcome = await store.requestPasswordReset(email);
      return outcome.ok ? { ok: true as const, value: true } : outcome;
    });
    if (done === true) setSentTo(email);
  }

  return (
    <form className="form" noValidate onSubmit={(event) => void send(event)}>
      <h1>{t('door.forgot.title')}</h1>
      <p role="status">
        {sentTo === null ? t('door.forgot.what') : t('door.forgot.sent', { email: sentTo })}
      </p>
      {sentTo === null ? (
        <>
          <Field
            ref={first}
            label={t('door.email')}
            type="email"
            dir="ltr"
            value={typed}
            autoComplete="email"
            error={form.errorOf('email')}
            onChange={(event) => setTyped(event.target.value)}
          />
          <FormProblem sentence={form.problem?.sentence ?? null} />
          <Button tone="main" type="submit" busy={form.busy}>
            {t('door.forgot.send')}
          </Button>
        </>
      ) : null}
      <p className="door-links">
        <Link to={{ name: 'sign-in' }}>{t('door.to-sign-in')}</Link>
      </p>
    </form>
  );
}
