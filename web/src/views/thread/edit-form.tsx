import { use, useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { countGraphemes, limits, type Message } from '@aside/protocol';
import { Button } from '../../ui/button.tsx';
import { toastDone } from '../../ui/toasts.tsx';
import { useWords } from '../../words/words.ts';
import { useAppStore } from '../store-context.ts';
import { useAsk } from '../use-ask.ts';
import { EditContext } from './edit-context.ts';

/** The unanswered first message, corrected in its place. */
export default function EditForm({ message }: { message: Message }) {
  const { t } = useWords();
  const { close, name } = use(EditContext);
  const { text, setText, left, savable, busy, save } = useCorrection(message, close);
  const area = useCaretAtEnd();

  function onKeyDown(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') close();
    else if (event.key === 'Enter' && !event.shiftKey && !event.altKey) void save();
    else return;
    event.preventDefault();
  }

  return (
    <form
      className="edit-form"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <textarea
        ref={area}
        dir="auto"
        rows={3}
        value={text}
        aria-label={t('edit.label')}
        aria-describedby="edit-what"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <p id="edit-what">
        {t('edit.what', { name })}{' '}
        <span data-over={left < 0 ? '' : undefined}>
          {left < 0 ? t('composer.over', { count: -left }) : t('composer.left', { count: left })}
        </span>
      </p>
      <div className="edit-actions">
        <Button onClick={close}>{t('do.cancel')}</Button>
        <Button tone="main" type="submit" busy={busy} disabled={!savable}>
          {t('edit.save')}
        </Button>
      </div>
    </form>
  );
}

function useCorrection(message: Message, close: () => void) {
  const { t } = useWords();
  const store = useAppStore();
  const { busy, ask } = useAsk();
  const [text, setText] = useState(message.text);
  const max = limits.firstMessageMaxGraphemes;
  const left = max - countGraphemes(text, max + 1_000);
  const savable = left >= 0 && text.trim() !== '' && text.trim() !== message.text;

  async function save() {
    if (!savable) return;
    const { conversationId, seq } = message;
    if (!(await ask(() => store.editMessage(conversationId, seq, text.trim())))) return;
    toastDone(t('edit.done'));
    close();
  }

  return { text, setText, left, savable, busy, save };
}

function useCaretAtEnd() {
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const end = area.current?.value.length ?? 0;
    area.current?.focus();
    area.current?.setSelectionRange(end, end);
  }, []);
  return area;
}
