import { useState } from 'react';
import type { RequestAction } from '@aside/protocol';
import { Button } from '../../ui/button.tsx';
import Confirm from '../../ui/confirm.tsx';
import { useWords } from '../../words/words.ts';

const actions = ['accept', 'decline', 'block', 'report'] as const;

/** Decides on everything selected; blocking and reporting many asks first. */
export function BulkBar({ count, onDecide }: BulkBarProps) {
  const { t } = useWords();
  const [asking, setAsking] = useState<'block' | 'report' | null>(null);
  return (
    <div className="bulk-bar" role="toolbar" aria-label={t('requests.bulk')}>
      {actions.map((action) => (
        <Button
          key={action}
          tone={action === 'accept' ? 'accept' : 'quiet'}
          onClick={() =>
            action === 'accept' || action === 'decline' || count === 1
              ? onDecide(action)
              : setAsking(action)
          }
        >
          {t(`request.${action}`)}
        </Button>
      ))}
      {asking === null ? null : (
        <Confirm
          title={t(`requests.${asking}.title`, { count })}
          what={t(`requests.${asking}.what`)}
          action={t(`request.${asking}`)}
          onConfirm={() => {
            setAsking(null);
            onDecide(asking);
          }}
          onClose={() => setAsking(null)}
        />
      )}
    </div>
  );
}

interface BulkBarProps {
  count: number;
  onDecide: (action: RequestAction) => void;
}
