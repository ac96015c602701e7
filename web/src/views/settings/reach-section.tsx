import type { Reach } from '@aside/protocol';
import { Choices } from '../../ui/choices.tsx';
import { toastDone } from '../../ui/toasts.tsx';
import { useWords } from '../../words/words.ts';
import { useAppStore, useStore } from '../store-context.ts';
import { useAsk } from '../use-ask.ts';

/** Who may write to me first. */
export function ReachSection() {
  const { t } = useWords();
  const store = useAppStore();
  const { ask } = useAsk();
  const reach = useStore((state) => state.settings?.reach);

  async function choose(next: Reach) {
    if (await ask(() => store.updateSettings({ reach: next }))) toastDone(t('do.saved'));
  }

  return (
    <>
      <p className="lead">{t('reach.what')}</p>
      <Choices
        legend={t('settings.reach')}
        legendShown={false}
        value={reach}
        disabled={reach === undefined}
        options={(['nobody', 'following', 'everyone'] as const).map((value) => ({
          value,
          label: t(`reach.${value}`),
          what: t(`reach.${value}.what`),
        }))}
        onChoose={(next) => void choose(next)}
      />
    </>
  );
}
