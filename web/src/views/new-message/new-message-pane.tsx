import { useState, type KeyboardEvent } from 'react';
import { limits, type PersonHit } from '@aside/protocol';
import { Empty } from '../../ui/empty.tsx';
import { AtSign, CircleAlert, Search } from '../../ui/icons.ts';
import { problemSentence } from '../../words/problems.ts';
import { useWords } from '../../words/words.ts';
import { PaneHeader } from '../pane-header.tsx';
import { navigate } from '../router.ts';
import { useAppStore } from '../store-context.ts';
import { useArrival } from '../use-arrival.ts';
import { PersonOption } from './person-option.tsx';
import { cleanQuery, usePeople, type Found } from './use-people.ts';

const listId = 'people-found';

/** Finds whom to write to, and says of everybody found whether they can be written to, before a word is typed. */
export default function NewMessagePane() {
  const { t } = useWords();
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const found = usePeople(query);
  const { hits } = found;
  const choose = useChoose();

  function onKeyDown(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && hits.length > 0) {
      event.preventDefault();
      setActive((now) => (now + step + hits.length) % hits.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (!found.stale) choose(hits[active]);
    }
  }

  return (
    <section className="page-pane" aria-label={t('new.title')}>
      <PaneHeader back={{ name: 'inbox' }}>
        <h1 className="pane-title">{t('new.title')}</h1>
      </PaneHeader>
      <ToLine
        query={query}
        activeId={hits.length > 0 ? `${listId}-${active}` : undefined}
        onKeyDown={onKeyDown}
        onQuery={(next) => {
          setQuery(next);
          setActive(0);
        }}
      />
      <div
        className="people"
        id={listId}
        role="listbox"
        aria-label={t('new.results')}
        hidden={hits.length === 0}
      >
        {hits.map((hit, at) => (
          <PersonOption
            key={hit.id}
            id={`${listId}-${at}`}
            hit={hit}
            active={at === active}
            onPoint={() => setActive(at)}
            onChoose={() => choose(hit)}
          />
        ))}
      </div>
      {hits.length > 0 ? null : <NothingFound query={query} found={found} />}
      <p className="unseen" role="status">
        {hits.length > 0 && !found.stale ? t('new.found', { count: hits.length }) : null}
      </p>
    </section>
  );
}

function ToLine({ query, activeId, onQuery, onKeyDown }: ToLineProps) {
  const { t } = useWords();
  const input = useArrival<HTMLInputElement>();
  return (
    <div className="to-line">
      <label htmlFor="new-to">{t('new.to')}</label>
      <input
        ref={input}
        id="new-to"
        role="combobox"
        aria-expanded={activeId !== undefined}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={activeId}
        placeholder={t('new.placeholder')}
        value={query}
        maxLength={limits.searchMaxChars}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        enterKeyHint="go"
        onChange={(event) => onQuery(event.target.value)}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}

function NothingFound({ query, found }: { query: string; found: Found }) {
  const words = useWords();
  const { t } = words;
  if (found.problem !== null) {
    return <Empty icon={CircleAlert} title={problemSentence(words, found.problem)} />;
  }
  if (cleanQuery(query) === '') {
    return (
      <Empty icon={AtSign} title={t('new.title')}>
        <p>{t('new.hint')}</p>
      </Empty>
    );
  }
  if (found.stale) return null;
  return (
    <Empty icon={Search} title={t('new.none', { query: query.trim() })}>
      <p>{t('new.none.what')}</p>
    </Empty>
  );
}

/** Opens the conversation there is, or the one that could begin. */
function useChoose(): (hit: PersonHit | undefined) => void {
  const store = useAppStore();
  return (hit) => {
    if (hit === undefined) return;
    const id = store.conversationWith(hit.username);
    navigate(
      id === null
        ? { name: 'draft', username: hit.username }
        : { name: 'conversation', id, about: false },
      { replace: true },
    );
  };
}

interface ToLineProps {
  query: string;
  activeId: string | undefined;
  onQuery: (query: string) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}
