import { useState, type FormEvent } from 'react';
import { countChars, limits, type Me } from '@aside/protocol';
import { Avatar } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { AreaField, Field } from '../../ui/field.tsx';
import { toastDone } from '../../ui/toasts.tsx';
import { useWords } from '../../words/words.ts';
import { useAppStore, useStore } from '../store-context.ts';
import { useAsk } from '../use-ask.ts';

/** What others see of me. */
export function ProfileSection() {
  const me = useStore((state) => state.me);
  return me === null ? null : <ProfileForm me={me} />;
}

function ProfileForm({ me }: { me: Me }) {
  const { t } = useWords();
  const store = useAppStore();
  const { busy, ask } = useAsk();
  const [name, setName] = useState(me.name);
  const [bio, setBio] = useState(me.bio);
  const [website, setWebsite] = useState(me.website);
  const badName = name.trim() === '' || countChars(name.trim()) > limits.nameMaxChars;
  const badWebsite = website.trim() !== '' && !isWebAddress(website.trim());
  const changed = name !== me.name || bio !== me.bio || website !== me.website;

  async function save(event: FormEvent) {
    event.preventDefault();
    if (badName || badWebsite || !changed) return;
    const change = { name: name.trim(), bio: bio.trim(), website: website.trim() };
    if (await ask(() => store.updateMe(change))) toastDone(t('do.saved'));
  }

  return (
    <form className="form" noValidate onSubmit={(event) => void save(event)}>
      <div className="profile-self">
        <Avatar id={me.id} name={name} kind={me.kind} size={72} />
        <p>
          <strong>@{me.username}</strong>
          {me.email === '' ? null : <span>{me.email}</span>}
        </p>
      </div>
      <Field
        label={t('profile.name')}
        value={name}
        autoComplete="name"
        error={badName ? t('door.need.name', { count: limits.nameMaxChars }) : undefined}
        onChange={(event) => setName(event.target.value)}
      />
      <AreaField
        label={t('profile.bio')}
        hint={t('profile.bio.hint')}
        value={bio}
        maxLength={limits.bioMaxChars}
        onChange={(event) => setBio(event.target.value)}
      />
      <Field
        label={t('profile.website')}
        type="url"
        dir="ltr"
        value={website}
        maxLength={limits.websiteMaxChars}
        autoComplete="url"
        error={badWebsite ? t('profile.website.bad') : undefined}
        onChange={(event) => setWebsite(event.target.value)}
      />
      <Button tone="main" type="submit" busy={busy} disabled={!changed || badName || badWebsite}>
        {t('do.save')}
      </Button>
    </form>
  );
}

function isWebAddress(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}
