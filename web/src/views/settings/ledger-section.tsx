import { useCallback } from 'react';
import type { LedgerEntry } from '@aside/protocol';
import type { AppStore, Outcome } from '../../store/model.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { actSentence } from '../../words/acts.ts';
import { useWords } from '../../words/words.ts';
import { Link } from '../link.tsx';
import { useAppStore } from '../store-context.ts';
import { ListComing, ListFailed } from './list-states.tsx';
import { usePages } from './use-pages.ts';

/** Everything I did that allows or ends messages, the latest first. */
export function LedgerSection() {
  const { t } = useWords();
  const store = useAppStore();
  const list = usePages(useCallback((cursor?: string) => loadPage(store, cursor), [store]));
  return (
    <>
      <p className="lead">{t('ledger.what')}</p>
      {list.problem !== null ? (
        <ListFailed title={t('ledger.failed')} problem={list.problem} onRetry={list.again} />
      ) : null}
      {list.rows === null && list.problem === null ? <ListComing /> : null}
      {list.rows?.length === 0 ? <p className="quiet-empty">{t('ledger.empty')}</p> : null}
      <ul className="card-list">
        {(list.rows ?? []).map((entry) => (
          <EntryRow key={entry.id} entry={entry} />
        ))}
      </ul>
      {list.hasMore ? (
        <Button busy={list.busy} onClick={() => void list.more()}>
          {t('consent.more')}
        </Button>
      ) : null}
    </>
  );
}

function EntryRow({ entry }: { entry: LedgerEntry }) {
  const words = useWords();
  const { person } = entry;
  const about = entry.purpose === undefined || entry.purpose === 'personal' ? null : entry.purpose;
  return (
    <li>
      <Avatar id={person.id} name={person.name} kind={person.kind} size={40} />
      <div className="card-text">
        <Link to={{ name: 'person', username: person.username }}>
          <bdi>{person.name}</bdi>
        </Link>
        <p>{actSentence(words, entry, entry.purpose)}</p>
        <small>
          {about === null ? null : `${words.t(`purpose.${about}`)} · `}
          <time dateTime={entry.at} title={words.moment(entry.at)}>
            {words.time(entry.at)}
          </time>
        </small>
      </div>
    </li>
  );
}

async function loadPage(
  store: AppStore,
  cursor?: string,
): Promise<Outcome<{ rows: LedgerEntry[]; nextCursor?: string | undefined }>> {
  const outcome = await store.loadLedger(cursor);
  if (!outcome.ok) return outcome;
  const { entries, nextCursor } = outcome.value;
  return { ok: true, value: { rows: entries, nextCursor } };
}
