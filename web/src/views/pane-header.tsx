import type { ReactNode } from 'react';
import { IconButton } from '../ui/button.tsx';
import { ArrowLeft } from '../ui/icons.ts';
import { useWords } from '../words/words.ts';
import { goBack, type Route } from './router.ts';

/** The top of a pane. The way back shows where panes are pushed over each other. */
export function PaneHeader({ back, children, actions }: PaneHeaderProps) {
  const { t } = useWords();
  return (
    <header className="pane-header">
      <IconButton
        className="only-phone"
        icon={ArrowLeft}
        label={t('do.back')}
        onClick={() => goBack(back)}
      />
      {children}
      {actions === undefined ? null : <div className="pane-actions">{actions}</div>}
    </header>
  );
}

interface PaneHeaderProps {
  back: Route;
  children: ReactNode;
  actions?: ReactNode;
}
