import { useCallback } from 'react';
import { grantWording, type Consent } from '@aside/protocol';
import type { AppStore, Outcome } from '../../store/model.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { toastDone } from '../../ui/toasts.tsx';
import { actSentence } from '../../words/acts.ts';
import { useWords } from '../../words/words.ts';
import { Link } from '../link.tsx';
import { useAppStore } from '../store-context.ts';
import { useAsk } from '../use-ask.ts';
import { ListComing, ListFailed } from './list-states.tsx';
import { usePages } from './use-pages.ts';

/** Who may write to me, since when and why; and what I stopped. */
export function ConsentSection() {
  const { t } = useWords();
  const store = useAppStore();
  const list = usePages(useCallback((cursor?: string) => loadPage(store, cursor), [store]));
  const rows = list.rows ?? [];
  const allowed = rows.filter((consent) => consent.state === 'granted');
  const stopped = rows.filter((consent) => consent.state === 'revoked');
  return (
    <>
      <p className="lead">{t('consent.what')}</p>
      {list.problem !== null ? (
        <ListFailed title={t('consent.failed')} problem={list.problem} onRetry={list.again} />
      ) : null}
      {list.rows === null && list.problem === null ? <ListComing /> : null}
      {list.rows?.length === 0 ? (
        <p className="quiet-empty">
          {t('consent.empty')} {t('consent.empty.what')}
        </p>
      ) : null}
      <Group title={t('consent.may')} consents={allowed} onDone={list.again} />
      <Group title={t('consent.may.not')} consents={stopped} onDone={list.again} />
      {list.hasMore ? (
        <Button busy={list.busy} onClick={() => void list.more()}>
          {t('consent.more')}
        </Button>
      ) : null}
    </>
  );
}

function Group({ title, consents, onDone }: GroupProps) {
  if (consents.length === 0) return null;
  return (
    <section className="consent-group">
      <h2>{title}</h2>
      <ul className="card-list">
        {consents.map((consent) => (
          <ConsentRow
            key={`${consent.person.id} ${consent.purpose}`}
            consent={consent}
            onDone={onDone}
          />
        ))}
      </ul>
    </section>
  );
}

function ConsentRow({ consent, onDone }: { consent: Consent; onDone: () => void }) {
  const words = useWords();
  const { t } = words;
  const { person, purpose, since } = consent;
  return (
    <li className="consent-row">
      <Avatar id={person.id} name={person.name} kind={person.kind} size={40} />
      <div className="card-text">
        <Link to={{ name: 'person', username: person.username }}>
          <bdi>{person.name}</bdi>
        </Link>
        <p>{t(`purpose.${purpose}`)}</p>
        <small>{actSentence(words, { ...consent, kind: consent.why, at: since }, purpose)}</small>
      </div>
      <Change consent={consent} onDone={onDone} />
    </li>
  );
}

/** The way back: what is allowed is stopped, what was stopped is allowed again, with the words that are stored. */
function Change({ consent, onDone }: { consent: Consent; onDone: () => void }) {
  const { t, language } = useWords();
  const store = useAppStore();
  const { busy, ask } = useAsk();
  const { person, purpose, state } = consent;
  const { username, name } = person;

  async function change(request: () => Promise<Outcome<unknown>>, said: string) {
    if (!(await ask(request))) return;
    toastDone(said);
    onDone();
  }

  if (state === 'granted') {
    const said =
      purpose === 'personal'
        ? t('consent.back.done', { name })
        : t(`stopped.${purpose}`, { username });
    return (
      <Button
        busy={busy}
        aria-label={`${t('why.stop')}: ${t(`purpose.${purpose}`)}, ${name}`}
        onClick={() => void change(() => store.stopPurpose(username, purpose), said)}
      >
        {t('why.stop')}
      </Button>
    );
  }
  // Personal messages are never stopped for good: they come as requests.
  if (purpose === 'personal') return null;
  return (
    <Button
      className="wording"
      busy={busy}
      onClick={() =>
        void change(() => store.grantPurpose(username, purpose, language), t('stopped.undone'))
      }
    >
      {grantWording(language, purpose, username)}
    </Button>
  );
}

async function loadPage(
  store: AppStore,
  cursor?: string,
): Promise<Outcome<{ rows: Consent[]; nextCursor?: string | undefined }>> {
  const outcome = await store.loadConsents(cursor);
  if (!outcome.ok) return outcome;
  const { consents, nextCursor } = outcome.value;
  return { ok: true, value: { rows: consents, nextCursor } };
}

interface GroupProps {
  title: string;
  consents: readonly Consent[];
  onDone: () => void;
}
