import { useState, type FormEvent } from 'react';
import { limits } from '@aside/protocol';
import { Button } from '../../ui/button.tsx';
import { PasswordField } from '../../ui/password-field.tsx';
import { useWords } from '../../words/words.ts';
import { Link } from '../link.tsx';
import { useAppStore } from '../store-context.ts';
import { FormProblem } from './form-problem.tsx';
import { passwordProblem } from './checks.ts';
import { useForm, wrongOnes } from './use-form.ts';

/** Where a reset link leads. */
export function ResetForm({ token }: { token: string }) {
  const { t } = useWords();
  const store = useAppStore();
  const [password, setPassword] = useState('');
  const [done, setDone] = useState(false);
  const form = useForm(wrongOnes({ password: passwordProblem(password, t) }));

  async function save(event: FormEvent) {
    const saved = await form.submit(event, async () => {
      const outcome = await store.resetPassword(token, password);
      return outcome.ok ? { ok: true as const, value: true } : outcome;
    });
    if (saved === true) setDone(true);
  }

  if (done || token === '') {
    return (
      <div className="form">
        <h1>{t('door.reset.title')}</h1>
        <p role="status">{t(done ? 'door.reset.done' : 'door.reset.stale')}</p>
        <Link className="button" data-tone="main" to={{ name: done ? 'sign-in' : 'forgot' }}>
          {t(done ? 'door.sign-in' : 'door.forgot.send')}
        </Link>
      </div>
    );
  }
  const stale = form.problem?.code === 'invalid' || form.problem?.code === 'wrong_credentials';
  return (
    <form className="form" noValidate onSubmit={(event) => void save(event)}>
      <h1>{t('door.reset.title')}</h1>
      <PasswordField
        label={t('door.password.new')}
        hint={t('door.password.hint', { count: limits.passwordMinChars })}
        value={password}
        autoComplete="new-password"
        error={form.errorOf('password')}
        onChange={setPassword}
      />
      <FormProblem sentence={stale ? t('door.reset.stale') : (form.problem?.sentence ?? null)} />
      <Button tone="main" type="submit" busy={form.busy}>
        {t('door.reset.save')}
      </Button>
    </form>
  );
}
