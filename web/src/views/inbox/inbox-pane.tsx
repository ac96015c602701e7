import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { CircleAlert, Hourglass, Inbox, SquarePen } from '../../ui/icons.ts';
import { Late } from '../../ui/late.tsx';
import { useWords } from '../../words/words.ts';
import { Link } from '../link.tsx';
import { useAppStore, useStore } from '../store-context.ts';
import { InboxList } from './inbox-list.tsx';

type ListedFolder = 'inbox' | 'requests';

/** The list side of the desk: folders on top, conversations below. */
export function InboxPane({ folder }: { folder: ListedFolder }) {
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
        <FolderLink folder="inbox" here={folder === 'inbox'} />
        <FolderLink folder="requests" here={folder === 'requests'} />
      </nav>
      <FolderContent key={folder} folder={folder} />
    </section>
  );
}

function FolderLink({ folder, here }: { folder: ListedFolder; here: boolean }) {
  const { t, number } = useWords();
  const waiting = useStore((state) =>
    folder === 'requests' ? state.folders.requests.order.length : 0,
  );
  return (
    <Link className="tab" to={{ name: folder }} aria-current={here ? 'page' : undefined}>
      {t(`inbox.${folder}`)}
      {waiting > 0 ? <span className="tab-count">{number(waiting)}</span> : null}
    </Link>
  );
}

function FolderContent({ folder }: { folder: ListedFolder }) {
  const { t } = useWords();
  const store = useAppStore();
  const list = useStore((state) => state.folders[folder]);
  if (list.order.length > 0) return <InboxList folder={folder} list={list} />;
  if (list.status === 'loading') return <InboxSkeleton />;
  if (list.status === 'failed') {
    return (
      <Empty icon={CircleAlert} title={t('inbox.failed')}>
        <Button onClick={() => void store.loadMoreInbox(folder)}>{t('do.retry')}</Button>
      </Empty>
    );
  }
  return folder === 'inbox' ? <EmptyInbox /> : <EmptyRequests />;
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
