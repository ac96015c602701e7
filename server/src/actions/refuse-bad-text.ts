import { Refusal } from '../base/refusal.ts';
import { judgeText } from '../domain/message-text.ts';

/** Refuses `empty`, `too_long` and, for what cannot be stored, `invalid`. */
export function refuseBadText(text: string): void {
  switch (judgeText(text)) {
    case 'ok':
      return;
    case 'empty':
      throw new Refusal('empty');
    case 'too_long':
      throw new Refusal('too_long');
    case 'not_text':
      throw new Refusal(
        'invalid',
        'The text contains a NUL or half a character and cannot be stored.',
      );
  }
}
