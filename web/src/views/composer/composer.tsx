import type { KeyboardEvent } from 'react';
import { countChars, countGraphemes, limits } from '@aside/protocol';
import { ArrowUp } from '../../ui/icons.ts';
import { useWords } from '../../words/words.ts';
import { EmojiButton } from './emoji-button.tsx';
import { FirstHints } from './first-hints.tsx';
import { useDraft } from './use-draft.ts';
import { useFirstCheck } from './use-first-check.ts';
import { insertAtCaret, useWritingArea } from './use-writing-area.ts';

const warnBelowChars = 500;
const firstWarnBelow = 30;
/** Beyond this a text is too long anyway, and counting graphemes is slow. */
const countsAtMost = 2_500;

/** Where a message is written. Enter sends, Shift+Enter starts a line; what is not sent stays as a draft. */
export function Composer(props: ComposerProps) {
  const { draftKey, label, placeholder, closed, first, describedBy, onSend, onTyped } = props;
  const draft = useDraft(draftKey);
  const area = useWritingArea(closed);
  const left = first === undefined ? charsLeft(draft.text) : firstCharsLeft(draft.text);
  const check = useFirstCheck(first?.username, draft.text);
  const refused = check !== null && !check.stale && !check.answer.contact.allowed;
  const sendable = !closed && !refused && left >= 0 && draft.text.trim() !== '';

  function write(text: string) {
    draft.write(text);
    if (text !== '') onTyped();
  }

  function send() {
    if (!sendable) return;
    onSend(draft.text.trim());
    draft.write('');
    area.current?.focus();
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
      {first === undefined ? null : (
        <FirstHints name={first.name} text={draft.text} answer={check?.answer} tooLong={left < 0} />
      )}
      <div className="composer-box">
        <EmojiButton
          disabled={closed}
          onPick={(emoji) => write(insertAtCaret(area.current, draft.text, emoji))}
        />
        <textarea
          ref={area}
          dir="auto"
          rows={1}
          value={draft.text}
          aria-label={label}
          aria-describedby={closed ? 'contact-notice' : describedBy}
          placeholder={placeholder}
          disabled={closed}
          enterKeyHint="send"
          onChange={(event) => write(event.target.value)}
          onKeyDown={(event) => sendOnEnter(event, send)}
        />
        <SendButton disabled={!sendable} />
      </div>
      <CharsLeft left={left} always={first !== undefined && !closed} />
    </form>
  );
}

function SendButton({ disabled }: { disabled: boolean }) {
  const { t } = useWords();
  return (
    <button
      type="submit"
      className="send"
      aria-label={t('composer.send')}
      title={t('composer.send')}
      disabled={disabled}
      // Keeps the focus in the text, and with it the keyboard of a phone open.
      onPointerDown={(event) => event.preventDefault()}
    >
      <ArrowUp aria-hidden="true" />
    </button>
  );
}

function CharsLeft({ left, always }: { left: number; always: boolean }) {
  const { t } = useWords();
  return (
    <p
      className="composer-count"
      // Said aloud only near the end, not with every key.
      role={always && left > firstWarnBelow ? undefined : 'status'}
      data-over={left < 0 ? '' : undefined}
    >
      {left > warnBelowChars && !always
        ? null
        : left < 0
          ? t('composer.over', { count: -left })
          : t('composer.left', { count: left })}
    </p>
  );
}

function sendOnEnter(event: KeyboardEvent<HTMLTextAreaElement>, send: () => void): void {
  // 229 is what some input methods report while a word is still being composed.
  const composing = event.nativeEvent.isComposing || event.keyCode === 229;
  if (event.key !== 'Enter' || event.shiftKey || event.altKey || composing) return;
  event.preventDefault();
  send();
}

/** Counts code points only where it can matter: a text has never more of them than UTF-16 units. */
function charsLeft(text: string): number {
  const near = text.length > limits.messageMaxChars - warnBelowChars;
  return limits.messageMaxChars - (near ? countChars(text) : text.length);
}

/** A first message is short, in characters as a reader counts them and in code points. */
function firstCharsLeft(text: string): number {
  const graphemes = limits.firstMessageMaxGraphemes - countGraphemes(text, countsAtMost);
  const codePoints = limits.firstMessageMaxChars - countChars(text);
  return Math.min(graphemes, codePoints);
}

interface ComposerProps {
  draftKey: string;
  label: string;
  placeholder: string;
  /** Writing is not possible now; a notice beside the composer says why. */
  closed: boolean;
  /** This would be a first message to this person: short, and judged while it is typed. */
  first?: { username: string; name: string } | undefined;
  describedBy?: string | undefined;
  onSend: (text: string) => void;
  onTyped: () => void;
}
