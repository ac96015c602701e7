import { useState, type FormEvent } from 'react';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { useWords } from '../../words/words.ts';
import { useAppStore } from '../store-context.ts';
import { useArrival } from '../use-arrival.ts';
import { FormProblem } from './form-problem.tsx';
import { useForm, wrongOnes } from './use-form.ts';

/** The second step of signing in. */
export function TotpForm({ onBack }: { onBack: () => void }) {
  const { t } = useWords();
  const store = useAppStore();
  const [code, setCode] = useState('');
  const cleaned = code.replace(/\s/g, '');
  const form = useForm(wrongOnes({ code: cleaned === '' && t('door.need.code') }));
  const first = useArrival<HTMLInputElement>();

  function verify(event: FormEvent) {
    void form.submit(event, () => store.verifyTotp(cleaned));
  }

  return (
    <form className="form" noValidate onSubmit={verify}>
      <h1>{t('door.totp.title')}</h1>
      <p>{t('door.totp.what')}</p>
      <Field
        ref={first}
        label={t('door.totp.code')}
        value={code}
        dir="ltr"
        autoComplete="one-time-code"
        autoCapitalize="none"
        spellCheck={false}
        error={form.errorOf('code')}
        onChange={(event) => setCode(event.target.value)}
      />
      <FormProblem sentence={form.problem?.sentence ?? null} />
      <Button tone="main" type="submit" busy={form.busy}>
        {t('door.totp.verify')}
      </Button>
      <Button tone="bare" onClick={onBack}>
        {t('door.totp.back')}
      </Button>
    </form>
  );
}
