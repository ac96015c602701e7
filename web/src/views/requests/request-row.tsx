import { memo, useId } from 'react';
import type { Conversation, RequestAction } from '@aside/protocol';
import { Avatar } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { KindChip } from '../../ui/chip.tsx';
import { SpelledText } from '../../ui/spelled-text.tsx';
import { useWords } from '../../words/words.ts';
import { Link } from '../link.tsx';
import { useStore } from '../store-context.ts';
import { subjectOf } from '../subject.ts';
import { QuietReasons, RequestBio, RequestFacts } from './request-facts.tsx';
import { RequestMore } from './request-more.tsx';

/** One request, to be judged and decided without opening it. */
export const RequestRow = memo(function RequestRow(props: RequestRowProps) {
  const { id, open, reached, selected, onReach, onSelect, onDecide } = props;
  const words = useWords();
  const parts = useId();
  const conversation = useStore((state) => state.conversations.get(id));
  const me = useStore((state) => state.me);
  if (conversation === undefined) return null;
  const { title, face } = subjectOf(conversation, me, words);
  const tabIndex = reached ? 0 : -1;
  const pending = conversation.state === 'pending';
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- hears of the focus of what is inside
    <article
      className="request"
      data-selected={selected ? '' : undefined}
      data-open={open ? '' : undefined}
      onFocus={() => onReach(id)}
    >
      <Avatar id={face?.id ?? id} name={title} kind={face?.kind ?? 'person'} />
      <div className="request-who">
        <p className="request-name">
          <Link
            className="request-link"
            to={{ name: 'conversation', id, about: false }}
            data-row={id}
            tabIndex={tabIndex}
            aria-current={open ? 'page' : undefined}
            aria-describedby={`${parts}-handle ${parts}-bio ${parts}-text ${parts}-facts`}
          >
            <bdi>{title}</bdi>
          </Link>{' '}
          <KindChip kind={face?.kind ?? 'person'} />
        </p>
        <HandleLine id={`${parts}-handle`} conversation={conversation} username={face?.username} />
      </div>
      {pending ? (
        <Select
          name={title}
          tabIndex={tabIndex}
          selected={selected}
          onSelect={(range) => onSelect(id, range)}
        />
      ) : null}
      {conversation.request === undefined ? null : (
        <RequestBio id={`${parts}-bio`} card={conversation.request} />
      )}
      {pending ? (
        <Body conversation={conversation} parts={parts} />
      ) : (
        <MovedBack conversation={conversation} parts={parts} name={title} mine={me?.id} />
      )}
      <Decide
        name={title}
        again={!pending}
        tabIndex={tabIndex}
        onDecide={(action) => onDecide([id], action)}
      />
    </article>
  );
});

function Select({ name, tabIndex, selected, onSelect }: SelectProps) {
  const { t } = useWords();
  return (
    <label className="request-check">
      <input
        type="checkbox"
        tabIndex={tabIndex}
        checked={selected}
        aria-label={t('request.select', { name })}
        onChange={({ nativeEvent }) =>
          // React hears a change of a checkbox as the click that made it.
          onSelect(nativeEvent instanceof MouseEvent && nativeEvent.shiftKey)
        }
      />
    </label>
  );
}

function Body({ conversation, parts }: BodyProps) {
  const { request, lastMessage } = conversation;
  return (
    <div className="request-body">
      <p className="request-text" id={`${parts}-text`} dir="auto">
        <SpelledText text={lastMessage?.text ?? ''} />
      </p>
      {request === undefined ? null : <RequestFacts id={`${parts}-facts`} card={request} />}
      <QuietReasons conversation={conversation} />
    </div>
  );
}

/** No request, but a conversation that was moved back here: what was said last, and the way forth again. */
function MovedBack({ conversation, parts, name, mine }: MovedBackProps) {
  const { t } = useWords();
  const last = conversation.lastMessage;
  const text = last?.text ?? '';
  return (
    <div className="request-body">
      <p className="request-text" data-brief="" id={`${parts}-text`} dir="auto">
        <SpelledText
          text={last?.senderId === mine ? t('inbox.you', { text: `\u2068${text}\u2069` }) : text}
        />
      </p>
      <p className="request-note">{t('request.moved.back', { name })}</p>
    </div>
  );
}

function HandleLine({ id, conversation, username }: HandleLineProps) {
  const { brief } = useWords();
  const at = conversation.lastMessage?.createdAt ?? conversation.lastActivityAt;
  return (
    <p className="request-handle" id={id}>
      <span>@{username}</span>
      <time dateTime={at}>{brief(at)}</time>
    </p>
  );
}

function Decide({ name, again, tabIndex, onDecide }: DecideProps) {
  const { t } = useWords();
  const accept = t(again ? 'request.accept.again' : 'request.accept');
  return (
    <div className="request-actions" data-again={again ? '' : undefined}>
      <Button
        tone={again ? 'quiet' : 'accept'}
        tabIndex={tabIndex}
        aria-label={`${accept}: ${name}`}
        onClick={() => onDecide('accept')}
      >
        {accept}
      </Button>
      <Button
        tabIndex={tabIndex}
        aria-label={`${t('request.decline')}: ${name}`}
        onClick={() => onDecide('decline')}
      >
        {t('request.decline')}
      </Button>
      {again ? null : <RequestMore name={name} tabIndex={tabIndex} onDecide={onDecide} />}
    </div>
  );
}

interface DecideProps {
  name: string;
  /** Of one who was moved back: there is no request to block or report. */
  again: boolean;
  tabIndex: number;
  onDecide: (action: RequestAction) => void;
}

interface RequestRowProps {
  id: string;
  open: boolean;
  reached: boolean;
  selected: boolean;
  onReach: (id: string) => void;
  /** `range` extends the selection from the row selected before. */
  onSelect: (id: string, range: boolean) => void;
  onDecide: (ids: readonly string[], action: RequestAction) => void;
}

interface HandleLineProps {
  id: string;
  conversation: Conversation;
  username: string | undefined;
}

interface SelectProps {
  name: string;
  tabIndex: number;
  selected: boolean;
  onSelect: (range: boolean) => void;
}

interface BodyProps {
  conversation: Conversation;
  /** Before the ids of what describes the row. */
  parts: string;
}

interface MovedBackProps extends BodyProps {
  name: string;
  mine: string | undefined;
}
