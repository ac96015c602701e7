import { useState, type FormEvent } from 'react';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { toastDone } from '../../ui/toasts.tsx';
import { PasswordField } from '../../ui/password-field.tsx';
import { useWords } from '../../words/words.ts';
import { useAppStore } from '../store-context.ts';
import { useAsk } from '../use-ask.ts';

interface Setup {
  totpURI: string;
  backupCodes: string[];
}

/** Sets up the second factor in three steps: password, key and codes, proof. */
export function SecondFactorSection() {
  const { t } = useWords();
  const [setup, setSetup] = useState<Setup | null>(null);
  const [done, setDone] = useState(false);
  if (done) return <p className="lead">{t('factor.done')}</p>;
  return (
    <>
      <p className="lead">{t('factor.what')}</p>
      {setup === null ? (
        <>
          <Begin onBegun={setSetup} />
          <SwitchOff />
        </>
      ) : (
        <Prove setup={setup} onDone={() => setDone(true)} />
      )}
    </>
  );
}

function Begin({ onBegun }: { onBegun: (setup: Setup) => void }) {
  const { t } = useWords();
  const store = useAppStore();
  const { busy, ask } = useAsk();
  const [password, setPassword] = useState('');

  async function begin(event: FormEvent) {
    event.preventDefault();
    if (password === '') return;
    await ask(async () => {
      const outcome = await store.enableTotp(password);
      if (outcome.ok) onBegun(outcome.value);
      return outcome;
    });
  }

  return (
    <form className="form" onSubmit={(event) => void begin(event)}>
      <PasswordField
        label={t('factor.password')}
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
      />
      <Button tone="main" type="submit" busy={busy} disabled={password === ''}>
        {t('factor.start')}
      </Button>
    </form>
  );
}

function Prove({ setup, onDone }: { setup: Setup; onDone: () => void }) {
  const { t } = useWords();
  const store = useAppStore();
  const { busy, ask } = useAsk();
  const [code, setCode] = useState('');

  async function prove(event: FormEvent) {
    event.preventDefault();
    if (await ask(() => store.confirmTotp(code.replace(/\s/g, '')))) onDone();
  }

  return (
    <form className="form" onSubmit={(event) => void prove(event)}>
      <Copyable title={t('factor.key')} what={t('factor.scan')} text={secretOf(setup.totpURI)} />
      <a className="text-link" href={setup.totpURI}>
        {t('factor.link')}
      </a>
      <Copyable
        title={t('factor.codes')}
        what={t('factor.codes.what')}
        text={setup.backupCodes.join('\n')}
      />
      <Field
        label={t('factor.confirm')}
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={10}
        value={code}
        onChange={(event) => setCode(event.target.value)}
      />
      <Button tone="main" type="submit" busy={busy} disabled={code.trim() === ''}>
        {t('factor.on')}
      </Button>
    </form>
  );
}

function SwitchOff() {
  const { t } = useWords();
  const store = useAppStore();
  const { busy, ask } = useAsk();
  const [password, setPassword] = useState('');

  async function switchOff(event: FormEvent) {
    event.preventDefault();
    if (!(await ask(() => store.disableTotp(password)))) return;
    setPassword('');
    toastDone(t('factor.off.done'));
  }

  return (
    <details className="more">
      <summary>{t('factor.off.what')}</summary>
      <form className="form" onSubmit={(event) => void switchOff(event)}>
        <PasswordField
          label={t('factor.password')}
          autoComplete="current-password"
          value={password}
          onChange={setPassword}
        />
        <Button type="submit" busy={busy} disabled={password === ''}>
          {t('factor.off')}
        </Button>
      </form>
    </details>
  );
}

function Copyable({ title, what, text }: { title: string; what: string; text: string }) {
  const { t } = useWords();
  const [copied, setCopied] = useState(false);

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      // No clipboard here: the text can be selected and copied by hand.
    }
  }

  return (
    <div className="copyable">
      <h2>{title}</h2>
      <p>{what}</p>
      <pre translate="no">{text}</pre>
      <Button onClick={() => void copy()}>{t(copied ? 'do.copied' : 'do.copy')}</Button>
    </div>
  );
}

/** The key in groups of four, as authenticator apps show it. */
function secretOf(totpURI: string): string {
  const secret = /[?&]secret=([^&]+)/.exec(totpURI)?.[1] ?? '';
  return secret.replace(/(.{4})(?=.)/g, '$1 ');
}
