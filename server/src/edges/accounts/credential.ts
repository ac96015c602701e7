import { createHmac, timingSafeEqual } from 'node:crypto';

// The two ways a request carries a session token. A cookie is always signed; a bearer token may be the raw token
// (the `token` of a sign-in answer) or the signed one (its `set-auth-token` header).

export interface Credential {
  token: string;
  via: 'cookie' | 'bearer';
}

export interface CredentialHeaders {
  authorization?: string | undefined;
  cookie?: string | undefined;
}

const credentialMaxChars = 512;

/** Where better-auth puts the token; the prefix makes browsers insist on https. */
export function sessionCookieName(publicUrl: string): string {
  return `${publicUrl.startsWith('https://') ? '__Secure-' : ''}aside.session_token`;
}

/**
 * The session token of a request, or null. An Authorization header decides alone, also when it is wrong: a program
 * that names a token must not act as whoever its cookie belongs to. Says nothing about whether the session lives.
 */
export function readCredential(
  headers: CredentialHeaders,
  cookieName: string,
  secret: string,
): Credential | null {
  if (headers.authorization !== undefined) {
    const given = /^bearer +([^ ]+) *$/i.exec(headers.authorization)?.[1];
    const token = given === undefined ? null : readBearer(given, secret);
    return token === null ? null : { token, via: 'bearer' };
  }
  const cookie = readCookie(headers.cookie, cookieName);
  const token = cookie === null ? null : unsign(cookie, secret);
  return token === null ? null : { token, via: 'cookie' };
}

/** A token as a program sends it, raw or signed; null when the signature is wrong. */
export function readBearer(given: string, secret: string): string | null {
  if (given.length > credentialMaxChars) return null;
  if (given.includes('.')) return unsign(given, secret);
  // Raw tokens are letters and digits; anything else cannot be in the table.
  return /^[A-Za-z0-9_-]+$/.test(given) ? given : null;
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
