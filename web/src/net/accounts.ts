import { limits } from '@aside/protocol';
import type { Outcome, Problem } from './outcome.ts';
import {
  asObject,
  codeForStatus,
  retryAfterOf,
  type ReadProblem,
  type Requester,
} from './request.ts';

// Accounts, spoken in better-auth 1.7's own shapes (/api/auth). Its errors are `{code, message}`; the table
// below turns those a person can cause into our codes and our words.

export type Accounts = ReturnType<typeof createAccounts>;

export function createAccounts(requester: Requester) {
  const post = async (path: string, body: object): Promise<Outcome<Record<string, unknown>>> => {
    const outcome = await requester.send(
      `/api/auth${path}`,
      { method: 'POST', body },
      readAuthProblem,
    );
    return outcome.ok ? { ok: true, value: asObject(outcome.value) } : outcome;
  };

  return {
    signUp: (details: { email: string; password: string; name: string; username: string }) =>
      post('/sign-up/email', details),

    async signIn(login: string, password: string): Promise<Outcome<'done' | 'totp'>> {
      // A username may be typed the way it is shown, with its @ in front.
      const name = login.trim().replace(/^@/, '');
      const outcome = name.includes('@')
        ? await post('/sign-in/email', { email: name, password })
        : await post('/sign-in/username', { username: name, password });
      if (!outcome.ok) return { ok: false, problem: asSignInProblem(outcome.problem) };
      return { ok: true, value: outcome.value['twoFactorRedirect'] === true ? 'totp' : 'done' };
    },

    /** A six-digit code from the app, or one of the backup codes. */
    verifySecondFactor(code: string) {
      const typed = code.trim();
      const digits = typed.replaceAll(/\s/g, '');
      return /^\d{6}$/.test(digits)
        ? post('/two-factor/verify-totp', { code: digits })
        : post('/two-factor/verify-backup-code', { code: typed });
    },

    signOut: () => post('/sign-out', {}),
    requestPasswordReset: (email: string) =>
      post('/request-password-reset', { email: email.trim(), redirectTo: '/reset' }),
    resetPassword: (token: string, newPassword: string) =>
      post('/reset-password', { newPassword, token }),

    async enableTotp(
      password: string,
    ): Promise<Outcome<{ totpURI: string; backupCodes: string[] }>> {
      const outcome = await post('/two-factor/enable', { password });
      if (!outcome.ok) return outcome;
      const { totpURI, backupCodes } = outcome.value;
      if (typeof totpURI !== 'string' || !Array.isArray(backupCodes)) {
        return {
          ok: false,
          problem: { code: 'internal', detail: 'The answer was not understood.' },
        };
      }
      return { ok: true, value: { totpURI, backupCodes: backupCodes.map(String) } };
    },
    disableTotp: (password: string) => post('/two-factor/disable', { password }),
  };
}

const wrongPassword = 'That name and password do not belong together.';
const wrongCode = 'That code is not right, or its time is over.';

const problems: Record<string, Pick<Problem, 'code' | 'detail'>> = {
  INVALID_EMAIL_OR_PASSWORD: { code: 'wrong_credentials', detail: wrongPassword },
  INVALID_USERNAME_OR_PASSWORD: { code: 'wrong_credentials', detail: wrongPassword },
  INVALID_PASSWORD: { code: 'wrong_credentials', detail: 'That is not your password.' },
  INVALID_CODE: { code: 'wrong_credentials', detail: wrongCode },
  INVALID_BACKUP_CODE: {
    code: 'wrong_credentials',
    detail: 'That backup code is not right, or was used before.',
  },
  INVALID_TWO_FACTOR_COOKIE: {
    code: 'wrong_credentials',
    detail: 'Too much time has passed. Sign in again.',
  },
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: {
    code: 'wrong_credentials',
    detail: 'Too many codes were wrong. Sign in again.',
  },
  ACCOUNT_TEMPORARILY_LOCKED: {
    code: 'rate_limited',
    detail: 'Too many codes were wrong. Try again in a quarter of an hour.',
  },
  USERNAME_IS_ALREADY_TAKEN: {
    code: 'username_taken',
    detail: 'This username belongs to somebody, or did once.',
  },
  USERNAME_TOO_SHORT: {
    code: 'invalid',
    detail: `A username has at least ${limits.usernameMinChars} characters.`,
  },
  USERNAME_TOO_LONG: {
    code: 'invalid',
    detail: `A username has at most ${limits.usernameMaxChars} characters.`,
  },
  INVALID_USERNAME: {
    code: 'invalid',
    detail: 'A username is made of letters a to z, digits, underscore and full stop.',
  },
  USER_ALREADY_EXISTS: { code: 'invalid', detail: 'There is an account with this e-mail address.' },
  USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: {
    code: 'invalid',
    detail: 'There is an account with this e-mail address.',
  },
  INVALID_EMAIL: { code: 'invalid', detail: 'This is not an e-mail address.' },
  PASSWORD_TOO_SHORT: {
    code: 'invalid',
    detail: `A password has at least ${limits.passwordMinChars} characters.`,
  },
  PASSWORD_TOO_LONG: {
    code: 'invalid',
    detail: `A password has at most ${limits.passwordMaxChars} characters.`,
  },
  INVALID_TOKEN: {
    code: 'invalid',
    detail: 'This link was used before, or its time is over. Ask for a new one.',
  },
  RESET_PASSWORD_DISABLED: { code: 'invalid', detail: 'This server cannot send e-mail.' },
  EMAIL_NOT_VERIFIED: { code: 'invalid', detail: 'Confirm your e-mail address first.' },
  TOTP_ALREADY_ENABLED: { code: 'invalid', detail: 'The second step is already on.' },
  TOTP_NOT_ENABLED: { code: 'invalid', detail: 'The second step is not switched on.' },
  SESSION_NOT_FRESH: { code: 'invalid', detail: 'Sign in again before you change this.' },
};

const readAuthProblem: ReadProblem = (status, body, headers) => {
  const fields = asObject(body);
  const known = typeof fields['code'] === 'string' ? problems[fields['code']] : undefined;
  const retryAfterMs = retryAfterOf(headers, null);
  const wait = retryAfterMs !== null && { retryAfterMs };
  if (known !== undefined) return { ...known, ...wait };
  const code = status === 400 || status === 422 ? 'invalid' : codeForStatus(status);
  return { code, detail: sentenceFor(code), ...wait };
};

function sentenceFor(code: Problem['code']): string {
  if (code === 'rate_limited') return 'That was too often. Wait a moment, then try again.';
  if (code === 'unauthenticated') return 'Sign in to do this.';
  if (code === 'overloaded') return 'The server is busy just now. Try again in a moment.';
  if (code === 'invalid') return 'Something in this form is missing or not right.';
  return 'Something went wrong. Try again.';
}

/** Whether a name exists, or could exist, is nobody's business at the door. */
function asSignInProblem(problem: Problem): Problem {
  if (problem.code !== 'invalid' && problem.code !== 'unauthenticated') return problem;
  if (problem.detail === problems['EMAIL_NOT_VERIFIED']?.detail) return problem;
  return { code: 'wrong_credentials', detail: wrongPassword };
}
