import { memo } from 'react';
import type { Conversation } from '@aside/protocol';
import type { AppState, OutboxItem } from '../../store/model.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { PurposeChip } from '../../ui/chip.tsx';
import { BellOff, Bot, CircleAlert, Store } from '../../ui/icons.ts';
import { useWords, type Words } from '../../words/words.ts';
import { Link } from '../link.tsx';
import { useStore } from '../store-context.ts';
import { subjectOf } from '../subject.ts';

const countMax = 99;
const sayingOf = { queued: 'sending', sending: 'sending', held: 'held', failed: 'unsent' } as const;

/** One conversation in the list: who, the last words, when, and how many are unread. */
export const InboxRow = memo(function InboxRow({ id, open, reached, onReach }: InboxRowProps) {
  const words = useWords();
  const conversation = useStore((state) => state.conversations.get(id));
  const me = useStore((state) => state.me);
  const draft = useStore((state) => state.drafts.get(id));
  const pending = useStore((state) => lastPending(state, id));
  if (conversation === undefined) return null;
  const subject = subjectOf(conversation, me, words);
  const unread = open ? 0 : conversation.unread;
  const last = conversation.lastMessage;
  const purpose = last === undefined || last.senderId === me?.id ? 'personal' : last.purpose;
  const shownAt = pending?.createdAt ?? conversation.lastActivityAt;
  const Kind = subject.face?.kind === 'bot' ? Bot : subject.face?.kind === 'brand' ? Store : null;
  return (
    <Link
      className="row"
      to={{ name: 'conversation', id, about: false }}
      data-row={id}
      data-unread={counts(conversation, unread) ? '' : undefined}
      aria-current={open ? 'page' : undefined}
      tabIndex={reached ? 0 : -1}
      onFocus={() => onReach(id)}
    >
      <Avatar
        id={subject.face?.id ?? id}
        name={subject.face?.name ?? ''}
        kind={subject.face?.kind ?? 'person'}
      />
      <span className="row-name">
        <bdi>{subject.title}</bdi>
        {Kind === null || purpose !== 'personal' ? null : <Kind aria-hidden="true" />}
        {conversation.muted ? <BellOff role="img" aria-label={words.t('inbox.muted')} /> : null}
      </span>
      <time className="row-time" dateTime={shownAt}>
        {words.brief(shownAt)}
      </time>
      <span className="row-line">
        <PurposeChip purpose={purpose} />
        <span className="row-text" dir="auto" data-tone={toneOf(pending, draft, open)}>
          {pending?.status === 'failed' ? <CircleAlert aria-hidden="true" /> : null}
          {lastWords(words, conversation, {
            mine: me?.id,
            pending,
            draft: open ? undefined : draft,
            self: subject.kind === 'self',
          })}
        </span>
      </span>
      {unread > 0 ? <UnreadBadge count={unread} /> : null}
    </Link>
  );
});

/** What is muted and what is an offer never calls for attention. */
function counts(conversation: Conversation, unread: number): boolean {
  return unread > 0 && !conversation.muted && conversation.section !== 'offers';
}

function UnreadBadge({ count }: { count: number }) {
  const { t, number } = useWords();
  return (
    <span className="badge">
      <span aria-hidden="true">{count > countMax ? `${number(countMax)}+` : number(count)}</span>
      <span className="unseen">{t('inbox.unread', { count })}</span>
    </span>
  );
}

function lastWords(words: Words, conversation: Conversation, known: Known): string {
  const { pending, draft, mine, self } = known;
  if (pending !== undefined) {
    const text = isolated(pending.text);
    return words.t(`inbox.${sayingOf[pending.status]}`, { text });
  }
  if (draft !== undefined && draft.trim() !== '')
    return words.t('inbox.draft', { text: isolated(draft) });
  const last = conversation.lastMessage;
  if (last === undefined) return words.t(self ? 'inbox.note' : 'inbox.silent');
  return last.senderId === mine && !self
    ? words.t('inbox.you', { text: isolated(last.text) })
    : oneLine(last.text);
}

function toneOf(
  pending: OutboxItem | undefined,
  draft: string | undefined,
  open: boolean,
): string | undefined {
  if (pending?.status === 'failed') return 'failed';
  return draft !== undefined && draft.trim() !== '' && !open ? 'draft' : undefined;
}

function lastPending(state: AppState, id: string): OutboxItem | undefined {
  return state.outbox.findLast((item) => item.conversationId === id);
}

function oneLine(text: string): string {
  return text.slice(0, 160).replace(/\s+/gu, ' ').trim();
}

/** Keeps a text of the other writing direction in one piece behind “You:”. */
function isolated(text: string): string {
  return `\u2068${oneLine(text)}\u2069`;
}

interface Known {
  mine: string | undefined;
  pending: OutboxItem | undefined;
  draft: string | undefined;
  self: boolean;
}

interface InboxRowProps {
  id: string;
  open: boolean;
  reached: boolean;
  onReach: (id: string) => void;
}
