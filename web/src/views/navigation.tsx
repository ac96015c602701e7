import { Avatar } from '../ui/avatar.tsx';
import { MailQuestion, MessageCircle, Settings, SquarePen, type Icon } from '../ui/icons.ts';
import { useWords } from '../words/words.ts';
import { Link } from './link.tsx';
import { useRoute, type Route } from './router.ts';
import { useStore } from './store-context.ts';
import { useShownList } from './use-shown-list.ts';

// The way around: a rail beside the list, a bar below it on a phone.

export function Rail() {
  const { t } = useWords();
  const me = useStore((state) => state.me);
  const route = useRoute();
  const requests = useShownList(route) === 'requests';
  return (
    <nav className="rail" aria-label={t('nav.label')}>
      <Place
        to={{ name: 'inbox' }}
        icon={MessageCircle}
        label={t('nav.messages')}
        counted="unread"
        here={isMessages(route) && !requests}
      />
      <RequestsPlace here={requests} />
      <Place
        to={{ name: 'new' }}
        icon={SquarePen}
        label={t('nav.new')}
        here={route.name === 'new'}
      />
      <span className="rail-gap" />
      <Place
        to={{ name: 'settings', section: null }}
        icon={Settings}
        label={t('nav.settings')}
        here={route.name === 'settings'}
      />
      {me === null ? null : (
        <Link
          className="place"
          to={{ name: 'person', username: me.username }}
          title={t('nav.profile')}
        >
          <Avatar id={me.id} name={me.name} kind={me.kind} size={36} />
          <span className="unseen">{t('nav.profile')}</span>
        </Link>
      )}
    </nav>
  );
}

export function BottomBar({ hidden }: { hidden: boolean }) {
  const { t } = useWords();
  const me = useStore((state) => state.me);
  const route = useRoute();
  const requests = useShownList(route) === 'requests';
  return (
    <nav className="bottom-bar" aria-label={t('nav.label')} hidden={hidden}>
      <Place
        to={{ name: 'inbox' }}
        icon={MessageCircle}
        label={t('nav.messages')}
        counted="unread"
        here={isMessages(route) && !requests}
      />
      <RequestsPlace here={requests} />
      <Place to={{ name: 'new' }} icon={SquarePen} label={t('nav.new')} here={false} />
      <Place
        to={{ name: 'settings', section: null }}
        icon={Settings}
        label={t('nav.settings')}
        here={route.name === 'settings'}
      />
      {me === null ? null : (
        <Link className="place" to={{ name: 'person', username: me.username }}>
          <Avatar id={me.id} name={me.name} kind={me.kind} size={28} />
          <span className="unseen">{t('nav.profile')}</span>
        </Link>
      )}
    </nav>
  );
}

function RequestsPlace({ here }: { here: boolean }) {
  const { t } = useWords();
  return (
    <Place
      to={{ name: 'requests' }}
      icon={MailQuestion}
      label={t('nav.requests')}
      counted="requests"
      here={here}
    />
  );
}

function Place({ to, icon: Sign, label, here, counted }: PlaceProps) {
  return (
    <Link className="place" to={to} title={label} aria-current={here ? 'page' : undefined}>
      <Sign aria-hidden="true" />
      <span className="unseen">{label}</span>
      {counted === undefined ? null : <Count of={counted} />}
    </Link>
  );
}

function Count({ of }: { of: 'unread' | 'requests' }) {
  const { t, number } = useWords();
  const count = useStore((state) =>
    of === 'unread' ? state.unreadConversations : state.requestCounts.waiting,
  );
  if (count === 0) return null;
  return (
    <>
      <span className="place-count" data-of={of} aria-hidden="true">
        {count > 99 ? `${number(99)}+` : number(count)}
      </span>
      <span className="unseen">
        , {t(of === 'unread' ? 'nav.unread' : 'nav.requests.count', { count })}
      </span>
    </>
  );
}

function isMessages(route: Route): boolean {
  return ['inbox', 'offers', 'conversation', 'draft', 'person'].includes(route.name);
}

interface PlaceProps {
  to: Route;
  icon: Icon;
  label: string;
  here: boolean;
  counted?: 'unread' | 'requests';
}
