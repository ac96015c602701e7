import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { countChars, limits } from '@aside/protocol';
import { ArrowUp } from '../../ui/icons.ts';
import { useWords } from '../../words/words.ts';
import { useAppStore } from '../store-context.ts';
import { EmojiButton } from './emoji-button.tsx';

const warnFromChars = limits.messageMaxChars - 500;
const growsByItself = typeof CSS !== 'undefined' && CSS.supports('field-sizing', 'content');

/** Where a message is written. Enter sends, Shift+Enter starts a line; what is not sent stays as a draft. */
export function Composer(props: ComposerProps) {
  const { draftKey, label, placeholder, closed, describedBy, onSend, onTyped } = props;
  const { t } = useWords();
  const store = useAppStore();
  const area = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(() => store.getState().drafts.get(draftKey) ?? '');
  useFittingHeight(area, text);
  useFocusAtDesk(area, closed);
  const chars = text.length > warnFromChars / 2 ? countChars(text) : text.length;
  const left = limits.messageMaxChars - chars;
  const sendable = !closed && left >= 0 && text.trim() !== '';

  function write(next: string) {
    setText(next);
    store.setDraft(draftKey, next);
    if (next !== '') onTyped();
  }

  function send() {
    if (!sendable) return;
    onSend(text.trim());
    setText('');
    store.setDraft(draftKey, '');
    area.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    // 229 is what some input methods report while a word is still being composed.
    const composing = event.nativeEvent.isComposing || event.keyCode === 229;
    if (event.key !== 'Enter' || event.shiftKey || event.altKey || composing) return;
    event.preventDefault();
    send();
  }

  return (
    <form
      className="composer"
      data-closed={closed ? '' : undefined}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className="composer-box">
        <EmojiButton
          disabled={closed}
          onPick={(emoji) => write(insertAt(area.current, text, emoji))}
        />
        <textarea
          ref={area}
          dir="auto"
          rows={1}
          value={text}
          aria-label={label}
          aria-describedby={closed ? 'contact-notice' : describedBy}
          placeholder={placeholder}
          disabled={closed}
          enterKeyHint="send"
          onChange={(event) => write(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <button
          type="submit"
          className="send"
          aria-label={t('composer.send')}
          title={t('composer.send')}
          disabled={!sendable}
          onPointerDown={(event) => event.preventDefault()}
        >
          <ArrowUp aria-hidden="true" />
        </button>
      </div>
      <p className="composer-count" role="status" data-over={left < 0 ? '' : undefined}>
        {chars < warnFromChars
          ? null
          : left < 0
            ? t('composer.over', { count: -left })
            : t('composer.left', { count: left })}
      </p>
    </form>
  );
}

/** Puts the emoji where the caret is and leaves the caret behind it. */
function insertAt(area: HTMLTextAreaElement | null, text: string, emoji: string): string {
  if (area === null) return text + emoji;
  const start = area.selectionStart;
  const next = text.slice(0, start) + emoji + text.slice(area.selectionEnd);
  const caret = start + emoji.length;
  requestAnimationFrame(() => {
    area.focus();
    area.setSelectionRange(caret, caret);
  });
  return next;
}

/** For browsers whose text fields do not grow by themselves. */
function useFittingHeight(area: React.RefObject<HTMLTextAreaElement | null>, text: string): void {
  useLayoutEffect(() => {
    const element = area.current;
    if (growsByItself || element === null) return;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight}px`;
  }, [area, text]);
}

/** With a keyboard at hand, opening a conversation means writing; on glass it would only cover the messages. */
function useFocusAtDesk(area: React.RefObject<HTMLTextAreaElement | null>, closed: boolean): void {
  useEffect(() => {
    if (!closed && matchMedia('(pointer: fine)').matches)
      area.current?.focus({ preventScroll: true });
  }, [area, closed]);
}

interface ComposerProps {
  draftKey: string;
  label: string;
  placeholder: string;
  /** Writing is not possible now; a notice beside the composer says why. */
  closed: boolean;
  describedBy?: string | undefined;
  onSend: (text: string) => void;
  onTyped: () => void;
}
