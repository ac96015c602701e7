import { lazy, Suspense, useEffect, useState } from 'react';
import { Empty } from '../ui/empty.tsx';
import { MailQuestion, MessageCircle, Search } from '../ui/icons.ts';
import { useWords } from '../words/words.ts';
import { ConnectionPill } from './connection-pill.tsx';
import { InboxPane } from './inbox/inbox-pane.tsx';
import { Link } from './link.tsx';
import { Broken, Mishap } from './mishap.tsx';
import { BottomBar, Rail } from './navigation.tsx';
import { useKeyboardInset } from './keyboard-inset.ts';
import { useRoute, type Route } from './router.ts';
import { SettingsList } from './settings/settings-list.tsx';
import { useIsPhone } from './use-is-phone.ts';
import { useShortcuts } from './shortcuts.ts';
import { ConversationPane } from './thread/conversation-pane.tsx';
import { DraftPane } from './thread/draft-pane.tsx';
import { useStore } from './store-context.ts';
import { useShownList } from './use-shown-list.ts';
import { useStock } from './use-stock.ts';

const NewMessagePane = lazy(() => import('./new-message/new-message-pane.tsx'));
const PersonPane = lazy(() => import('./people/person-pane.tsx'));
const SettingsPane = lazy(() => import('./settings/settings-pane.tsx'));
const KeysSheet = lazy(() => import('./keys-sheet.tsx'));

/** Rail, list, what was opened, and details beside it; on a phone one of them at a time. */
export function Shell() {
  const { t } = useWords();
  const route = useRoute();
  const [keysShown, setKeysShown] = useState(false);
  useShortcuts(() => setKeysShown(true));
  useKeyboardInset();
  useUnreadInTitle();
  useStock();
  const front = frontPane(route);
  const phone = useIsPhone();
  const list = useShownList(route);
  return (
    <div className="shell" data-front={front}>
      <button
        type="button"
        className="skip"
        onClick={() => document.getElementById('main')?.focus()}
      >
        {t('app.skip')}
      </button>
      <Rail />
      {/* On a phone the list is the page while it is in front; what lies behind it is out of sight. */}
      <div className="list-pane" role={phone && front === 'list' ? 'main' : undefined}>
        {route.name === 'settings' ? (
          <SettingsList section={route.section} />
        ) : (
          <InboxPane list={list} />
        )}
      </div>
      <main id="main" className="main-pane" tabIndex={-1}>
        <Mishap key={paneKey(route)} fallback={<Broken />}>
          <Suspense fallback={null}>
            <Opened route={route} />
          </Suspense>
        </Mishap>
      </main>
      <BottomBar hidden={front !== 'list'} />
      <ConnectionPill />
      {keysShown && (
        <Suspense fallback={null}>
          <KeysSheet onClose={() => setKeysShown(false)} />
        </Suspense>
      )}
    </div>
  );
}

function Opened({ route }: { route: Route }) {
  switch (route.name) {
    case 'conversation':
      return <ConversationPane key={route.id} id={route.id} about={route.about} />;
    case 'draft':
      return <DraftPane key={route.username} username={route.username} />;
    case 'person':
      return <PersonPane key={route.username} username={route.username} />;
    case 'new':
      return <NewMessagePane />;
    case 'settings':
      return <SettingsPane section={route.section ?? 'profile'} />;
    case 'requests':
      return <NothingDecided />;
    case 'inbox':
    case 'offers':
      return <NothingChosen />;
    default:
      return <Missing />;
  }
}

function NothingChosen() {
  const { t } = useWords();
  const [before, after] = t('inbox.nothing.chosen.what', { key: '\n' }).split('\n');
  return (
    <Empty icon={MessageCircle} title={t('inbox.nothing.chosen')}>
      <p>
        {before}
        <kbd>n</kbd>
        {after}
      </p>
    </Empty>
  );
}

function NothingDecided() {
  const { t } = useWords();
  const any = useStore(({ folders, requestCounts }) =>
    Boolean(folders.requests.order.length + requestCounts.waiting + requestCounts.quiet),
  );
  if (!any) return <NothingChosen />;
  return (
    <Empty icon={MailQuestion} title={t('requests.nothing.chosen')}>
      <p>{t('requests.nothing.chosen.what')}</p>
    </Empty>
  );
}

function Missing() {
  const { t } = useWords();
  return (
    <Empty icon={Search} title={t('app.missing')} level={1}>
      <p>{t('app.missing.what')}</p>
      <Link className="button" data-tone="main" to={{ name: 'inbox' }}>
        {t('app.home')}
      </Link>
    </Empty>
  );
}

/** Which pane a phone shows. */
function frontPane(route: Route): 'list' | 'main' {
  if (['inbox', 'offers', 'requests'].includes(route.name)) return 'list';
  return route.name === 'settings' && route.section === null ? 'list' : 'main';
}

function paneKey(route: Route): string {
  if (route.name === 'conversation') return route.id;
  return 'username' in route ? `${route.name}:${route.username}` : route.name;
}

function useUnreadInTitle(): void {
  const { t } = useWords();
  const count = useStore((state) => state.unreadConversations);
  useEffect(() => {
    document.title = count > 0 ? `(${count}) ${t('app.name')}` : t('app.name');
  }, [count, t]);
}
