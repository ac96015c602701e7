import { useState, type FormEvent } from 'react';
import { countChars, limits, usernamePattern } from '@aside/protocol';
import type { SignUp } from '../../store/model.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { PasswordField } from '../../ui/password-field.tsx';
import { useWords } from '../../words/words.ts';
import { Link } from '../link.tsx';
import { useAppStore } from '../store-context.ts';
import { useArrival } from '../use-arrival.ts';
import { isEmail, passwordProblem } from './checks.ts';
import { FormProblem } from './form-problem.tsx';
import { useForm, wrongOnes } from './use-form.ts';

const username = new RegExp(usernamePattern, 'u');

/** Four fields, each with its rule in sight before it is broken. */
export function SignUpForm() {
  const { t } = useWords();
  const store = useAppStore();
  const [typed, setTyped] = useState<SignUp>({ name: '', username: '', email: '', password: '' });
  const details = cleaned(typed);
  const form = useForm(useChecks(details));
  const taken = form.problem?.code === 'username_taken' ? form.problem.sentence : undefined;
  const errorOf = (name: keyof SignUp) =>
    form.errorOf(name) ?? (name === 'username' ? taken : undefined);

  function signUp(event: FormEvent) {
    void form.submit(event, () => store.signUp(details));
  }

  return (
    <form className="form" noValidate onSubmit={signUp}>
      <h1>{t('door.sign-up')}</h1>
      <SignUpFields
        typed={typed}
        errorOf={errorOf}
        onType={(change) => setTyped((now) => ({ ...now, ...change }))}
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

function SignUpFields({ typed, errorOf, onType }: SignUpFieldsProps) {
  const { t } = useWords();
  const first = useArrival<HTMLInputElement>();
  return (
    <>
      <Field
        ref={first}
        label={t('door.name')}
        hint={t('door.name.hint')}
        value={typed.name}
        autoComplete="name"
        error={errorOf('name')}
        onChange={(event) => onType({ name: event.target.value })}
      />
      <Field
        label={t('door.username')}
        hint={t('door.username.hint')}
        value={typed.username}
        dir="ltr"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        error={errorOf('username')}
        onChange={(event) => onType({ username: event.target.value })}
      />
      <Field
        label={t('door.email')}
        hint={t('door.email.hint')}
        type="email"
        dir="ltr"
        value={typed.email}
        autoComplete="email"
        error={errorOf('email')}
        onChange={(event) => onType({ email: event.target.value })}
      />
      <PasswordField
        label={t('door.password')}
        hint={t('door.password.hint', { count: limits.passwordMinChars })}
        value={typed.password}
        autoComplete="new-password"
        error={errorOf('password')}
        onChange={(password) => onType({ password })}
      />
    </>
  );
}

function useChecks({ name, username: wanted, email, password }: SignUp) {
  const { t } = useWords();
  const badName = name === '' || countChars(name) > limits.nameMaxChars;
  return wrongOnes({
    name: badName && t('door.need.name', { count: limits.nameMaxChars }),
    username: !username.test(wanted) && t('door.need.username'),
    email: !isEmail(email) && t('door.need.email'),
    password: passwordProblem(password, t),
  });
}

function cleaned(typed: SignUp): SignUp {
  return {
    name: typed.name.trim(),
    email: typed.email.trim(),
    username: typed.username.trim().replace(/^@/, '').toLowerCase(),
    password: typed.password,
  };
}

interface SignUpFieldsProps {
  typed: SignUp;
  errorOf: (name: keyof SignUp) => string | undefined;
  onType: (change: Partial<SignUp>) => void;
}
