import type { KeyId, SessionId } from '../base/ids.ts';

/**
 * Which of one person's sessions ended. `allBut` also means those that nobody finds in a table any more, but no API
 * keys: signing out everywhere else is about devices. `all` means keys too.
 */
export type EndedSessions = readonly SessionId[] | 'all' | { readonly allBut: SessionId };

export function hasEnded(ended: EndedSessions, id: SessionId): boolean {
  if (ended === 'all') return true;
  if ('allBut' in ended) return id !== ended.allBut && !id.startsWith(keyPrefix);
  return ended.includes(id);
}

const keyPrefix = 'key:';

/** Stands for a key wherever sessions are told apart; no session has such an id. */
export function keySessionId(id: KeyId): SessionId {
  return `${keyPrefix}${id}` as SessionId;
}

/** The key that this stands for, or null for a session. */
export function keyIdOf(id: SessionId): KeyId | null {
  return id.startsWith(keyPrefix) ? (id.slice(keyPrefix.length) as KeyId) : null;
}
