import { createHmac, timingSafeEqual } from 'node:crypto';

// The ways a request says who sends it. A cookie is always signed; a bearer token may be the raw session token (the
// `token` of a sign-in answer), the signed one (its `set-auth-token` header), or an API key.

export interface Credential {
  token: string;
  via: 'cookie' | 'bearer' | 'key';
}

export interface CredentialHeaders {
  authorization?: string | undefined;
  cookie?: string | undefined;
}

const credentialMaxChars = 512;
/** 32 bytes in base64url behind the prefix; a session token has 32 characters and can never look like this. */
const keyPattern = /^aside_[A-Za-z0-9_-]{43}$/;

/** Where better-auth puts the token; the prefix makes browsers insist on https. */
export function sessionCookieName(publicUrl: string): string {
  return `${publicUrl.startsWith('https://') ? '__Secure-' : ''}aside.session_token`;
}

/**
 * The session token or API key of a request, or null. A key counts in the Authorization header only. An Authorization header decides alone, also when it is wrong: a program
 * that names a token must not act as whoever its cookie belongs to. Says nothing about whether it is still good.
 */
export function readCredential(
  headers: CredentialHeaders,
  cookieName: string,
  secret: string,
): Credential | null {
  if (headers.authorization !== undefined) {
    const given = /^bearer +([^ ]+) *$/i.exec(headers.authorization)?.[1];
    return given === undefined ? null : readBearer(given, secret);
  }
  const cookie = readCookie(headers.cookie, cookieName);
  const token = cookie === null ? null : unsign(cookie, secret);
  return token === null ? null : { token, via: 'cookie' };
}

/** What a program sends: a key, or a token, raw or signed; null when the signature is wrong. */
export function readBearer(given: string, secret: string): Credential | null {
  if (given.length > credentialMaxChars) return null;
  if (keyPattern.test(given)) return { token: given, via: 'key' };
  if (given.includes('.')) {
    const token = unsign(given, secret);
    return token === null ? null : { token, via: 'bearer' };
  }
  // Raw tokens are letters and digits; anything else cannot be in the table.
  return /^[A-Za-z0-9_-]+$/.test(given) ? { token: given, via: 'bearer' } : null;
}

/** better-call's signed value: `token.base64(hmac-sha256(token))`, percent-encoded as a cookie. */
function unsign(encoded: string, secret: string): string | null {
  if (encoded.length > credentialMaxChars) return null;
  const value = decode(encoded);
  const dot = value.lastIndexOf('.');
  if (dot < 1) return null;
  const token = value.slice(0, dot);
  const given = Buffer.from(value.slice(dot + 1), 'base64');
  const expected = createHmac('sha256', secret).update(token).digest();
  return given.length === expected.length && timingSafeEqual(given, expected) ? token : null;
}

function readCookie(header: string | undefined, name: string): string | null {
  for (const part of header?.split(';') ?? []) {
    const equals = part.indexOf('=');
    if (equals > 0 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim();
  }
  return null;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
