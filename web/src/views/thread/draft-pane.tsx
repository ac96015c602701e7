import { useEffect, useMemo, useState } from 'react';
import type { ProfileView } from '@aside/protocol';
import type { Problem } from '../../store/model.ts';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { CircleAlert, Search } from '../../ui/icons.ts';
import { problemSentence } from '../../words/problems.ts';
import { useWords } from '../../words/words.ts';
import { Composer } from '../composer/composer.tsx';
import { PaneHeader } from '../pane-header.tsx';
import { navigate } from '../router.ts';
import { useAppStore, useStore } from '../store-context.ts';
import { ContactNotice } from './contact-notice.tsx';
import { buildEntries } from './entries.ts';
import { ThreadHeader } from './thread-header.tsx';
import { ThreadIntro } from './thread-intro.tsx';
import { TimelineView } from './timeline-view.tsx';

const nothingToDo = () => {};

/** A conversation that does not exist yet: who it would be with and whether it can begin. Gives way to the real one as soon as there is one. */
export function DraftPane({ username }: { username: string }) {
  const store = useAppStore();
  const profile = useStore((state) => state.profiles.get(username));
  const existing = useStore(() => store.conversationWith(username));
  const conversationId = existing ?? profile?.conversationId ?? null;
  const [problem, setProblem] = useState<Problem | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let here = true;
    void store.loadProfile(username).then((outcome) => {
      if (here) setProblem(outcome.ok ? null : outcome.problem);
    });
    return () => {
      here = false;
    };
  }, [store, username, attempt]);
  useEffect(() => {
    if (conversationId !== null) {
      navigate({ name: 'conversation', id: conversationId, about: false }, { replace: true });
    }
  }, [conversationId]);
  if (profile !== undefined) return <Draft profile={profile} />;
  if (problem !== null) {
    return (
      <NobodyThere
        username={username}
        problem={problem}
        onRetry={() => setAttempt((now) => now + 1)}
      />
    );
  }
  return <PaneHeader back={{ name: 'inbox' }}>{null}</PaneHeader>;
}

function Draft({ profile }: { profile: ProfileView }) {
  const store = useAppStore();
  const { t } = useWords();
  const me = useStore((state) => state.me);
  const outbox = useStore((state) => state.outbox);
  const { username, name, contact } = profile;
  const self = profile.id === me?.id;
  const entries = useMemo(
    () =>
      buildEntries(
        [],
        outbox.filter((item) => item.to === username),
        me?.id ?? '',
        null,
      ),
    [outbox, username, me],
  );
  const title = self ? t('thread.self') : name;
  return (
    <section className="thread" aria-label={t('thread.label', { name: title })}>
      <ThreadHeader face={profile} title={title} sub={self ? t('write.self') : `@${username}`} />
      <TimelineView
        entries={entries}
        label={t('thread.log', { name: title })}
        hasBefore={false}
        hasAfter={false}
        loadingBefore={false}
        headSeq={0}
        readSeq={0}
        grouped={false}
        intro={<ThreadIntro face={profile} title={title} self={self} />}
        nameOf={() => name}
        onNeedBefore={nothingToDo}
        onNewest={nothingToDo}
        onRead={nothingToDo}
      />
      <div className="thread-foot">
        {self ? null : <ContactNotice contact={contact} name={name} username={username} />}
        <Composer
          draftKey={`@${username}`}
          label={t('composer.label', { name: title })}
          placeholder={self ? t('composer.placeholder.self') : t('composer.placeholder', { name })}
          closed={!contact.allowed && !self}
          describedBy={self ? undefined : 'contact-notice'}
          onSend={(text) => store.send({ to: username }, text)}
          onTyped={nothingToDo}
        />
      </div>
    </section>
  );
}

/** For a username that nobody has, and for a profile that did not load. */
export function NobodyThere({
  username,
  problem,
  onRetry,
}: {
  username: string;
  problem: Problem;
  onRetry: () => void;
}) {
  const words = useWords();
  const missing = problem.code === 'not_found';
  return (
    <>
      <PaneHeader back={{ name: 'inbox' }}>{null}</PaneHeader>
      <Empty
        icon={missing ? Search : CircleAlert}
        title={missing ? words.t('person.missing', { username }) : words.t('person.failed')}
        level={1}
      >
        <p>{missing ? words.t('person.missing.what') : problemSentence(words, problem)}</p>
        {missing ? null : <Button onClick={onRetry}>{words.t('do.retry')}</Button>}
      </Empty>
    </>
  );
}
