import { useEffect, useMemo } from 'react';
import type { ProfileView } from '@aside/protocol';
import { useWords } from '../../words/words.ts';
import { Composer } from '../composer/composer.tsx';
import { PaneHeader } from '../pane-header.tsx';
import { NobodyThere } from '../people/nobody-there.tsx';
import { useProfile } from '../people/use-profile.ts';
import { navigate } from '../router.ts';
import { useAppStore, useStore } from '../store-context.ts';
import { ContactNotice } from './contact-notice.tsx';
import { buildEntries } from './entries.ts';
import { closedPlaceholder } from './foot.tsx';
import { ThreadHeader } from './thread-header.tsx';
import { ThreadIntro } from './thread-intro.tsx';
import { TimelineView } from './timeline-view.tsx';

const nothingToDo = () => {};

/** A conversation that does not exist yet: who it would be with and whether it can begin. Gives way to the real one as soon as there is one. */
export function DraftPane({ username }: { username: string }) {
  const store = useAppStore();
  const { profile, problem, again } = useProfile(username);
  const existing = useStore(() => store.conversationWith(username));
  const conversationId = existing ?? profile?.conversationId ?? null;
  useEffect(() => {
    if (conversationId !== null) {
      navigate({ name: 'conversation', id: conversationId, about: false }, { replace: true });
    }
  }, [conversationId]);
  if (profile !== undefined) return <Draft profile={profile} />;
  if (problem !== null)
    return <NobodyThere username={username} problem={problem} onRetry={again} />;
  return <PaneHeader back={{ name: 'inbox' }}>{null}</PaneHeader>;
}

function Draft({ profile }: { profile: ProfileView }) {
  const store = useAppStore();
  const { t } = useWords();
  const me = useStore((state) => state.me);
  const outbox = useStore((state) => state.outbox);
  const { username, name, contact } = profile;
  const self = profile.id === me?.id;
  const first = contact.allowed && contact.arrives === 'requests' && !self;
  const closed = !contact.allowed && !self;
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
        {self || first ? null : <ContactNotice contact={contact} name={name} username={username} />}
        <Composer
          draftKey={`@${username}`}
          label={t('composer.label', { name: title })}
          placeholder={
            self
              ? t('composer.placeholder.self')
              : closed
                ? closedPlaceholder(t, contact)
                : t('composer.placeholder', { name })
          }
          closed={closed}
          first={first ? { username, name } : undefined}
          describedBy={self ? undefined : 'contact-notice'}
          onSend={(text) => store.send({ to: username }, text)}
          onTyped={nothingToDo}
        />
      </div>
    </section>
  );
}
