import type { SessionId } from '../base/ids.ts';

/** Which of one person's sessions ended. `allBut` also means those that nobody finds in a table any more. */
export type EndedSessions = readonly SessionId[] | 'all' | { readonly allBut: SessionId };

export function hasEnded(ended: EndedSessions, id: SessionId): boolean {
  if (ended === 'all') return true;
  return 'allBut' in ended ? id !== ended.allBut : ended.includes(id);
}
