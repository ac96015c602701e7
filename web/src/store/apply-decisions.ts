import type { Conversation } from '@aside/protocol';
import type { Decision } from './known.ts';

// Requests that are being decided here: what the page shows until the server has answered.

type Action = Decision['action'];

/** Whether the server, as far as it has spoken, has not carried this out yet. */
export function isUndecided(truth: Conversation, action: Action): boolean {
  return action === 'unaccept' ? truth.folder !== 'requests' : truth.folder === 'requests';
}

/** The row as it will look; one that leaves is kept aside, in no list, in case it comes back. */
export function decided(truth: Conversation, action: Action): Conversation {
  if (action === 'unaccept') return { ...truth, folder: 'requests', state: 'none' };
  if (action === 'accept') return { ...truth, folder: 'inbox', state: 'accepted' };
  return { ...truth, folder: 'closed' };
}
