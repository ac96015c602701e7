import type { Conversation } from '@aside/protocol';
import type { PersonId } from '../base/ids.ts';
import type { Families } from '../storage/families.ts';
import { findPositions, listInboxChanges } from '../storage/inbox.ts';
import { showConversations } from './show-conversations.ts';

const rowsAtOnce = 200;

export interface CatchUpPage {
  rows: Conversation[];
  /** Everything up to here is in this page or an earlier one. */
  pos: number;
  more: boolean;
}

/** What changed in a person's inbox after `pos`, oldest change first, at most 200 rows. */
export async function catchUp(
  families: Families,
  viewerId: PersonId,
  afterPos: number,
): Promise<CatchUpPage> {
  const changed = await listInboxChanges(families.person, viewerId, afterPos, rowsAtOnce + 1);
  const page = changed.slice(0, rowsAtOnce);
  return {
    rows: await showConversations(families, viewerId, page),
    pos: page.at(-1)?.pos ?? afterPos,
    more: changed.length > rowsAtOnce,
  };
}

/** The person's newest position. */
export async function positionOf(families: Families, viewerId: PersonId): Promise<number> {
  const positions = await findPositions(families.person, [viewerId]);
  return positions.get(viewerId) ?? 0;
}
