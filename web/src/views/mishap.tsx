import { Component, type ReactNode } from 'react';
import { Button } from '../ui/button.tsx';
import { Empty } from '../ui/empty.tsx';
import { CircleAlert } from '../ui/icons.ts';
import { useWords } from '../words/words.ts';

/** A view that breaks shows a sentence instead of an empty page. */
export class Mishap extends Component<
  { fallback: ReactNode; children: ReactNode },
  { broken: boolean }
> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    return this.state.broken ? this.props.fallback : this.props.children;
  }
}

export function Broken() {
  const { t } = useWords();
  return (
    <Empty icon={CircleAlert} title={t('app.broken')}>
      <p>{t('app.broken.what')}</p>
      <Button tone="main" onClick={() => location.reload()}>
        {t('app.reload')}
      </Button>
    </Empty>
  );
}
