import { lazy, memo, Suspense, use, useId, useState } from 'react';
import type { Entry } from './entries.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Check, Clock, Hourglass } from '../../ui/icons.ts';
import { LinkedText } from '../../ui/linked-text.tsx';
import { SpelledText } from '../../ui/spelled-text.tsx';
import { useWords } from '../../words/words.ts';
import { EditContext } from './edit-context.ts';
import { PurposeLine } from './purpose-line.tsx';
import { UnsentNote } from './unsent-note.tsx';

const EditForm = lazy(() => import('./edit-form.tsx'));

const foldedAboveChars = 1_600;
const foldedAboveLines = 24;
const emojiOnly = /^\s*(?:\p{RGI_Emoji}\s*){1,3}$/v;

/** One message with the lines above it. */
export const Bubble = memo(function Bubble(props: BubbleProps) {
  const { own, first, last, text, at, message, startsDay, startsUnread, author, grouped } = props;
  const [rises] = useState(props.rises);
  const { t, time } = useWords();
  const edit = use(EditContext);
  const editing = own && message !== null && edit.seq === message.seq;
  const name = own ? t('thread.you') : author;
  return (
    <>
      {startsDay ? <DayLine at={at} /> : null}
      {startsUnread ? <p className="unread-line">{t('thread.unread')}</p> : null}
      {grouped && first && !own ? <p className="author">{author}</p> : null}
      <article
        className="message"
        aria-label={t('thread.said', { name, time: time(at) })}
        data-own={own ? '' : undefined}
        data-first={first ? '' : undefined}
        data-last={last ? '' : undefined}
        data-rises={rises ? '' : undefined}
        data-editing={editing ? '' : undefined}
        tabIndex={-1}
      >
        {grouped && !own ? (
          <span className="message-face">
            {last ? <Avatar id={props.senderId} name={author} size={28} /> : null}
          </span>
        ) : null}
        <div className="bubble" data-emoji={emojiOnly.test(text) && !editing ? '' : undefined}>
          {editing ? (
            <Suspense fallback={<FoldableText {...props} />}>
              <EditForm message={message} />
            </Suspense>
          ) : (
            <FoldableText {...props} />
          )}
          {message === null || message.purpose === 'personal' ? null : (
            <PurposeLine message={message} own={own} />
          )}
        </div>
        {editing ? null : <Mark {...props} />}
      </article>
      {props.pending?.status === 'failed' || props.pending?.status === 'held' ? (
        <UnsentNote item={props.pending} />
      ) : null}
    </>
  );
});

function FoldableText({ text, inert, unfolded, onUnfold, entryKey }: BubbleProps) {
  const { t } = useWords();
  const id = useId();
  const isLong =
    text.length > foldedAboveChars ||
    text.split('\n', foldedAboveLines + 1).length > foldedAboveLines;
  return (
    <>
      <p
        id={id}
        className="bubble-text"
        dir="auto"
        data-folded={isLong && !unfolded ? '' : undefined}
      >
        {inert ? <SpelledText text={text} /> : <LinkedText text={text} />}
      </p>
      {isLong ? (
        <button
          type="button"
          className="unfold"
          aria-expanded={unfolded}
          aria-controls={id}
          onClick={() => onUnfold(entryKey)}
        >
          {t(unfolded ? 'thread.less' : 'thread.more')}
        </button>
      ) : null}
    </>
  );
}

/** The time beside the bubble, and for what I wrote how far it has come. */
function Mark({ own, at, pending, message, newestOwn }: BubbleProps) {
  const { t, time, moment } = useWords();
  const stage = pending === null ? 'sent' : pending.status;
  return (
    <span className="mark" data-kept={own && (newestOwn || stage !== 'sent') ? '' : undefined}>
      <time dateTime={at} title={moment(at)} aria-hidden="true">
        {time(at)}
      </time>
      {message?.editedAt === undefined ? null : (
        <span className="mark-edited">{t('thread.edited')}</span>
      )}
      {own && stage === 'sent' ? <Check role="img" aria-label={t('thread.sent')} /> : null}
      {stage === 'sending' ? <Clock role="img" aria-label={t('thread.sending')} /> : null}
      {stage === 'queued' ? <Clock role="img" aria-label={t('thread.waiting')} /> : null}
      {stage === 'held' ? <Hourglass role="img" aria-label={t('held.mark')} /> : null}
    </span>
  );
}

function DayLine({ at }: { at: string }) {
  const { day } = useWords();
  return (
    <p className="day-line">
      <time dateTime={at.slice(0, 10)}>{day(at)}</time>
    </p>
  );
}

interface BubbleProps extends Omit<Entry, 'key'> {
  entryKey: string;
  author: string;
  /** More than two people write here: name and face stand beside what others say. */
  grouped: boolean;
  newestOwn: boolean;
  /** Nobody has asked for this yet: its links are spelled out and open nothing. */
  inert: boolean;
  /** Just written here: it rises into its place. */
  rises: boolean;
  unfolded: boolean;
  onUnfold: (key: string) => void;
}
