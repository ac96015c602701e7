import { useEffect, useRef } from 'react';
import type { PersonHit } from '@aside/protocol';
import { Avatar } from '../../ui/avatar.tsx';
import { KindChip } from '../../ui/chip.tsx';
import { Ban, Hourglass, Inbox, Lock, NotebookPen } from '../../ui/icons.ts';
import { useWords } from '../../words/words.ts';
import { useStore } from '../store-context.ts';

/** One person found: face, name, @username, and whether they can be written to. */
export function PersonOption({ id, hit, active, onPoint, onChoose }: PersonOptionProps) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active) ref.current?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the keys are pressed in the text field, which names the active option
    <div
      ref={ref}
      id={id}
      className="person"
      role="option"
      tabIndex={-1}
      aria-selected={active}
      onPointerMove={active ? undefined : onPoint}
      onClick={onChoose}
    >
      <Avatar id={hit.id} name={hit.name} kind={hit.kind} size={44} />
      <span className="person-name">
        <bdi>{hit.name}</bdi> <KindChip kind={hit.kind} />
      </span>
      <span className="person-handle">@{hit.username}</span>
      <ContactHint hit={hit} />
    </div>
  );
}

function ContactHint({ hit }: { hit: PersonHit }) {
  const { t } = useWords();
  const self = useStore((state) => state.me?.id === hit.id);
  const { allowed, arrives, code } = hit.contact;
  const [Sign, key] = self
    ? ([NotebookPen, 'new.self'] as const)
    : allowed
      ? arrives === 'requests'
        ? ([Hourglass, 'contact.requests'] as const)
        : ([Inbox, 'contact.inbox'] as const)
      : code === 'you_blocked'
        ? ([Ban, 'contact.blocked'] as const)
        : ([Lock, code === 'recipient_gone' ? 'contact.gone' : 'contact.closed'] as const);
  return (
    <span className="person-contact">
      <Sign aria-hidden="true" />
      {t(key)}
    </span>
  );
}

interface PersonOptionProps {
  id: string;
  hit: PersonHit;
  active: boolean;
  onPoint: () => void;
  onChoose: () => void;
}
