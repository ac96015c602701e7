import { useState, type FormEvent } from 'react';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { PasswordField } from '../../ui/password-field.tsx';
import { useWords } from '../../words/words.ts';
import { Link } from '../link.tsx';
import { useAppStore } from '../store-context.ts';
import { useArrival } from '../use-arrival.ts';
import { FormProblem } from './form-problem.tsx';
import { useForm, wrongOnes } from './use-form.ts';

/** By e-mail address or username. */
export function SignInForm({ onTotp }: { onTotp: () => void }) {
  const { t } = useWords();
  const store = useAppStore();
  const [login, setLogin] = useState('');
  const [password, setPassword] = useState('');
  const form = useForm(
    wrongOnes({
      login: login.trim() === '' && t('door.need.login'),
      password: password === '' && t('door.need.any'),
    }),
  );
  const first = useArrival<HTMLInputElement>();

  async function signIn(event: FormEvent) {
    const answer = await form.submit(event, () =>
      store.signIn(login.trim().replace(/^@/, ''), password),
    );
    if (answer === 'totp') onTotp();
  }

  return (
    <form className="form" noValidate onSubmit={(event) => void signIn(event)}>
      <h1>{t('door.sign-in')}</h1>
      <Field
        ref={first}
        label={t('door.login')}
        value={login}
        dir="ltr"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        error={form.errorOf('login')}
        onChange={(event) => setLogin(event.target.value)}
      />
      <PasswordField
        label={t('door.password')}
        value={password}
        autoComplete="current-password"
        error={form.errorOf('password')}
        onChange={setPassword}
      />
      <FormProblem sentence={form.problem?.sentence ?? null} />
      <Button tone="main" type="submit" busy={form.busy}>
        {t('door.sign-in')}
      </Button>
      <p className="door-links">
        <Link to={{ name: 'forgot' }}>{t('door.forgot')}</Link>
        <span>
          {t('door.new-here')} <Link to={{ name: 'sign-up' }}>{t('door.to-sign-up')}</Link>
        </span>
      </p>
    </form>
  );
}
