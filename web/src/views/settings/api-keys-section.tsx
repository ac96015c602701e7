import { useCallback, useEffect, useRef, useState, type FormEvent } from 'react';
import { limits, type KeyView, type NewKey } from '@aside/protocol';
import { Button } from '../../ui/button.tsx';
import Confirm from '../../ui/confirm.tsx';
import { Field } from '../../ui/field.tsx';
import { KeyRound } from '../../ui/icons.ts';
import { toastDone, toastFailure } from '../../ui/toasts.tsx';
import { problemSentence } from '../../words/problems.ts';
import { useWords } from '../../words/words.ts';
import { useAppStore } from '../store-context.ts';
import { useAsk } from '../use-ask.ts';
import { useLoaded } from '../use-loaded.ts';
import { ListComing, ListFailed } from './list-states.tsx';

/** Keys with which programs act for me: made, shown once, deleted. */
export function ApiKeysSection() {
  const { t } = useWords();
  const store = useAppStore();
  const { value, problem, again } = useLoaded(useCallback(() => store.loadKeys(), [store]));
  const [made, setMade] = useState<NewKey | null>(null);
  const [deleting, setDeleting] = useState<KeyView | null>(null);
  return (
    <>
      <p className="lead">{t('api-keys.what')}</p>
      <MakeKey
        onMade={(key) => {
          setMade(key);
          again();
        }}
      />
      {made === null ? null : <ShownOnce key={made.id} made={made} />}
      {problem !== null ? (
        <ListFailed title={t('api-keys.failed')} problem={problem} onRetry={again} />
      ) : null}
      {value === null && problem === null ? <ListComing /> : null}
      {value?.length === 0 ? <p className="quiet-empty">{t('api-keys.empty')}</p> : null}
      <ul className="card-list">
        {(value ?? []).map((key) => (
          <KeyRow key={key.id} apiKey={key} onDelete={() => setDeleting(key)} />
        ))}
      </ul>
      {deleting === null ? null : (
        <DeleteQuestion
          apiKey={deleting}
          onClose={() => setDeleting(null)}
          onDeleted={() => {
            if (made?.id === deleting.id) setMade(null);
            setDeleting(null);
            again();
          }}
        />
      )}
    </>
  );
}

function MakeKey({ onMade }: { onMade: (key: NewKey) => void }) {
  const words = useWords();
  const { t } = words;
  const store = useAppStore();
  const [name, setName] = useState('');
  const [busy, setBusy] = useState(false);

  async function make(event: FormEvent) {
    event.preventDefault();
    if (name.trim() === '' || busy) return;
    setBusy(true);
    const outcome = await store.makeKey(name.trim());
    setBusy(false);
    if (!outcome.ok) return toastFailure(problemSentence(words, outcome.problem));
    setName('');
    onMade(outcome.value);
  }

  return (
    <form className="form key-form" onSubmit={(event) => void make(event)}>
      <Field
        label={t('api-keys.name')}
        hint={t('api-keys.name.hint')}
        value={name}
        maxLength={limits.nameMaxChars}
        autoComplete="off"
        onChange={(event) => setName(event.target.value)}
      />
      <Button tone="main" type="submit" busy={busy} disabled={name.trim() === ''}>
        {t('api-keys.make')}
      </Button>
    </form>
  );
}

/** The key itself; once this is closed it cannot be seen again. */
function ShownOnce({ made }: { made: NewKey }) {
  const { t } = useWords();
  const [copied, setCopied] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);

  async function copy() {
    await navigator.clipboard.writeText(made.key);
    setCopied(true);
  }

  return (
    <section className="copyable key-once">
      <h2 ref={heading} tabIndex={-1}>
        {t('api-keys.new', { name: made.name })}
      </h2>
      <p>{t('api-keys.once')}</p>
      <pre>{made.key}</pre>
      <Button tone="main" onClick={() => void copy()}>
        {t(copied ? 'do.copied' : 'do.copy')}
      </Button>
      <span className="unseen" role="status">
        {copied ? t('do.copied') : null}
      </span>
    </section>
  );
}

function KeyRow({ apiKey, onDelete }: { apiKey: KeyView; onDelete: () => void }) {
  const { t, date } = useWords();
  const { name, hint, lastUsedAt } = apiKey;
  return (
    <li>
      <span className="card-sign">
        <KeyRound aria-hidden="true" />
      </span>
      <span className="card-text">
        <bdi>{name}</bdi>
        <small>
          {t('api-keys.hint', { hint })} ·{' '}
          {lastUsedAt === undefined
            ? t('api-keys.unused')
            : t('api-keys.used', { date: date(lastUsedAt) })}
        </small>
      </span>
      <Button aria-label={t('api-keys.delete.of', { name })} onClick={onDelete}>
        {t('api-keys.delete')}
      </Button>
    </li>
  );
}

function DeleteQuestion({ apiKey, onClose, onDeleted }: DeleteQuestionProps) {
  const { t } = useWords();
  const store = useAppStore();
  const { busy, ask } = useAsk();

  async function remove() {
    if (!(await ask(() => store.deleteKey(apiKey.id)))) return;
    toastDone(t('api-keys.deleted'));
    onDeleted();
  }

  return (
    <Confirm
      title={t('api-keys.delete.title', { name: apiKey.name })}
      what={t('api-keys.delete.what')}
      action={t('api-keys.delete')}
      busy={busy}
      onConfirm={() => void remove()}
      onClose={onClose}
    />
  );
}

interface DeleteQuestionProps {
  apiKey: KeyView;
  onClose: () => void;
  onDeleted: () => void;
}
