import type { ReactNode } from 'react';
import type { PersonCard } from '@aside/protocol';
import { Avatar } from '../../ui/avatar.tsx';
import { KindChip } from '../../ui/chip.tsx';
import { PaneHeader } from '../pane-header.tsx';

/** The top of a thread: face, name, @username, and what can be done. */
export function ThreadHeader({ face, title, sub, actions }: ThreadHeaderProps) {
  return (
    <PaneHeader back={{ name: 'inbox' }} actions={actions}>
      {face === null ? null : <Avatar id={face.id} name={face.name} kind={face.kind} size={36} />}
      <div className="thread-title">
        <h1>
          <bdi>{title}</bdi> {face === null ? null : <KindChip kind={face.kind} />}
        </h1>
        <p>{sub}</p>
      </div>
    </PaneHeader>
  );
}

interface ThreadHeaderProps {
  face: PersonCard | null;
  title: string;
  sub: ReactNode;
  actions?: ReactNode;
}
