import type { Message, PersonKind } from '@aside/protocol';
import { useWords } from '../words/words.ts';
import { Bot, Megaphone, Store, Wrench } from './icons.ts';

/** Says what kind of account this is; nothing for a person. */
export function KindChip({ kind }: { kind: PersonKind }) {
  const { t } = useWords();
  if (kind === 'person') return null;
  const Sign = kind === 'bot' ? Bot : Store;
  return (
    <span className="chip">
      <Sign aria-hidden="true" />
      {t(kind === 'bot' ? 'label.bot' : 'label.brand')}
    </span>
  );
}

/** Says that a message is not personal; nothing for one that is. */
export function PurposeChip({ purpose }: { purpose: Message['purpose'] }) {
  const { t } = useWords();
  if (purpose === 'personal') return null;
  const Sign = { service: Wrench, automated: Bot, promotional: Megaphone }[purpose];
  return (
    <span className="chip">
      <Sign aria-hidden="true" />
      {t(`label.${purpose}`)}
    </span>
  );
}
