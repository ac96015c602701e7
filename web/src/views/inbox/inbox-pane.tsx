import { lazy, Suspense, type ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import {
  ArrowLeft,
  ChevronRight,
  CircleAlert,
  Hourglass,
  Inbox,
  Megaphone,
  SquarePen,
} from '../../ui/icons.ts';
import { Late } from '../../ui/late.tsx';
import { useWords } from '../../words/words.ts';
import { Link } from '../link.tsx';
import type { ShownList } from '../list-of.ts';
import { useAppStore, useStore } from '../store-context.ts';
import { BrandCard } from './brand-card.tsx';
import { InboxList } from './inbox-list.tsx';

const RequestsList = lazy(() => import('../requests/requests-list.tsx'));

/** The list side of the desk: folders on top, conversations below. */
export function InboxPane({ list }: { list: ShownList }) {
  const { t } = useWords();
  return (
    <section className="inbox" aria-label={t('inbox.title')}>
      <header className="list-header">
        <h1>{t('inbox.title')}</h1>
        <Link
          className="icon-button"
          to={{ name: 'new' }}
          aria-label={t('nav.new')}
          title={t('nav.new')}
        >
          <SquarePen aria-hidden="true" />
        </Link>
      </header>
      <nav className="tabs" aria-label={t('inbox.folders')}>
        <FolderLink folder="inbox" here={list !== 'requests'} />
        <FolderLink folder="requests" here={list === 'requests'} />
      </nav>
      {list === 'requests' ? null : <BrandCard />}
      {list === 'inbox' ? <OffersLine /> : null}
      {list === 'offers' ? <OffersTop /> : null}
      <ListContent key={list} name={list} />
    </section>
  );
}

function FolderLink({ folder, here }: { folder: 'inbox' | 'requests'; here: boolean }) {
  const { t, number } = useWords();
  const waiting = useStore((state) => (folder === 'requests' ? state.requestCounts.waiting : 0));
  return (
    <Link className="tab" to={{ name: folder }} aria-current={here ? 'page' : undefined}>
      {t(`inbox.${folder}`)}
      {waiting > 0 ? <span className="tab-count">{number(waiting)}</span> : null}
    </Link>
  );
}

/** The one line behind which offers stand: seen, never counted. */
function OffersLine() {
  const { t } = useWords();
  const count = useStore((state) => state.folders.offers.order.length);
  if (count === 0) return null;
  return (
    <Link className="offers-line" to={{ name: 'offers' }}>
      <Megaphone aria-hidden="true" />
      <span>{t('inbox.offers', { count })}</span>
      <ChevronRight aria-hidden="true" />
    </Link>
  );
}

function OffersTop() {
  const { t } = useWords();
  return (
    <div className="offers-top">
      <Link
        className="icon-button"
        to={{ name: 'inbox' }}
        aria-label={t('keys.inbox')}
        title={t('keys.inbox')}
      >
        <ArrowLeft aria-hidden="true" />
      </Link>
      <h2>{t('purpose.promotional')}</h2>
    </div>
  );
}

function ListContent({ name }: { name: ShownList }) {
  const { t } = useWords();
  const store = useAppStore();
  const list = useStore((state) => state.folders[name]);
  const quiet = useStore((state) => state.requestCounts.quiet + state.folders.quiet.order.length);
  if (name === 'requests' && (list.order.length > 0 || (quiet > 0 && list.status === 'ready')))
    return (
      <Suspense fallback={<RequestsSkeleton />}>
        <RequestsList />
      </Suspense>
    );
  if (name !== 'requests' && list.order.length > 0) return <InboxList folder={name} list={list} />;
  if (list.status === 'loading')
    return name === 'requests' ? <RequestsSkeleton /> : <InboxSkeleton />;
  if (list.status === 'failed') {
    return (
      <Empty icon={CircleAlert} title={t(name === 'requests' ? 'requests.failed' : 'inbox.failed')}>
        <Button onClick={() => void store.loadMoreInbox(name)}>{t('do.retry')}</Button>
      </Empty>
    );
  }
  if (name === 'offers') return <EmptyOffers />;
  return name === 'inbox' ? <EmptyInbox /> : <EmptyRequests />;
}

function EmptyOffers() {
  const { t } = useWords();
  return (
    <Empty icon={Megaphone} title={t('offers.empty')}>
      <p>{t('offers.empty.what')}</p>
    </Empty>
  );
}

function RequestsSkeleton() {
  const { t } = useWords();
  return (
    <div className="skeleton-list" role="status" aria-label={t('app.loading')}>
      <Late>
        {Array.from({ length: 4 }, (_, at) => (
          <div key={at} className="skeleton-request">
            <span className="bone bone-face" />
            <span className="bone bone-name" />
            <span className="bone bone-text" />
            <span className="bone bone-card" />
          </div>
        ))}
      </Late>
    </div>
  );
}

function EmptyInbox() {
  const { t } = useWords();
  return (
    <Empty icon={Inbox} title={t('inbox.empty')}>
      <p>{t('inbox.empty.what')}</p>
      <Link className="button" data-tone="main" to={{ name: 'new' }}>
        {t('nav.new')}
      </Link>
    </Empty>
  );
}

function EmptyRequests(): ReactNode {
  const { t } = useWords();
  const reach = useStore((state) => state.settings?.reach);
  return (
    <Empty icon={Hourglass} title={t('requests.empty')}>
      <p>{t('requests.empty.what')}</p>
      {reach === undefined ? null : <p>{t(`requests.reach.${reach}`)}</p>}
      <Link className="button" data-tone="quiet" to={{ name: 'settings', section: 'reach' }}>
        {t('requests.reach.change')}
      </Link>
    </Empty>
  );
}

function InboxSkeleton() {
  const { t } = useWords();
  return (
    <div className="skeleton-list" role="status" aria-label={t('app.loading')}>
      <Late>
        {Array.from({ length: 9 }, (_, at) => (
          <div key={at} className="skeleton-row">
            <span className="bone bone-face" />
            <span className="bone bone-name" />
            <span className="bone bone-text" />
          </div>
        ))}
      </Late>
    </div>
  );
}
