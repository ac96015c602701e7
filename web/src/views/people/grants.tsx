import { useEffect, useId, useState } from 'react';
import { grantWording, type Consent, type GrantPurpose, type ProfileView } from '@aside/protocol';
import { toastDone } from '../../ui/toasts.tsx';
import { useWords, type Words } from '../../words/words.ts';
import { useAppStore, useStore } from '../store-context.ts';
import { useAsk } from '../use-ask.ts';

const purposes = ['service', 'automated', 'promotional'] as const;

/** What I let this sender do, each under the very words that are stored; for brands, bots and whoever sent such things. */
export function Grants({ profile, conversationId }: GrantsProps) {
  const { t } = useWords();
  const heading = useId();
  const sent = useStore((state) =>
    (state.timelines.get(conversationId ?? '')?.messages ?? []).some(
      (message) => message.senderId === profile.id && message.purpose !== 'personal',
    ),
  );
  const decided = purposes.some((purpose) => profile.grants[purpose] !== 'off');
  const since = useSince(profile, decided);
  if (profile.kind === 'person' && !decided && !sent) return null;
  return (
    <section className="grants" aria-labelledby={heading}>
      <h3 id={heading}>{t('grants.title', { username: profile.username })}</h3>
      <p className="grants-what">{t('grants.what')}</p>
      {purposes.map((purpose) => (
        <Grant
          key={purpose}
          profile={profile}
          purpose={purpose}
          since={since.find((consent) => consent.purpose === purpose)}
        />
      ))}
    </section>
  );
}

function Grant({ profile, purpose, since }: GrantProps) {
  const words = useWords();
  const { t, language } = words;
  const store = useAppStore();
  const { busy, ask } = useAsk();
  const id = useId();
  const { username, grants } = profile;
  const on = grants[purpose] === 'granted';

  async function change() {
    if (on) {
      if (await ask(() => store.stopPurpose(username, purpose)))
        toastDone(t(`stopped.${purpose}`, { username }));
    } else if (await ask(() => store.grantPurpose(username, purpose, language))) {
      toastDone(t('do.saved'));
    }
  }

  return (
    <label className="switch">
      <span className="switch-text">
        <span id={`${id}-words`}>{grantWording(language, purpose, username)}</span>
        <small id={`${id}-state`}>{stateLine(words, grants[purpose], since)}</small>
      </span>
      <input
        type="checkbox"
        role="switch"
        checked={on}
        aria-checked={on}
        aria-disabled={busy}
        aria-labelledby={`${id}-words`}
        aria-describedby={`${id}-state`}
        onChange={() => void change()}
      />
    </label>
  );
}

function stateLine(
  { t, date }: Words,
  state: ProfileView['grants'][GrantPurpose],
  known: Consent | undefined,
): string | null {
  if (state === 'off') return null;
  const at = known?.state === state ? date(known.since) : null;
  if (state === 'granted') return at === null ? null : t('grants.since', { date: at });
  return at === null ? t('grants.revoked') : t('grants.revoked.since', { date: at });
}

/** Since when each holds, from the first page of the consents; what is older says only that it holds. */
function useSince(profile: ProfileView, wanted: boolean): readonly Consent[] {
  const store = useAppStore();
  const [known, setKnown] = useState<readonly Consent[]>([]);
  const { id, grants } = profile;
  useEffect(() => {
    if (!wanted) return;
    let newest = true;
    async function ask() {
      const outcome = await store.loadConsents();
      if (!newest || !outcome.ok) return;
      setKnown(outcome.value.consents.filter((consent) => consent.person.id === id));
    }
    void ask();
    return () => {
      newest = false;
    };
  }, [store, id, grants, wanted]);
  return known;
}

interface GrantsProps {
  profile: ProfileView;
  conversationId: string | undefined;
}

interface GrantProps {
  profile: ProfileView;
  purpose: GrantPurpose;
  since: Consent | undefined;
}
