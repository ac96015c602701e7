import { useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { toastDone } from '../../ui/toasts.tsx';
import { useWords } from '../../words/words.ts';
import { useAppStore, useStore } from '../store-context.ts';
import { useAsk } from '../use-ask.ts';

/** Asks a brand once whether strangers may write to it; until it says yes, they may not. */
export function BrandCard() {
  const me = useStore((state) => state.me);
  const reach = useStore((state) => state.settings?.reach);
  if (me === null || me.kind !== 'brand' || reach !== 'following') return null;
  return <Question personId={me.id} />;
}

function Question({ personId }: { personId: string }) {
  const { t } = useWords();
  const store = useAppStore();
  const { busy, ask } = useAsk();
  const [answered, setAnswered] = useState(() => wasAnswered(personId));
  if (answered) return null;

  async function open() {
    if (!(await ask(() => store.updateSettings({ reach: 'everyone' })))) return;
    remember(personId);
    toastDone(t('brand.done'));
  }

  function keep() {
    remember(personId);
    setAnswered(true);
  }

  return (
    <section className="brand-card" aria-label={t('brand.title')}>
      <h2>{t('brand.title')}</h2>
      <p>{t('brand.what')}</p>
      <div>
        <Button tone="main" busy={busy} onClick={() => void open()}>
          {t('brand.yes')}
        </Button>
        <Button onClick={keep}>{t('brand.no')}</Button>
      </div>
    </section>
  );
}

const keyOf = (personId: string) => `aside.brand-asked.${personId}`;

function wasAnswered(personId: string): boolean {
  try {
    return localStorage.getItem(keyOf(personId)) !== null;
  } catch {
    return false;
  }
}

function remember(personId: string): void {
  try {
    localStorage.setItem(keyOf(personId), '1');
  } catch {
    // Storage is off: it asks again the next time.
  }
}
