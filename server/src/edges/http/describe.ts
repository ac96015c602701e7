import { Type, type TSchema } from 'typebox';
import { limits } from '@aside/protocol';
import { Id, Username } from '@aside/protocol/schemas';

// The parts of openapi.json that no route of ours describes by itself: better-auth's endpoints, whose bodies it
// checks, and the socket, which is an upgrade. The compiler compares the first with the endpoints that are open.

const password = Type.String({
  minLength: limits.passwordMinChars,
  maxLength: limits.passwordMaxChars,
});
const text = Type.String();
const email = Type.String({ format: 'email' });
const rememberMe = Type.Optional(Type.Boolean());
const user = Type.Object({ id: Id, username: text, name: text, email: text });
const signedIn = Type.Object({ token: text, user });
const challenge = Type.Object({ twoFactorRedirect: Type.Literal(true) });
const done = Type.Object({ status: Type.Boolean() });
const code = { code: text, trustDevice: Type.Optional(Type.Boolean()) };

interface Endpoint {
  summary: string;
  body?: Record<string, TSchema>;
  answer: TSchema;
  /** Needs no session. */
  isPublic?: true;
}

/** By method and path below /api/auth. */
export const accountEndpoints = {
  'POST /sign-up/email': {
    summary: 'Make an account and sign in; the token also comes in the set-auth-token header',
    body: { email, password, name: text, username: Username },
    answer: signedIn,
    isPublic: true,
  },
  'POST /sign-in/email': {
    summary: 'Sign in by e-mail address; with two factors a challenge comes first',
    body: { email, password, rememberMe },
    answer: Type.Union([signedIn, challenge]),
    isPublic: true,
  },
  'POST /sign-in/username': {
    summary: 'Sign in by username; with two factors a challenge comes first',
    body: { username: Username, password, rememberMe },
    answer: Type.Union([signedIn, challenge]),
    isPublic: true,
  },
  'POST /sign-out': {
    summary: 'End this session',
    answer: Type.Object({ success: Type.Boolean() }),
  },
  'GET /get-session': {
    summary: 'The session of this request, or null',
    answer: Type.Union([
      Type.Object({ session: Type.Object({ id: Id, expiresAt: text }), user }),
      Type.Null(),
    ]),
  },
  'POST /change-password': {
    summary: 'Change my password',
    body: {
      currentPassword: text,
      newPassword: password,
      revokeOtherSessions: Type.Optional(Type.Boolean()),
    },
    answer: Type.Object({ token: Type.Union([text, Type.Null()]), user }),
  },
  'POST /request-password-reset': {
    summary: 'Have a link to a new password sent; answers the same for every address',
    body: { email, redirectTo: Type.Optional(text) },
    answer: done,
    isPublic: true,
  },
  'POST /reset-password': {
    summary: 'Set a new password with the token of the link; ends all sessions',
    body: { newPassword: password, token: text },
    answer: done,
    isPublic: true,
  },
  'POST /two-factor/enable': {
    summary: 'Begin two-factor sign-in; in force after the first right code',
    body: { password },
    answer: Type.Object({ totpURI: text, backupCodes: Type.Array(text) }),
  },
  'POST /two-factor/disable': {
    summary: 'End two-factor sign-in',
    body: { password },
    answer: done,
  },
  'POST /two-factor/get-totp-uri': {
    summary: 'The secret once more, for another device',
    body: { password },
    answer: Type.Object({ totpURI: text }),
  },
  'POST /two-factor/generate-backup-codes': {
    summary: 'New backup codes; the old ones end',
    body: { password },
    answer: Type.Object({ status: Type.Boolean(), backupCodes: Type.Array(text) }),
  },
  'POST /two-factor/verify-totp': {
    summary: 'Answer the challenge of a sign-in with a code',
    body: code,
    answer: signedIn,
    isPublic: true,
  },
  'POST /two-factor/verify-backup-code': {
    summary: 'Answer the challenge of a sign-in with a backup code',
    body: code,
    answer: signedIn,
    isPublic: true,
  },
} as const satisfies Readonly<Record<string, Endpoint>>;

/** OpenAPI paths of these endpoints and of the socket. */
export function describedPaths(): Record<string, object> {
  const paths: Record<string, object> = {
    '/api/socket': {
      get: {
        tags: ['socket'],
        summary: 'The realtime socket; its frames are described in docs/realtime.md',
        responses: { 101: { description: 'A WebSocket (RFC 6455).' } },
      },
    },
  };
  for (const [key, endpoint] of Object.entries(accountEndpoints)) {
    const { summary, body, answer, isPublic }: Endpoint = endpoint;
    const [method = '', path = ''] = key.split(' ');
    const content = { 'application/json': { schema: answer } };
    paths[`/api/auth${path}`] = {
      [method.toLowerCase()]: {
        tags: ['accounts'],
        summary,
        ...(isPublic ? { security: [] } : {}),
        ...(body
          ? {
              requestBody: {
                required: true,
                content: { 'application/json': { schema: Type.Object(body) } },
              },
            }
          : {}),
        responses: {
          200: { description: 'Done.', content },
          '4XX': {
            description: 'Refused by better-auth.',
            content: { 'application/json': { schema: Type.Object({ code: text, message: text }) } },
          },
        },
      },
    };
  }
  return paths;
}
