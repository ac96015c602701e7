import { useWords } from '../../words/words.ts';
import { PaneHeader } from '../pane-header.tsx';
import { useArrival } from '../use-arrival.ts';
import { NobodyThere } from './nobody-there.tsx';
import ProfilePanel from './profile-panel.tsx';
import { useProfile } from './use-profile.ts';

/** A person's own address, /@username. */
export default function PersonPane({ username }: { username: string }) {
  const { t } = useWords();
  const { profile, problem, again } = useProfile(username);
  const heading = useArrival<HTMLHeadingElement>();
  if (profile === undefined && problem !== null) {
    return <NobodyThere username={username} problem={problem} onRetry={again} />;
  }
  const name = profile?.name ?? `@${username}`;
  return (
    <section className="page-pane">
      <PaneHeader back={{ name: 'inbox' }}>
        <h1
          className="pane-title"
          ref={heading}
          tabIndex={-1}
          aria-label={t('thread.details', { name })}
        >
          @{username}
        </h1>
      </PaneHeader>
      <div className="page-scroll">
        <ProfilePanel username={username} />
      </div>
    </section>
  );
}
