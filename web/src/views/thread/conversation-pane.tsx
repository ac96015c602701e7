import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import type { Conversation } from '@aside/protocol';
import type { OutboxItem, Timeline } from '../../store/model.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { CircleAlert, Info, Search } from '../../ui/icons.ts';
import { Late } from '../../ui/late.tsx';
import { problemSentence } from '../../words/problems.ts';
import { useWords } from '../../words/words.ts';
import { PaneHeader } from '../pane-header.tsx';
import { goBack, navigate } from '../router.ts';
import { useAppStore, useStore } from '../store-context.ts';
import { subjectOf, type Subject } from '../subject.ts';
import { Announcer } from './announcer.tsx';
import { EditContext } from './edit-context.ts';
import { buildEntries } from './entries.ts';
import { Foot, isRequest } from './foot.tsx';
import { ThreadHeader } from './thread-header.tsx';
import { ThreadIntro } from './thread-intro.tsx';
import { TimelineView } from './timeline-view.tsx';
import { TypingLine } from './typing-line.tsx';

const ProfilePanel = lazy(() => import('../people/profile-panel.tsx'));
const RequestTop = lazy(() =>
  import('../requests/request-thread.tsx').then((module) => ({ default: module.RequestTop })),
);
const nothing: readonly OutboxItem[] = [];

/** One conversation: its messages, the composer, and on demand who it is with. */
export function ConversationPane({ id, about }: { id: string; about: boolean }) {
  const store = useAppStore();
  const words = useWords();
  const conversation = useStore((state) => state.conversations.get(id));
  const timeline = useStore((state) => state.timelines.get(id));
  const me = useStore((state) => state.me);
  useEffect(() => {
    void store.openConversation(id);
    return () => store.closeConversation(id);
  }, [store, id]);
  const edit = useEditing(conversation);
  if (timeline?.status === 'failed' && timeline.messages.length === 0)
    return <FailedThread id={id} timeline={timeline} />;
  if (conversation === undefined || me === null) return <ThreadSkeleton />;
  const subject = subjectOf(conversation, me, words);
  return (
    <div className="thread-columns" data-about={about ? '' : undefined}>
      <section className="thread" aria-label={words.t('thread.label', { name: subject.title })}>
        <ThreadHeader
          face={subject.face}
          title={subject.title}
          sub={<SubTitle subject={subject} />}
          actions={<AboutButton id={id} about={about} subject={subject} />}
        />
        {timeline === undefined || timeline.status === 'loading' ? (
          <TimelineSkeleton />
        ) : (
          <EditContext value={edit}>
            <Messages
              conversation={conversation}
              timeline={timeline}
              subject={subject}
              meId={me.id}
            />
          </EditContext>
        )}
        <Foot
          conversation={conversation}
          subject={subject}
          timeline={timeline}
          editing={edit.seq !== null}
          onEdit={edit.open}
        />
      </section>
      {about && subject.username !== null ? (
        <aside className="details" aria-label={words.t('thread.details', { name: subject.title })}>
          <Suspense fallback={null}>
            <ProfilePanel
              username={subject.username}
              conversationId={id}
              onClose={() => goBack({ name: 'conversation', id, about: false })}
            />
          </Suspense>
        </aside>
      ) : null}
    </div>
  );
}

function Messages({ conversation, timeline, subject, meId }: MessagesProps) {
  const store = useAppStore();
  const { t } = useWords();
  const { id } = conversation;
  const outbox = useOutboxOf(id);
  // The unread line stays where it was when the conversation was opened.
  const [openedAt] = useState(
    conversation.unread > 0 && !isRequest(conversation) ? conversation.readSeq : null,
  );
  const entries = useMemo(
    () =>
      buildEntries(
        timeline.messages,
        timeline.hasAfter ? nothing : outbox,
        meId,
        openedAt,
        timeline.hasBefore,
      ),
    [timeline.messages, timeline.hasAfter, timeline.hasBefore, outbox, meId, openedAt],
  );
  const nameOf = useNames(conversation);
  const request = isRequest(conversation);
  return (
    <>
      <TimelineView
        entries={entries}
        label={t('thread.log', { name: subject.title })}
        hasBefore={timeline.hasBefore}
        hasAfter={timeline.hasAfter}
        loadingBefore={timeline.loadingBefore}
        headSeq={conversation.headSeq}
        readSeq={conversation.readSeq}
        grouped={conversation.kind === 'group'}
        inert={request}
        intro={
          request ? (
            <Suspense fallback={<div className="know-room" />}>
              <RequestTop conversation={conversation} subject={subject} />
            </Suspense>
          ) : (
            <ThreadIntro face={subject.face} title={subject.title} self={subject.kind === 'self'} />
          )
        }
        nameOf={nameOf}
        onNeedBefore={useCallback(() => void store.loadBefore(id), [store, id])}
        onNewest={useCallback(() => void store.jumpToNewest(id), [store, id])}
        onRead={useCallback((seq: number) => store.markRead(id, seq), [store, id])}
      />
      <TypingLine conversationId={id} nameOf={nameOf} />
      <Announcer messages={timeline.messages} meId={meId} nameOf={nameOf} />
    </>
  );
}

function SubTitle({ subject }: { subject: Subject }) {
  const { t } = useWords();
  if (subject.kind === 'group') return t('thread.group', { count: subject.size });
  return subject.kind === 'self' ? t('write.self') : `@${subject.username}`;
}

function AboutButton({ id, about, subject }: { id: string; about: boolean; subject: Subject }) {
  const { t } = useWords();
  if (subject.kind !== 'person') return null;
  return (
    <IconButton
      icon={Info}
      label={t('thread.details', { name: subject.title })}
      aria-expanded={about}
      onClick={() => {
        if (about) goBack({ name: 'conversation', id, about: false });
        else navigate({ name: 'conversation', id, about: true });
      }}
    />
  );
}

function FailedThread({ id, timeline }: { id: string; timeline: Timeline }) {
  const words = useWords();
  const store = useAppStore();
  const missing = timeline.problem?.code === 'not_found';
  return (
    <>
      <PaneHeader back={{ name: 'inbox' }}>{null}</PaneHeader>
      <Empty
        icon={missing ? Search : CircleAlert}
        title={words.t(missing ? 'app.missing' : 'thread.failed')}
        level={1}
      >
        {missing ? <p>{words.t('app.missing.what')}</p> : null}
        {missing || timeline.problem === undefined ? null : (
          <p>{problemSentence(words, timeline.problem)}</p>
        )}
        {missing ? null : (
          <Button onClick={() => void store.openConversation(id)}>{words.t('do.retry')}</Button>
        )}
      </Empty>
    </>
  );
}

function ThreadSkeleton() {
  return (
    <section className="thread" aria-busy="true">
      <PaneHeader back={{ name: 'inbox' }}>
        <Late>
          <span className="bone bone-face-36" />
          <span className="bone bone-title" />
        </Late>
      </PaneHeader>
      <TimelineSkeleton />
    </section>
  );
}

function TimelineSkeleton() {
  return (
    <div className="timeline-skeleton" aria-hidden="true">
      <Late>
        <span className="bone bone-bubble" />
        <span className="bone bone-bubble" data-own="" />
        <span className="bone bone-bubble" data-own="" />
        <span className="bone bone-bubble" />
      </Late>
    </div>
  );
}

/** Which message is being corrected; afterwards the focus goes back to where that began. */
function useEditing(conversation: Conversation | undefined) {
  const [seq, setSeq] = useState<number | null>(null);
  const other = useStore((state) =>
    conversation?.members.find((member) => member.id !== state.me?.id),
  );
  const name = other?.name ?? '';
  return useMemo(
    () => ({
      seq,
      name,
      open: (wanted: number) => setSeq(wanted),
      close() {
        setSeq(null);
        requestAnimationFrame(() => {
          const again = document.querySelector<HTMLElement>('[data-correct]');
          (again ?? document.querySelector<HTMLElement>('.message[data-own]'))?.focus();
        });
      },
    }),
    [seq, name],
  );
}

function useOutboxOf(id: string): readonly OutboxItem[] {
  const outbox = useStore((state) => state.outbox);
  return useMemo(() => outbox.filter((item) => item.conversationId === id), [outbox, id]);
}

function useNames(conversation: Conversation): (personId: string) => string {
  const { t } = useWords();
  const { members } = conversation;
  return useMemo(() => {
    const names = new Map(members.map((member) => [member.id, member.name]));
    return (personId: string) => names.get(personId) ?? t('thread.someone');
  }, [members, t]);
}

interface MessagesProps {
  conversation: Conversation;
  timeline: Timeline;
  subject: Subject;
  meId: string;
}
