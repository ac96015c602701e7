import type { Conversation, Folder } from '@aside/protocol';
import type { Draft, Place, Reached } from './known.ts';

// The order of a folder's list, kept by binary insertion: one changed row costs a search, not a sort.

/** Negative when `left` stands above `right`. */
export function comparePlaces(left: Place, right: Place): number {
  if (left.lastActivityAt !== right.lastActivityAt) {
    return left.lastActivityAt > right.lastActivityAt ? -1 : 1;
  }
  if (left.id === right.id) return 0;
  if (left.id.length !== right.id.length) return left.id.length > right.id.length ? -1 : 1;
  return left.id > right.id ? -1 : 1;
}

export function isWithin(reached: Reached, place: Place): boolean {
  if (reached === 'everything') return true;
  return reached !== 'nothing' && comparePlaces(place, reached) <= 0;
}

/** Moves a row to where it now belongs. Call before the draft's own row changes: the old place is looked up by it. */
export function placeRow(
  draft: Draft,
  before: Conversation | undefined,
  after: Conversation,
): void {
  const isShown = isWithin(draft.known.reached[after.folder], after);
  if (before !== undefined) {
    const stays = before.folder === after.folder && comparePlaces(before, after) === 0 && isShown;
    const found = indexOf(draft, before.folder, before);
    if (stays && found.isThere) return;
    if (found.isThere) draft.orderToWrite(before.folder).splice(found.index, 1);
  }
  if (!isShown) return;
  const { index } = indexOf(draft, after.folder, after);
  draft.orderToWrite(after.folder).splice(index, 0, after.id);
}

export function takeOutRow(draft: Draft, row: Conversation): void {
  const found = indexOf(draft, row.folder, row);
  if (found.isThere) draft.orderToWrite(row.folder).splice(found.index, 1);
}

/** After a page: every known row that the pages now reach, in order. */
export function rebuildOrder(draft: Draft, folder: Folder): void {
  const reached = draft.known.reached[folder];
  const rows: Conversation[] = [];
  for (const row of draft.rows())
    if (row.folder === folder && isWithin(reached, row)) rows.push(row);
  rows.sort(comparePlaces);
  draft.setOrder(
    folder,
    rows.map((row) => row.id),
  );
}

function indexOf(draft: Draft, folder: Folder, place: Place): { index: number; isThere: boolean } {
  const order = draft.order(folder);
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const id = order[middle] ?? '';
    const row = draft.row(id);
    if (row !== undefined && comparePlaces(row, place) < 0) low = middle + 1;
    else high = middle;
  }
  return { index: low, isThere: order[low] === place.id };
}
