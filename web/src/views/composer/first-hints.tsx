import type { CheckAnswer } from '@aside/protocol';
import { CircleAlert, Hourglass, Users } from '../../ui/icons.ts';
import { codeSentence, contactRemedy } from '../../words/problems.ts';
import { useWords, type Words } from '../../words/words.ts';

/** Shorter texts resemble nothing, so nothing will be said about them. */
const resemblesFrom = 25;

/**
 * Above a first message: where it arrives, or while it would be refused why, and who got the same from me. It grows
 * upwards, so that the field stays where it is while somebody types.
 */
export function FirstHints({ name, text, answer, tooLong }: FirstHintsProps) {
  const words = useWords();
  const refusal = refusalOf(words, answer, tooLong);
  const similar = answer?.similar ?? 0;
  const Sign = refusal === null ? Hourglass : CircleAlert;
  return (
    <div className="notice first-hints" id="contact-notice" role="status">
      <p data-tone={refusal === null ? undefined : 'refused'}>
        <Sign aria-hidden="true" />
        <span>{refusal ?? words.t('first.requests', { name })}</span>
      </p>
      {similar > 0 || text.length >= resemblesFrom ? (
        // Its room is there from the key on that makes it possible: what comes later moves nothing.
        <p data-tone="wait" data-room={similar === 0 ? '' : undefined}>
          <Users aria-hidden="true" />
          <span>{words.t('first.similar', { count: similar === 0 ? 2 : similar })}</span>
        </p>
      ) : null}
    </div>
  );
}

/** The counter says by how much a text is too long; that needs no remedy and no server. */
function refusalOf(words: Words, answer: CheckAnswer | undefined, tooLong: boolean): string | null {
  if (tooLong) return codeSentence(words, 'first_contact_too_long');
  const contact = answer?.contact;
  const code = contact?.code ?? '';
  if (contact === undefined || contact.allowed || code === 'first_contact_too_long') return null;
  const sentence = codeSentence(words, code) ?? contact.sentence ?? '';
  return `${sentence} ${contactRemedy(words, contact) ?? ''}`;
}

interface FirstHintsProps {
  name: string;
  text: string;
  answer: CheckAnswer | undefined;
  tooLong: boolean;
}
