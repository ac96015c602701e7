import { useState } from 'react';
import { useWords } from '../words/words.ts';
import { IconButton } from './button.tsx';
import { Field } from './field.tsx';
import { Eye, EyeOff } from './icons.ts';

/** A password that can be looked at while it is typed. */
export function PasswordField({
  label,
  value,
  autoComplete,
  hint,
  error,
  onChange,
}: PasswordFieldProps) {
  const { t } = useWords();
  const [shown, setShown] = useState(false);
  return (
    <Field
      label={label}
      type={shown ? 'text' : 'password'}
      dir="ltr"
      value={value}
      autoComplete={autoComplete}
      autoCapitalize="none"
      spellCheck={false}
      hint={hint}
      error={error}
      onChange={(event) => onChange(event.target.value)}
      end={
        <IconButton
          icon={shown ? EyeOff : Eye}
          label={t(shown ? 'door.password.hide' : 'door.password.show')}
          aria-pressed={shown}
          onClick={() => setShown((now) => !now)}
        />
      }
    />
  );
}

interface PasswordFieldProps {
  label: string;
  value: string;
  autoComplete: 'current-password' | 'new-password';
  hint?: string;
  error?: string | undefined;
  onChange: (value: string) => void;
}
