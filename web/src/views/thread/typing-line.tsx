import { useWords } from '../../words/words.ts';
import { useStore } from '../store-context.ts';

const nobody: readonly string[] = [];

/** Who is writing just now; its room is always there, so that nothing moves. */
export function TypingLine({
  conversationId,
  nameOf,
}: {
  conversationId: string;
  nameOf: (id: string) => string;
}) {
  const { t } = useWords();
  const typing = useStore((state) => state.typing.get(conversationId) ?? nobody);
  const first = typing[0];
  return (
    <p className="typing" data-shown={first === undefined ? undefined : ''}>
      {first === undefined ? null : (
        <>
          <span className="typing-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {typing.length > 1
            ? t('thread.typing.many', { count: typing.length })
            : t('thread.typing', { name: nameOf(first) })}
        </>
      )}
    </p>
  );
}
