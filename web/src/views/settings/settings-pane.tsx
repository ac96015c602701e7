import type { ComponentType } from 'react';
import { useWords } from '../../words/words.ts';
import { KeysTable } from '../keys-table.tsx';
import { PaneHeader } from '../pane-header.tsx';
import type { SettingsSection } from '../router.ts';
import { useArrival } from '../use-arrival.ts';
import { AccountSection } from './account-section.tsx';
import { AppearanceSection } from './appearance-section.tsx';
import { ApiKeysSection } from './api-keys-section.tsx';
import { BlockedSection } from './blocked-section.tsx';
import { ConsentSection } from './consent-section.tsx';
import { LedgerSection } from './ledger-section.tsx';
import { PasswordSection } from './password-section.tsx';
import { ProfileSection } from './profile-section.tsx';
import { ReachSection } from './reach-section.tsx';
import { SecondFactorSection } from './second-factor-section.tsx';
import { SessionsSection } from './sessions-section.tsx';

const sections: Record<SettingsSection, ComponentType> = {
  profile: ProfileSection,
  reach: ReachSection,
  consent: ConsentSection,
  ledger: LedgerSection,
  blocked: BlockedSection,
  sessions: SessionsSection,
  password: PasswordSection,
  'second-factor': SecondFactorSection,
  'api-keys': ApiKeysSection,
  appearance: AppearanceSection,
  keys: KeysTable,
  account: AccountSection,
};

/** Nothing in it takes the focus, so that it takes it itself: what scrolls must be reachable by keyboard. */
const scrollable = { tabIndex: 0, role: 'region', 'aria-labelledby': 'settings-heading' };

/** One section of the settings under its own heading. */
export default function SettingsPane({ section }: { section: SettingsSection }) {
  const { t } = useWords();
  const Section = sections[section];
  return (
    <section className="page-pane">
      <PaneHeader back={{ name: 'settings', section: null }}>
        <Heading key={section} text={t(`settings.${section}`)} />
      </PaneHeader>
      <div className="page-scroll" {...(section === 'keys' ? scrollable : {})}>
        <div className="settings-body">
          <Section />
        </div>
      </div>
    </section>
  );
}

function Heading({ text }: { text: string }) {
  const heading = useArrival<HTMLHeadingElement>();
  return (
    <h1 className="pane-title" id="settings-heading" ref={heading} tabIndex={-1}>
      {text}
    </h1>
  );
}
