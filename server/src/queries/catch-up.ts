import type { Conversation } from '@aside/protocol';
import type { PersonId } from '../base/ids.ts';
import { findPositions, listInboxChanges } from '../storage/inbox.ts';
import type { Reader } from './reader.ts';
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
  reader: Reader,
  viewerId: PersonId,
  afterPos: number,
): Promise<CatchUpPage> {
  const changed = await listInboxChanges(
    reader.families.person,
    viewerId,
    afterPos,
    rowsAtOnce + 1,
  );
  const page = changed.slice(0, rowsAtOnce);
  return {
    rows: await showConversations(reader, viewerId, page),
    pos: page.at(-1)?.pos ?? afterPos,
    more: changed.length > rowsAtOnce,
  };
}

/** The person's newest position. */
export async function positionOf(
  { families }: Pick<Reader, 'families'>,
  viewerId: PersonId,
): Promise<number> {
  const positions = await findPositions(families.person, [viewerId]);
  return positions.get(viewerId) ?? 0;
}
