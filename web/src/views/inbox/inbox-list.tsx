import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual';
import type { InboxList as List } from '../../store/model.ts';
import { useWords } from '../../words/words.ts';
import { useRoute } from '../router.ts';
import { useAppStore } from '../store-context.ts';
import { InboxRow } from './inbox-row.tsx';

const rowHeight = 72;
const loadAheadRows = 40;
/** Where each folder was left, so that coming back from settings changes nothing. */
const leftAt = new Map<string, number>();

/** Any number of conversations, of which only those in sight exist; arrow keys move one focus through all of them. */
export function InboxList({ folder, list }: { folder: 'inbox' | 'requests'; list: List }) {
  const { t } = useWords();
  const store = useAppStore();
  const route = useRoute();
  const openId = route.name === 'conversation' ? route.id : null;
  const scroller = useRef<HTMLDivElement>(null);
  const { order } = list;
  const roving = useRoving(order, openId);
  const virtualizer = useVirtualizer({
    count: order.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => order[index] ?? index,
    overscan: 8,
    paddingStart: 4,
    paddingEnd: 12,
    initialOffset: () => leftAt.get(folder) ?? 0,
    rangeExtractor: (range: Range) => withIndex(defaultRangeExtractor(range), roving.index),
  });
  const rows = virtualizer.getVirtualItems();
  const lastShown = rows.at(-1)?.index ?? 0;
  useEffect(() => {
    const near = lastShown > order.length - loadAheadRows;
    if (near && list.nextCursor !== null && !list.loadingMore) void store.loadMoreInbox(folder);
  }, [store, folder, lastShown, order.length, list.nextCursor, list.loadingMore]);
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
      <div
        className="inbox-rows"
        role="list"
        aria-label={t('inbox.list')}
        style={{ height: virtualizer.getTotalSize() }}
        onKeyDown={onKeyDown}
      >
        {rows.map((row) => {
          const id = order[row.index];
          return id === undefined ? null : (
            <div
              key={row.key}
              className="row-slot"
              role="listitem"
              aria-posinset={row.index + 1}
              aria-setsize={list.nextCursor === null ? order.length : -1}
              style={{ transform: `translateY(${row.start}px)` }}
            >
              <InboxRow
                id={id}
                open={id === openId}
                reached={row.index === roving.index}
                onReach={roving.reach}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** One row of the list is in the tab order: the one last reached, else the open one, else the first. */
function useRoving(order: readonly string[], openId: string | null) {
  const [reachedId, setReachedId] = useState<string | null>(null);
  const wanted = useRef<string | null>(null);
  const index = Math.max(0, order.indexOf(reachedId ?? openId ?? ''));
  return {
    index,
    reach: setReachedId,
    moveTo(next: number) {
      wanted.current = order[next] ?? null;
      setReachedId(wanted.current);
    },
    settle(list: HTMLElement | null) {
      if (wanted.current === null) return;
      const row = list?.querySelector<HTMLElement>(`[data-row="${wanted.current}"]`);
      if (row === null || row === undefined) return;
      wanted.current = null;
      row.focus({ preventScroll: true });
    },
  };
}

function nextIndex(key: string, from: number, count: number, page: number): number | null {
  const steps: Record<string, number> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: page,
    PageUp: -page,
  };
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  const step = steps[key];
  return step === undefined ? null : Math.min(count - 1, Math.max(0, from + step));
}

/** The row with the focus stays, however far the list is scrolled; else the focus would be lost. */
function withIndex(range: number[], index: number): number[] {
  return range.includes(index) ? range : [...range, index].toSorted((a, b) => a - b);
}
