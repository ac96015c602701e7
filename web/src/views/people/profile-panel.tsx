import type { ProfileView } from '@aside/protocol';
import type { Problem } from '../../store/model.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { KindChip } from '../../ui/chip.tsx';
import { Calendar, LinkIcon, UserCheck, X } from '../../ui/icons.ts';
import { Late } from '../../ui/late.tsx';
import { LinkedText } from '../../ui/linked-text.tsx';
import { problemSentence } from '../../words/problems.ts';
import { useWords } from '../../words/words.ts';
import { Link } from '../link.tsx';
import { useStore } from '../store-context.ts';
import { ProfileActions } from './profile-actions.tsx';
import { useProfile } from './use-profile.ts';

/** Who somebody is and how the two stand, beside the conversation or on a page of its own. */
export default function ProfilePanel({ username, conversationId, onClose }: ProfilePanelProps) {
  const { t } = useWords();
  const { profile, problem, again } = useProfile(username);
  return (
    <div className="profile">
      {onClose === undefined ? null : (
        <div className="profile-top">
          <IconButton icon={X} label={t('thread.details.close')} onClick={onClose} />
        </div>
      )}
      {profile !== undefined ? (
        <ProfileCard profile={profile} conversationId={conversationId} />
      ) : problem === null ? (
        <ProfileSkeleton />
      ) : (
        <FailedProfile problem={problem} onRetry={again} />
      )}
    </div>
  );
}

function ProfileCard({
  profile,
  conversationId,
}: {
  profile: ProfileView;
  conversationId: string | undefined;
}) {
  const { t, month } = useWords();
  const meId = useStore((state) => state.me?.id);
  const { name, username, bio, website } = profile;
  return (
    <>
      <header className="profile-head">
        <Avatar id={profile.id} name={name} kind={profile.kind} size={72} />
        <h2>
          <bdi>{name}</bdi>
        </h2>
        <p className="profile-handle">
          @{username} <KindChip kind={profile.kind} />
        </p>
      </header>
      {bio === '' ? null : (
        <p className="profile-bio" dir="auto">
          <LinkedText text={bio} />
        </p>
      )}
      <ul className="facts">
        {website === '' ? null : (
          <li>
            <LinkIcon aria-hidden="true" />
            <Website address={website} />
          </li>
        )}
        <li>
          <Calendar aria-hidden="true" />
          {t('person.since', { month: month(profile.createdAt) })}
        </li>
        <Standing profile={profile} />
      </ul>
      {profile.id === meId ? (
        <Link className="button" data-tone="quiet" to={{ name: 'settings', section: 'profile' }}>
          {t('person.edit')}
        </Link>
      ) : (
        <ProfileActions profile={profile} conversationId={conversationId} />
      )}
    </>
  );
}

function Standing({ profile }: { profile: ProfileView }) {
  const { t } = useWords();
  const { following, followedBy } = profile.relationship;
  if (!following && !followedBy) return null;
  const key = following && followedBy ? 'both' : following ? 'them' : 'you';
  return (
    <li title={t('person.follows.note')}>
      <UserCheck aria-hidden="true" />
      {t(`person.follows.${key}`)}
    </li>
  );
}

/** Only a web address becomes a link; anything else a person typed stays text. */
function Website({ address }: { address: string }) {
  if (!/^https?:\/\//i.test(address)) return <bdi>{address}</bdi>;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer nofollow">
      {address.replace(/^https?:\/\/(www\.)?/i, '').replace(/\/$/, '')}
    </a>
  );
}

function FailedProfile({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  const words = useWords();
  return (
    <div className="profile-failed">
      <p>{words.t('person.failed')}</p>
      <p>{problemSentence(words, problem)}</p>
      <Button onClick={onRetry}>{words.t('do.retry')}</Button>
    </div>
  );
}

function ProfileSkeleton() {
  return (
    <Late>
      <div className="profile-head" aria-hidden="true">
        <span className="bone bone-face-72" />
        <span className="bone bone-title" />
        <span className="bone bone-handle" />
      </div>
    </Late>
  );
}

interface ProfilePanelProps {
  username: string;
  conversationId?: string;
  onClose?: () => void;
}
