import { useCallback } from 'react';
import type { SessionView } from '@aside/protocol';
import { Button } from '../../ui/button.tsx';
import { Monitor } from '../../ui/icons.ts';
import { toastDone } from '../../ui/toasts.tsx';
import { useWords, type Words } from '../../words/words.ts';
import { useAppStore } from '../store-context.ts';
import { useAsk } from '../use-ask.ts';
import { useLoaded } from '../use-loaded.ts';
import { ListComing, ListFailed } from './list-states.tsx';
import { nameOfAgent } from './user-agent.ts';

/** Every place where this account is signed in, with the way to end each. */
export function SessionsSection() {
  const { t } = useWords();
  const store = useAppStore();
  const { busy, ask } = useAsk();
  const { value, problem, again } = useLoaded(useCallback(() => store.listSessions(), [store]));
  const sessions = (value ?? []).toSorted((a, b) => Number(b.current) - Number(a.current));

  async function end(id: string) {
    if (await ask(() => store.endSession(id))) again();
  }

  async function endOthers() {
    if (!(await ask(() => store.endOtherSessions()))) return;
    toastDone(t('sessions.ended'));
    again();
  }

  return (
    <>
      <p className="lead">{t('sessions.what')}</p>
      {problem !== null ? (
        <ListFailed title={t('sessions.failed')} problem={problem} onRetry={again} />
      ) : null}
      {value === null && problem === null ? <ListComing /> : null}
      <ul className="card-list">
        {sessions.map((session) => (
          <SessionRow
            key={session.id}
            session={session}
            busy={busy}
            onEnd={() => void end(session.id)}
          />
        ))}
      </ul>
      {sessions.length > 1 ? (
        <Button busy={busy} onClick={() => void endOthers()}>
          {t('sessions.end.others')}
        </Button>
      ) : null}
      {sessions.length === 1 ? <p className="quiet-empty">{t('sessions.alone')}</p> : null}
    </>
  );
}

function SessionRow({
  session,
  busy,
  onEnd,
}: {
  session: SessionView;
  busy: boolean;
  onEnd: () => void;
}) {
  const words = useWords();
  const device = deviceOf(session, words);
  return (
    <li>
      <span className="card-sign">
        <Monitor aria-hidden="true" />
      </span>
      <span className="card-text" title={session.userAgent}>
        <span>{device}</span>
        <small>
          {session.current ? <strong>{words.t('sessions.current')} · </strong> : null}
          {words.t('sessions.since', { date: words.moment(session.createdAt) })}
        </small>
      </span>
      {session.current ? null : (
        <Button busy={busy} onClick={onEnd} aria-label={words.t('sessions.end.of', { device })}>
          {words.t('sessions.end')}
        </Button>
      )}
    </li>
  );
}

function deviceOf(session: SessionView, words: Words): string {
  const { browser, system } = nameOfAgent(session.userAgent);
  if (browser !== null && system !== null) return words.t('sessions.agent', { browser, system });
  return (browser ?? system ?? session.userAgent.slice(0, 60)) || words.t('sessions.unknown');
}
