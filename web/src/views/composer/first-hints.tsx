import type { CheckAnswer } from '@aside/protocol';
import { CircleAlert, Users } from '../../ui/icons.ts';
import { codeSentence, contactRemedy } from '../../words/problems.ts';
import { useWords } from '../../words/words.ts';

/** Said while a first message is being typed: who got the same from me, and whether it would be refused. Its room is always there. */
export function FirstHints({ answer }: { answer: CheckAnswer | null }) {
  const words = useWords();
  const { t } = words;
  const refused = answer !== null && !answer.contact.allowed;
  return (
    <div className="first-hints" role="status">
      {refused ? (
        <p data-tone="refused">
          <CircleAlert aria-hidden="true" />
          <span>
            {codeSentence(words, answer.contact.code ?? '') ?? answer.contact.sentence}{' '}
            {contactRemedy(words, answer.contact)}
          </span>
        </p>
      ) : null}
      {answer !== null && answer.similar > 0 ? (
        <p data-tone="wait">
          <Users aria-hidden="true" />
          <span>{t('first.similar', { count: answer.similar })}</span>
        </p>
      ) : null}
    </div>
  );
}
