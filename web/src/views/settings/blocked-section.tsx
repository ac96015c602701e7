import { useCallback } from 'react';
import { Avatar } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { useWords } from '../../words/words.ts';
import { Link } from '../link.tsx';
import { useAppStore } from '../store-context.ts';
import { useAsk } from '../use-ask.ts';
import { useLoaded } from '../use-loaded.ts';
import { ListComing, ListFailed } from './list-states.tsx';

/** Whom I blocked, with the way back. */
export function BlockedSection() {
  const { t } = useWords();
  const store = useAppStore();
  const { busy, ask } = useAsk();
  const {
    value: people,
    problem,
    again,
  } = useLoaded(useCallback(() => store.listBlocks(), [store]));

  async function unblock(username: string) {
    if (await ask(() => store.setBlocking(username, false))) again();
  }

  return (
    <>
      <p className="lead">{t('blocked.what')}</p>
      {problem !== null ? (
        <ListFailed title={t('blocked.failed')} problem={problem} onRetry={again} />
      ) : null}
      {people === null && problem === null ? <ListComing /> : null}
      {people?.length === 0 ? <p className="quiet-empty">{t('blocked.empty')}</p> : null}
      <ul className="card-list">
        {(people ?? []).map((person) => (
          <li key={person.id}>
            <Avatar id={person.id} name={person.name} kind={person.kind} size={40} />
            <Link className="card-text" to={{ name: 'person', username: person.username }}>
              <bdi>{person.name}</bdi>
              <small>@{person.username}</small>
            </Link>
            <Button busy={busy} onClick={() => void unblock(person.username)}>
              {t('person.unblock')}
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}
