import type { AppState } from '../store/model.ts';

export type ShownList = 'inbox' | 'offers' | 'requests';

/** The list that stands beside a conversation: the one its row is in. */
export function listOf(state: AppState, id: string): ShownList {
  const conversation = state.conversations.get(id);
  if (conversation?.folder === 'requests') return 'requests';
  return conversation?.section === 'offers' && state.folders.offers.order.length > 0
    ? 'offers'
    : 'inbox';
}
