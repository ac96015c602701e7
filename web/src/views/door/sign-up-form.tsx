import { useState, type FormEvent } from 'react';
import { countChars, limits, usernamePattern } from '@aside/protocol';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { PasswordField } from '../../ui/password-field.tsx';
import { useWords } from '../../words/words.ts';
import { Link } from '../link.tsx';
import { useAppStore } from '../store-context.ts';
import { useArrival } from '../use-arrival.ts';
import { FormProblem } from './form-problem.tsx';
import { useForm, wrongOnes } from './use-form.ts';

const username = new RegExp(usernamePattern, 'u');

/** Four fields, each with its rule in sight before it is broken. */
export function SignUpForm() {
  const { t } = useWords();
  const store = useAppStore();
  const [typed, setTyped] = useState({ name: '', username: '', email: '', password: '' });
  const set = (field: keyof typeof typed) => (value: string) =>
    setTyped((now) => ({ ...now, [field]: value }));
  const details = {
    ...typed,
    name: typed.name.trim(),
    email: typed.email.trim(),
    username: cleanUsername(typed.username),
  };
  const form = useForm(useChecks(details));
  const first = useArrival<HTMLInputElement>();
  const taken = form.problem?.code === 'username_taken' ? form.problem.sentence : undefined;

  function signUp(event: FormEvent) {
    void form.submit(event, () => store.signUp(details));
  }

  return (
    <form className="form" noValidate onSubmit={signUp}>
      <h1>{t('door.sign-up')}</h1>
      <Field
        ref={first}
        label={t('door.name')}
        hint={t('door.name.hint')}
        value={typed.name}
        autoComplete="name"
        error={form.errorOf('name')}
        onChange={(event) => set('name')(event.target.value)}
      />
      <Field
        label={t('door.username')}
        hint={t('door.username.hint')}
        value={typed.username}
        dir="ltr"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        error={form.errorOf('username') ?? taken}
        onChange={(event) => set('username')(event.target.value)}
      />
      <Field
        label={t('door.email')}
        hint={t('door.email.hint')}
        type="email"
        dir="ltr"
        value={typed.email}
        autoComplete="email"
        error={form.errorOf('email')}
        onChange={(event) => set('email')(event.target.value)}
      />
      <PasswordField
        label={t('door.password')}
        hint={t('door.password.hint', { count: limits.passwordMinChars })}
        value={typed.password}
        autoComplete="new-password"
        error={form.errorOf('password')}
        onChange={set('password')}
      />
      <FormProblem sentence={taken === undefined ? (form.problem?.sentence ?? null) : null} />
      <Button tone="main" type="submit" busy={form.busy}>
        {t('door.sign-up')}
      </Button>
      <p className="door-links">
        <span>
          {t('door.have-account')} <Link to={{ name: 'sign-in' }}>{t('door.to-sign-in')}</Link>
        </span>
      </p>
    </form>
  );
}

function useChecks(details: { name: string; username: string; email: string; password: string }) {
  const { t } = useWords();
  const { name, email, password } = details;
  return wrongOnes({
    name:
      (name === '' || countChars(name) > limits.nameMaxChars) &&
      t('door.need.name', { count: limits.nameMaxChars }),
    username: !username.test(details.username) && t('door.need.username'),
    email: !isEmail(email) && t('door.need.email'),
    password: passwordProblem(password, t),
  });
}

/** Says what a new password lacks; false when it will do. */
export function passwordProblem(
  password: string,
  t: ReturnType<typeof useWords>['t'],
): string | false {
  if (password.length < limits.passwordMinChars)
    return t('door.need.password', { count: limits.passwordMinChars });
  if (password.length > limits.passwordMaxChars)
    return t('door.need.password.short', { count: limits.passwordMaxChars });
  return false;
}

export function isEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/u.test(text);
}

function cleanUsername(typed: string): string {
  return typed.trim().replace(/^@/, '').toLowerCase();
}
