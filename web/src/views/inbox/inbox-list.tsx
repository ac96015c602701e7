import { useEffect, useRef, type KeyboardEvent, type RefObject } from 'react';
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import type { InboxList as List } from '../../store/model.ts';
import { useWords } from '../../words/words.ts';
import { useRoute } from '../router.ts';
import { useAppStore } from '../store-context.ts';
import { InboxRow } from './inbox-row.tsx';
import { nextIndex, useRoving } from './roving.ts';

const rowHeight = 72;
const padding = 4;
const loadAheadRows = 40;
/** Where each folder was left, so that coming back from settings changes nothing. */
const leftAt = new Map<string, number>();

/** Any number of conversations, of which only those in sight exist; arrow keys move one focus through all of them. */
export function InboxList({ folder, list }: { folder: 'inbox' | 'offers'; list: List }) {
  const { t } = useWords();
  const route = useRoute();
  const openId = route.name === 'conversation' ? route.id : null;
  const scroller = useRef<HTMLDivElement>(null);
  const { order } = list;
  const roving = useRoving(order, openId);
  const virtualizer = useRows(scroller, folder, order, roving.index);
  const rows = virtualizer.getVirtualItems();
  useMore(folder, list, virtualizer.range?.endIndex ?? 0);
  useEffect(() => roving.settle(scroller.current));

  function onKeyDown(event: KeyboardEvent) {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1);
    const next = nextIndex(event.key, roving.index, order.length, page);
    if (next === null || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    roving.moveTo(next);
    virtualizer.scrollToIndex(next);
  }

  return (
    <div
      className="inbox-scroll"
      ref={scroller}
      onScroll={(event) => leftAt.set(folder, event.currentTarget.scrollTop)}
    >
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the keys are pressed on the rows inside */}
      <div
        className="inbox-rows"
        role="list"
        aria-label={t(folder === 'offers' ? 'purpose.promotional' : 'inbox.list')}
        style={{ height: virtualizer.getTotalSize() }}
        onKeyDown={onKeyDown}
      >
        {rows.map((row) => (
          <div
            key={row.key}
            className="row-slot"
            role="listitem"
            aria-posinset={row.index + 1}
            aria-setsize={list.nextCursor === null ? order.length : -1}
            style={{ transform: `translateY(${row.start}px)` }}
          >
            <InboxRow
              id={order[row.index] ?? ''}
              open={order[row.index] === openId}
              reached={row.index === roving.index}
              onReach={roving.reach}
            />
          </div>
        ))}
      </div>
    </div>
  );
}

function useRows(
  scroller: RefObject<HTMLDivElement | null>,
  folder: string,
  order: readonly string[],
  reached: number,
) {
  // oxlint-disable-next-line react/incompatible-library -- the page is built without the React compiler
  return useVirtualizer({
    count: order.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => order[index] ?? index,
    overscan: 8,
    paddingStart: padding,
    paddingEnd: 12,
    scrollPaddingStart: padding,
    scrollPaddingEnd: padding,
    initialOffset: () => leftAt.get(folder) ?? 0,
    rangeExtractor: (range) => withIndex(defaultRangeExtractor(range), reached),
  });
}

/** Asks for the next page well before its rows come into sight. */
function useMore(folder: 'inbox' | 'offers', list: List, lastShown: number): void {
  const store = useAppStore();
  const wanted =
    lastShown > list.order.length - loadAheadRows && list.nextCursor !== null && !list.loadingMore;
  useEffect(() => {
    if (wanted) void store.loadMoreInbox(folder);
  }, [store, folder, wanted]);
}

/** The row with the focus stays, however far the list is scrolled; else the focus would be lost. */
function withIndex(range: number[], index: number): number[] {
  return range.includes(index) ? range : [...range, index].toSorted((a, b) => a - b);
}
