import type { ReactNode } from 'react';
import {
  Ban,
  ChevronRight,
  Inbox,
  Keyboard,
  KeyRound,
  LogOut,
  Monitor,
  ScrollText,
  ShieldCheck,
  SunMoon,
  Trash,
  User,
  UserCheck,
  Wrench,
  type Icon,
} from '../../ui/icons.ts';
import { useWords } from '../../words/words.ts';
import { Link } from '../link.tsx';
import type { SettingsSection } from '../router.ts';
import { useAppStore } from '../store-context.ts';
import { useAsk } from '../use-ask.ts';

/** The sections of the settings, where the inbox otherwise stands. */
export function SettingsList({ section }: { section: SettingsSection | null }) {
  const { t } = useWords();
  const store = useAppStore();
  const { busy, ask } = useAsk();
  const at = (name: SettingsSection, icon: Icon) => (
    <SectionLink name={name} icon={icon} here={(section ?? 'profile') === name} />
  );
  return (
    <section className="settings-list" aria-label={t('settings.title')}>
      <header className="list-header">
        <h1>{t('settings.title')}</h1>
      </header>
      <nav aria-label={t('settings.sections')} className="settings-scroll">
        <Group title={t('settings.you')}>{at('profile', User)}</Group>
        <Group title={t('settings.security')}>
          {at('reach', Inbox)}
          {at('consent', UserCheck)}
          {at('ledger', ScrollText)}
          {at('blocked', Ban)}
          {at('sessions', Monitor)}
          {at('password', KeyRound)}
          {at('second-factor', ShieldCheck)}
          {at('api-keys', Wrench)}
          {at('account', Trash)}
        </Group>
        <Group title={t('settings.page')}>
          {at('appearance', SunMoon)}
          {at('keys', Keyboard)}
        </Group>
        <button
          type="button"
          className="section-link"
          disabled={busy}
          onClick={() => void ask(() => store.signOut())}
        >
          <LogOut aria-hidden="true" />
          <span>{t('settings.sign-out')}</span>
        </button>
      </nav>
    </section>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="settings-group">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

function SectionLink({
  name,
  icon: Sign,
  here,
}: {
  name: SettingsSection;
  icon: Icon;
  here: boolean;
}) {
  const { t } = useWords();
  return (
    <Link
      className="section-link"
      to={{ name: 'settings', section: name }}
      aria-current={here ? 'page' : undefined}
    >
      <Sign aria-hidden="true" />
      <span>{t(name === 'account' ? 'settings.account' : `settings.${name}`)}</span>
      <ChevronRight className="only-phone" aria-hidden="true" />
    </Link>
  );
}
