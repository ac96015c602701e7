import type { PersonCard } from '@aside/protocol';
import { Avatar } from '../../ui/avatar.tsx';
import { KindChip } from '../../ui/chip.tsx';
import { useWords } from '../../words/words.ts';

/** Stands above the first message ever: who this is with. */
export function ThreadIntro({
  face,
  title,
  self,
}: {
  face: PersonCard | null;
  title: string;
  self: boolean;
}) {
  const { t } = useWords();
  return (
    <div className="thread-intro">
      {face === null ? null : <Avatar id={face.id} name={face.name} kind={face.kind} size={72} />}
      <p className="thread-intro-name">
        <bdi>{title}</bdi> {face === null ? null : <KindChip kind={face.kind} />}
      </p>
      <p>{self ? t('thread.begin.self') : t('thread.begin', { name: title })}</p>
    </div>
  );
}
