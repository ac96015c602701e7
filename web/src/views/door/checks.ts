import { limits } from '@aside/protocol';
import type { Words } from '../../words/words.ts';

/** Says what a new password lacks; false when it will do. */
export function passwordProblem(password: string, t: Words['t']): string | false {
  if (password.length < limits.passwordMinChars) {
    return t('door.need.password', { count: limits.passwordMinChars });
  }
  if (password.length > limits.passwordMaxChars) {
    return t('door.need.password.short', { count: limits.passwordMaxChars });
  }
  return false;
}

export function isEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/u.test(text);
}
