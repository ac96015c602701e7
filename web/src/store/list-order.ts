import type { Conversation } from '@aside/protocol';
import type { Draft, Spot, Reached } from './known.ts';
import { listOf, listsOf, sourceOf, type Source } from './lists.ts';
import type { ListName } from './model.ts';

// The order of a list, kept by binary insertion: one changed row costs a search, not a sort.

/** Negative when `left` stands above `right`. */
export function comparePlaces(left: Spot, right: Spot): number {
  if (left.lastActivityAt !== right.lastActivityAt) {
    return left.lastActivityAt > right.lastActivityAt ? -1 : 1;
  }
  if (left.id === right.id) return 0;
  if (left.id.length !== right.id.length) return left.id.length > right.id.length ? -1 : 1;
  return left.id > right.id ? -1 : 1;
}

export function isWithin(reached: Reached, place: Spot): boolean {
  if (reached === 'everything') return true;
  return reached !== 'nothing' && comparePlaces(place, reached) <= 0;
}

/** Whether the pages loaded so far reach down to this place of a list. */
export function isReached(draft: Draft, list: ListName | null, place: Spot): list is ListName {
  return list !== null && isWithin(draft.known.reached[sourceOf(list)], place);
}

/** Moves a row to where it now belongs. Call before the draft's own row changes: the old place is looked up by it. */
export function placeRow(
  draft: Draft,
  before: Conversation | undefined,
  after: Conversation,
): void {
  const list = listOf(after);
  const isShown = isReached(draft, list, after);
  const oldList = before === undefined ? null : listOf(before);
  if (before !== undefined && oldList !== null) {
    const stays = oldList === list && comparePlaces(before, after) === 0 && isShown;
    const found = indexOf(draft, oldList, before);
    if (stays && found.isThere) return;
    if (found.isThere) draft.orderToWrite(oldList).splice(found.index, 1);
  }
  if (!isShown) return;
  const { index } = indexOf(draft, list, after);
  draft.orderToWrite(list).splice(index, 0, after.id);
}

export function takeOutRow(draft: Draft, row: Conversation): void {
  const list = listOf(row);
  if (list === null) return;
  const found = indexOf(draft, list, row);
  if (found.isThere) draft.orderToWrite(list).splice(found.index, 1);
}

/** After a page: every known row that the pages now reach, in order. */
export function rebuildOrder(draft: Draft, source: Source): void {
  const reached = draft.known.reached[source];
  for (const list of listsOf(source)) {
    const rows: Conversation[] = [];
    for (const row of draft.rows())
      if (listOf(row) === list && isWithin(reached, row)) rows.push(row);
    rows.sort(comparePlaces);
    draft.setOrder(
      list,
      rows.map((row) => row.id),
    );
  }
}

function indexOf(draft: Draft, list: ListName, place: Spot): { index: number; isThere: boolean } {
  const order = draft.order(list);
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
