import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { limits, type PersonHit } from '@aside/protocol';
import type { Problem } from '../../store/model.ts';
import { Empty } from '../../ui/empty.tsx';
import { AtSign, CircleAlert, Search } from '../../ui/icons.ts';
import { problemSentence } from '../../words/problems.ts';
import { useWords } from '../../words/words.ts';
import { PaneHeader } from '../pane-header.tsx';
import { navigate } from '../router.ts';
import { useAppStore } from '../store-context.ts';
import { useArrival } from '../use-arrival.ts';
import { PersonOption } from './person-option.tsx';

const restMs = 160;
const listId = 'people-found';

/** Finds whom to write to, and says of everybody found whether they can be written to, before a word is typed. */
export default function NewMessagePane() {
  const { t } = useWords();
  const store = useAppStore();
  const input = useArrival<HTMLInputElement>();
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const found = usePeople(query);
  const hits = found.hits;

  function choose(hit: PersonHit | undefined) {
    if (hit === undefined) return;
    const id = store.conversationWith(hit.username);
    navigate(
      id === null
        ? { name: 'draft', username: hit.username }
        : { name: 'conversation', id, about: false },
      {
        replace: true,
      },
    );
  }

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
      <div className="to-line">
        <label htmlFor="new-to">{t('new.to')}</label>
        <input
          ref={input}
          id="new-to"
          role="combobox"
          aria-expanded={hits.length > 0}
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={hits.length > 0 ? `${listId}-${active}` : undefined}
          placeholder={t('new.placeholder')}
          value={query}
          maxLength={limits.searchMaxChars}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          enterKeyHint="go"
          onChange={(event) => {
            setQuery(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <ul
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
      </ul>
      {hits.length > 0 ? null : <NothingFound query={query} found={found} />}
      <p className="unseen" role="status">
        {hits.length > 0 && !found.stale ? t('new.found', { count: hits.length }) : null}
      </p>
    </section>
  );
}

function NothingFound({ query, found }: { query: string; found: Found }) {
  const words = useWords();
  const { t } = words;
  if (found.problem !== null) {
    return <Empty icon={CircleAlert} title={problemSentence(words, found.problem)} />;
  }
  if (cleaned(query) === '') {
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

/** Asks once the typing rests; an answer that comes after a newer question is dropped. */
function usePeople(query: string): Found {
  const store = useAppStore();
  const [found, setFound] = useState<Found>(nothing);
  const asked = useRef(0);
  const wanted = cleaned(query);
  useEffect(() => {
    asked.current += 1;
    const mine = asked.current;
    if (wanted === '') {
      setFound(nothing);
      return;
    }
    setFound((now) => ({ ...now, stale: true }));
    const timer = setTimeout(() => {
      void store.searchPeople(wanted).then((outcome) => {
        if (asked.current !== mine) return;
        setFound(
          outcome.ok
            ? { hits: outcome.value, problem: null, stale: false }
            : { hits: [], problem: outcome.problem, stale: false },
        );
      });
    }, restMs);
    return () => clearTimeout(timer);
  }, [store, wanted]);
  return found;
}

function cleaned(query: string): string {
  return query.trim().replace(/^@/, '');
}

const nothing: Found = { hits: [], problem: null, stale: false };

interface Found {
  hits: readonly PersonHit[];
  problem: Problem | null;
  /** The question has changed since. */
  stale: boolean;
}
