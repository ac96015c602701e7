import { useState } from 'react';
import type { ProfileView } from '@aside/protocol';
import { Button } from '../../ui/button.tsx';
import Confirm from '../../ui/confirm.tsx';
import { Ban, Bell, BellOff, Flag, MessageCircle, UserCheck, UserPlus } from '../../ui/icons.ts';
import { codeSentence, contactRemedy } from '../../words/problems.ts';
import { useWords } from '../../words/words.ts';
import { navigate } from '../router.ts';
import { useAppStore } from '../store-context.ts';
import { useAsk } from '../use-ask.ts';
import { Grants } from './grants.tsx';
import { ReportDialog } from './report-dialog.tsx';

/** What can be done about a person: first what brings closer, then, apart, what keeps away. */
export function ProfileActions({ profile, conversationId }: ProfileActionsProps) {
  const { t } = useWords();
  const store = useAppStore();
  const { busy, ask } = useAsk();
  const { username, name, relationship } = profile;
  const { following, blocking } = relationship;
  return (
    <>
      {blocking ? (
        <p className="profile-note">{t('person.blocked', { name })}</p>
      ) : (
        <ContactLine profile={profile} known={conversationId !== undefined} />
      )}
      <div className="profile-main">
        {conversationId === undefined ? <MessageButton profile={profile} /> : null}
        {blocking ? null : (
          <Button
            icon={following ? UserCheck : UserPlus}
            busy={busy}
            onClick={() => void ask(() => store.setFollowing(username, !following))}
          >
            {t(following ? 'person.unfollow' : 'person.follow')}
          </Button>
        )}
      </div>
      <Grants profile={profile} conversationId={conversationId} />
      <KeepAway profile={profile} conversationId={conversationId} />
    </>
  );
}

function KeepAway({ profile, conversationId }: ProfileActionsProps) {
  const { t } = useWords();
  const store = useAppStore();
  const { busy, ask } = useAsk();
  const [asking, setAsking] = useState<'block' | 'report' | null>(null);
  const { username, relationship } = profile;
  const { blocking, muting } = relationship;
  return (
    <div className="profile-rest">
      <Button
        tone="bare"
        icon={muting ? Bell : BellOff}
        busy={busy}
        onClick={() => void ask(() => store.setMuting(username, !muting))}
      >
        {t(muting ? 'person.unmute' : 'person.mute')}
      </Button>
      <Button
        tone="bare"
        icon={Ban}
        busy={busy}
        onClick={() =>
          blocking ? void ask(() => store.setBlocking(username, false)) : setAsking('block')
        }
      >
        {t(blocking ? 'person.unblock' : 'person.block')}
      </Button>
      <Button tone="bare" icon={Flag} onClick={() => setAsking('report')}>
        {t('person.report')}
      </Button>
      {asking === 'block' ? (
        <BlockQuestion profile={profile} onClose={() => setAsking(null)} />
      ) : null}
      {asking === 'report' ? (
        <ReportDialog
          profile={profile}
          conversationId={conversationId}
          onClose={() => setAsking(null)}
        />
      ) : null}
    </div>
  );
}

function BlockQuestion({ profile, onClose }: { profile: ProfileView; onClose: () => void }) {
  const { t } = useWords();
  const store = useAppStore();
  const { busy, ask } = useAsk();

  async function block() {
    if (await ask(() => store.setBlocking(profile.username, true))) onClose();
  }

  return (
    <Confirm
      title={t('person.block.title', { name: profile.name })}
      what={t('person.block.what')}
      action={t('person.block')}
      busy={busy}
      onConfirm={() => void block()}
      onClose={onClose}
    />
  );
}

function MessageButton({ profile }: { profile: ProfileView }) {
  const { t } = useWords();
  const store = useAppStore();
  const { username } = profile;
  return (
    <Button
      tone="main"
      icon={MessageCircle}
      onClick={() => {
        const id = store.conversationWith(username) ?? profile.conversationId;
        navigate(
          id === undefined
            ? { name: 'draft', username }
            : { name: 'conversation', id, about: false },
        );
      }}
    >
      {t('person.message')}
    </Button>
  );
}

/** Beside a conversation the good news is already known. */
function ContactLine({ profile, known }: { profile: ProfileView; known: boolean }) {
  const words = useWords();
  const { contact, name, relationship } = profile;
  if (relationship.muting) return <p className="profile-note">{words.t('person.muted')}</p>;
  if (contact.allowed) {
    if (known) return null;
    const key = contact.arrives === 'requests' ? 'first.requests' : 'write.inbox';
    return <p className="profile-note">{words.t(key, { name })}</p>;
  }
  const code = contact.code ?? '';
  return (
    <p className="profile-note">
      {codeSentence(words, code) ?? contact.sentence ?? words.t('write.not', { name })}{' '}
      {contactRemedy(words, contact)}
    </p>
  );
}

interface ProfileActionsProps {
  profile: ProfileView;
  conversationId: string | undefined;
}
