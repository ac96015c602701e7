import { judgeName } from '../../domain/person-name.ts';
import { placeholderDomain } from '../../storage/operator-accounts.ts';
import { isUsername } from '../../storage/accounts.ts';

/** better-auth's form of a refusal: `{code, message}`. */
export interface AuthProblem {
  code: string;
  message: string;
}

const emailMaxChars = 254;

/** What is wrong with a sign-up before anything is looked up; null when nothing is. */
export function judgeSignUp(body: Record<string, unknown>): AuthProblem | null {
  const { name, username, email, password } = body;
  if (typeof username !== 'string' || !isUsername(username.toLowerCase())) {
    return {
      code: 'INVALID_USERNAME',
      message: 'A username has 3 to 30 letters (a–z), digits, underscores or full stops.',
    };
  }
  const judged = judgeName(typeof name === 'string' ? name : '');
  if (judged.outcome === 'refused') return { code: 'INVALID_NAME', message: judged.sentence };
  if (typeof email !== 'string' || !isEmail(email)) {
    return { code: 'INVALID_EMAIL', message: 'This is not an e-mail address.' };
  }
  if (typeof password !== 'string' || !password.isWellFormed()) {
    return { code: 'INVALID_PASSWORD', message: 'Invalid password' };
  }
  return null;
}

/** Length and domain only; better-auth checks the form. Nobody may take the address of a person the operator brings. */
function isEmail(email: string): boolean {
  return email.length <= emailMaxChars && !email.toLowerCase().endsWith(`@${placeholderDomain}`);
}
