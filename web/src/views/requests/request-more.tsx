import { useRef, useState } from 'react';
import { Menu } from '@base-ui/react/menu';
import type { RequestAction } from '@aside/protocol';
import { IconButton } from '../../ui/button.tsx';
import { Ban, Ellipsis, Flag } from '../../ui/icons.ts';
import { useWords } from '../../words/words.ts';

/** Block and Report behind one button. */
export function RequestMore({ name, tabIndex, onDecide }: RequestMoreProps) {
  const { t } = useWords();
  // The row goes with the decision, and the focus to the next one.
  const decided = useRef(false);
  const trigger = useRef<HTMLButtonElement>(null);
  // Inside the landmark that the list is, or a screen reader would find the menu nowhere.
  const [landmark, setLandmark] = useState<HTMLElement | null>();
  const decide = (action: RequestAction) => () => {
    decided.current = true;
    onDecide(action);
  };
  return (
    <Menu.Root
      onOpenChange={(open) => {
        if (open) setLandmark(trigger.current?.closest('section'));
      }}
    >
      <Menu.Trigger
        ref={trigger}
        render={<IconButton icon={Ellipsis} label={t('request.more', { name })} />}
        tabIndex={tabIndex}
      />
      <Menu.Portal container={landmark}>
        <Menu.Positioner
          className="floating"
          positionMethod="fixed"
          align="end"
          sideOffset={6}
          collisionPadding={12}
        >
          <Menu.Popup className="menu-card" finalFocus={() => !decided.current}>
            <Menu.Item className="menu-item" onClick={decide('block')}>
              <Ban aria-hidden="true" />
              {t('request.block')}
            </Menu.Item>
            <Menu.Item className="menu-item" onClick={decide('report')}>
              <Flag aria-hidden="true" />
              {t('request.report')}
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

interface RequestMoreProps {
  name: string;
  tabIndex: number;
  onDecide: (action: RequestAction) => void;
}
