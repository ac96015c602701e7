import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import type { Entry } from './entries.ts';

// Where the message list stands: at the newest message until the person scrolls away, and then exactly where
// they left it, whatever arrives above or below.

const nearEndPx = 60;
const settleMs = 120;
export type TimelineScroll = ReturnType<typeof useTimelineScroll>;
type Scroller = ReturnType<typeof useVirtualizer<HTMLDivElement, Element>>;

export function useTimelineScroll(entries: readonly Entry[], topRoom: number) {
  const scroller = useRef<HTMLDivElement>(null);
  // oxlint-disable-next-line react/incompatible-library -- the page is built without the React compiler
  const virtualizer = useVirtualizer<HTMLDivElement, Element>({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => estimateHeight(entries[index]),
    getItemKey: (index) => entries[index]?.key ?? index,
    overscan: 12,
    paddingStart: topRoom,
    paddingEnd: 12,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: nearEndPx,
  });
  const settled = useStart(virtualizer, entries);
  const { atEnd, look } = useEnd(scroller, virtualizer);
  useFollowOwn(virtualizer, entries);
  return { scroller, virtualizer, settled, atEnd, look };
}

/** Begins at the unread line where there is one, else at the newest message. */
function useStart(virtualizer: Scroller, entries: readonly Entry[]): boolean {
  const [settled, setSettled] = useState(false);
  const started = useRef(false);
  useLayoutEffect(() => {
    if (started.current || entries.length === 0) return;
    started.current = true;
    const unreadAt = entries.findIndex((entry) => entry.startsUnread);
    if (unreadAt > 0) virtualizer.scrollToIndex(unreadAt, { align: 'start' });
    else virtualizer.scrollToEnd();
  }, [entries, virtualizer]);
  const any = entries.length > 0;
  useEffect(() => {
    if (!any) return;
    // Older messages are asked for only once the start position holds.
    const timer = setTimeout(() => setSettled(true), settleMs);
    return () => clearTimeout(timer);
  }, [any]);
  return settled;
}

/** Whether the newest message is in sight; it stays there when the composer grows. */
function useEnd(scroller: React.RefObject<HTMLDivElement | null>, virtualizer: Scroller) {
  const [atEnd, setAtEnd] = useState(true);
  const end = useRef(true);
  const look = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    end.current = element.scrollHeight - element.scrollTop - element.clientHeight < nearEndPx;
    setAtEnd(end.current);
  }, [scroller]);
  useEffect(() => {
    if (scroller.current === null) return;
    const resized = new ResizeObserver(() => {
      if (end.current) virtualizer.scrollToEnd();
    });
    resized.observe(scroller.current);
    return () => resized.disconnect();
  }, [scroller, virtualizer]);
  return { atEnd, look };
}

/** What I write myself is shown, wherever I was reading. */
function useFollowOwn(virtualizer: Scroller, entries: readonly Entry[]): void {
  const newest = entries.at(-1);
  const justWritten = newest === undefined || newest.pending === null ? null : newest.key;
  useLayoutEffect(() => {
    if (justWritten !== null) virtualizer.scrollToEnd();
  }, [justWritten, virtualizer]);
}

/** A first guess at the height, near enough that measuring moves little. */
function estimateHeight(entry: Entry | undefined): number {
  if (entry === undefined) return 44;
  const breaks = entry.text.split('\n', 24).length - 1;
  const lines = Math.min(24, Math.ceil(entry.text.length / 52) + breaks);
  const above = (entry.startsDay ? 56 : 0) + (entry.startsUnread ? 44 : 0);
  return above + (entry.first ? 10 : 2) + 16 + lines * 22;
}
