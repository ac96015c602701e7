import { useState, type ReactNode } from 'react';
import type { Conversation, RequestAction } from '@aside/protocol';
import { Avatar } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { KindChip } from '../../ui/chip.tsx';
import { Ban, Check, EyeOff, Flag, X } from '../../ui/icons.ts';
import { useWords } from '../../words/words.ts';
import { navigate } from '../router.ts';
import type { Subject } from '../subject.ts';
import { useArrival } from '../use-arrival.ts';
import { QuietReasons, RequestBio, RequestFacts } from './request-facts.tsx';
import { useDecide } from './use-decide.ts';

const actions = [
  { action: 'accept', tone: 'accept', icon: Check },
  { action: 'decline', tone: 'quiet', icon: X },
  { action: 'block', tone: 'quiet', icon: Ban },
  { action: 'report', tone: 'quiet', icon: Flag },
] as const;

/** “Do I know you?” above the text of a request that was opened. */
export function RequestTop({ conversation, subject }: RequestProps) {
  const { t } = useWords();
  const heading = useArrival<HTMLHeadingElement>();
  const { request } = conversation;
  const { title, face } = subject;
  return (
    <section className="know">
      <div className="know-head">
        <Avatar id={face?.id ?? ''} name={title} kind={face?.kind ?? 'person'} size={44} />
        <div>
          <h2 ref={heading} tabIndex={-1}>
            {t('request.know', { name: title })}
          </h2>
          {request === undefined ? null : (
            <p className="request-handle">
              <span>@{request.person.username}</span> <KindChip kind={request.person.kind} />
            </p>
          )}
        </div>
      </div>
      {request === undefined ? null : (
        <>
          <RequestBio card={request} />
          <RequestFacts card={request} />
        </>
      )}
      <QuietReasons conversation={conversation} />
    </section>
  );
}

/** What can be decided, in the place of the composer; answering is one of the ways to accept. */
export function RequestFoot({ conversation, subject, children }: RequestFootProps) {
  const [answering, setAnswering] = useState<'not-yet' | 'now' | 'left'>('not-yet');
  const name = subject.title;
  if (answering === 'now') {
    return (
      <Answering name={name} onLeave={() => setAnswering('left')}>
        {children}
      </Answering>
    );
  }
  return (
    <Deciding
      conversation={conversation}
      name={name}
      returned={answering === 'left'}
      onAnswer={() => setAnswering('now')}
    />
  );
}

function Answering({ name, onLeave, children }: AnsweringProps) {
  const { t } = useWords();
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- Esc goes one step back from the composer inside
    <div
      className="request-answer"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.nativeEvent.isComposing) return;
        event.preventDefault();
        onLeave();
      }}
    >
      <p className="notice">
        <Check aria-hidden="true" />
        <span>{t('request.answer.what', { name })}</span>
        <button type="button" className="text-button" onClick={onLeave}>
          {t('do.cancel')}
        </button>
      </p>
      {children}
    </div>
  );
}

function Deciding({ conversation, name, returned, onAnswer }: DecidingProps) {
  const { t, distance } = useWords();
  const decide = useDecideHere(conversation.id);
  const answer = useArrival<HTMLButtonElement>(returned);
  const expiresAt = conversation.request?.expiresAt;
  return (
    <div className="request-foot">
      <p className="request-private">
        <EyeOff aria-hidden="true" />
        <span>
          {t('request.unseen', { name })} {t('request.links')}{' '}
          {expiresAt === undefined ? null : t('request.expires', { when: distance(expiresAt) })}
        </span>
      </p>
      <div className="request-bar" role="group" aria-label={t('request.bar')}>
        {actions.map(({ action, tone, icon }) => (
          <Button key={action} tone={tone} icon={icon} onClick={() => decide(action)}>
            {t(`request.${action}`)}
          </Button>
        ))}
      </div>
      <p className="request-or">
        <button
          ref={answer}
          type="button"
          className="text-button"
          aria-describedby="request-answer-what"
          onClick={onAnswer}
        >
          {t('request.answer')}
        </button>
        <span id="request-answer-what">{t('request.answer.what', { name })}</span>
      </p>
    </div>
  );
}

/** Decides, and goes back to the list unless the conversation goes on. */
function useDecideHere(id: string): (action: RequestAction) => void {
  const decide = useDecide();
  return (action) => {
    if (action !== 'accept') {
      navigate({ name: 'requests' }, { replace: true });
      requestAnimationFrame(() =>
        document
          .querySelector<HTMLElement>('[data-row][tabindex="0"], .tab[aria-current]')
          ?.focus(),
      );
    }
    void decide([id], action);
  };
}

interface RequestProps {
  conversation: Conversation;
  subject: Subject;
}

interface RequestFootProps extends RequestProps {
  /** The composer, for an answer. */
  children: ReactNode;
}

interface AnsweringProps {
  name: string;
  onLeave: () => void;
  children: ReactNode;
}

interface DecidingProps {
  conversation: Conversation;
  name: string;
  /** Back from the composer: the focus goes where it came from. */
  returned: boolean;
  onAnswer: () => void;
}
