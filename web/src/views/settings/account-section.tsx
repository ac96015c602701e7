import { useState } from 'react';
import { Button } from '../../ui/button.tsx';
import Confirm from '../../ui/confirm.tsx';
import { Field } from '../../ui/field.tsx';
import { useWords } from '../../words/words.ts';
import { useAppStore, useStore } from '../store-context.ts';
import { useAsk } from '../use-ask.ts';

/** The end of an account, after its name was typed. */
export function AccountSection() {
  const { t } = useWords();
  const store = useAppStore();
  const username = useStore((state) => state.me?.username ?? '');
  const { busy, ask } = useAsk();
  const [asking, setAsking] = useState(false);
  const [typed, setTyped] = useState('');
  const matches = typed.trim().toLowerCase().replace(/^@/, '') === username;
  return (
    <>
      <p className="lead">{t('delete.what')}</p>
      <Button tone="danger" onClick={() => setAsking(true)}>
        {t('delete.do')}
      </Button>
      {asking ? (
        <Confirm
          title={t('delete.title')}
          what={t('delete.what')}
          action={t('delete.do')}
          busy={busy}
          disabled={!matches}
          onConfirm={() => {
            if (matches) void ask(() => store.deleteAccount());
          }}
          onClose={() => setAsking(false)}
        >
          <Field
            label={t('delete.type', { username })}
            value={typed}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            onChange={(event) => setTyped(event.target.value)}
          />
        </Confirm>
      ) : null}
    </>
  );
}
