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
  return (
    <>
      <p className="lead">{t('reach.what')}</p>
      <Choices
        legend={t('settings.reach')}
        value={reach}
        disabled={reach === undefined}
        options={(['nobody', 'following', 'everyone'] as const).map((value) => ({
          value,
          label: t(`reach.${value}`),
          what: t(`reach.${value}.what`),
        }))}
        onChoose={(next) => {
          void ask(() => store.updateSettings({ reach: next })).then((saved) => {
            if (saved) toastDone(t('do.saved'));
          });
        }}
      />
    </>
  );
}
