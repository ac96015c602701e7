import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
} from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import type { Entry } from './entries.ts';
import { Bubble } from './bubble.tsx';
import { JumpToNewest } from './jump-to-newest.tsx';
import { useReadProgress } from './use-read-progress.ts';

const loadAheadRows = 20;
const nearEndPx = 60;
/** Room above the first message for its introduction or for the sign that older ones are coming. */
const topRoom = 208;

/** The messages, of which only those in sight exist. The newest end is the anchor: what is read stays where it is while older or newer messages arrive. */
export function TimelineView(props: TimelineViewProps) {
  const { entries, label, hasBefore, hasAfter, loadingBefore, onNeedBefore, onNewest, onRead } =
    props;
  const scroller = useRef<HTMLDivElement>(null);
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const virtualizer = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => estimate(entries[index]),
    getItemKey: (index) => entries[index]?.key ?? index,
    overscan: 12,
    paddingStart: topRoom,
    paddingEnd: 12,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: nearEndPx,
  });
  const settled = useStart(virtualizer, entries);
  const atEnd = useEnd(scroller, virtualizer, entries);
  const rows = virtualizer.getVirtualItems();
  const firstShown = rows[0]?.index ?? 0;
  const lastShown = virtualizer.range?.endIndex ?? -1;
  useEffect(() => {
    if (settled && hasBefore && !loadingBefore && firstShown < loadAheadRows) onNeedBefore();
  }, [settled, hasBefore, loadingBefore, firstShown, onNeedBefore]);
  useReadProgress(settled ? seqAt(entries, atEnd ? entries.length - 1 : lastShown) : 0, onRead);
  const unfold = useCallback((key: string) => setUnfolded((now) => toggled(now, key)), []);
  const newestOwn = useMemo(
    () => entries.findLast((entry) => entry.own && entry.message !== null)?.key,
    [entries],
  );

  return (
    <div className="timeline-frame">
      <div
        className="timeline"
        ref={scroller}
        role="log"
        aria-live="off"
        aria-label={label}
        tabIndex={0}
        onKeyDown={moveByKey}
      >
        <div className="timeline-fill">
          <div className="timeline-sheet" style={{ height: virtualizer.getTotalSize() }}>
            <div className="timeline-top" style={{ height: topRoom }}>
              {hasBefore ? <OlderComing /> : props.intro}
            </div>
            {rows.map((row) => {
              const entry = entries[row.index];
              if (entry === undefined) return null;
              const { key, ...rest } = entry;
              return (
                <div
                  key={key}
                  className="timeline-slot"
                  data-index={row.index}
                  ref={virtualizer.measureElement}
                  style={{ transform: `translateY(${row.start}px)` }}
                >
                  <Bubble
                    {...rest}
                    entryKey={key}
                    author={props.nameOf(entry.senderId)}
                    grouped={props.grouped}
                    newestOwn={key === newestOwn}
                    rises={entry.pending !== null && settled}
                    unfolded={unfolded.has(key)}
                    onUnfold={unfold}
                  />
                </div>
              );
            })}
          </div>
        </div>
      </div>
      <JumpToNewest
        shown={settled && (!atEnd || hasAfter)}
        newCount={Math.max(0, props.headSeq - Math.max(props.readSeq, seqAt(entries, lastShown)))}
        onJump={() => {
          if (hasAfter) onNewest();
          virtualizer.scrollToEnd();
        }}
      />
    </div>
  );
}

/** Begins at the unread line where there is one, else at the newest message. */
function useStart(virtualizer: Scroller, entries: readonly Entry[]): boolean {
  const [settled, setSettled] = useState(false);
  const started = useRef(false);
  const any = entries.length > 0;
  useLayoutEffect(() => {
    if (!any || started.current) return;
    started.current = true;
    const unreadAt = entries.findIndex((entry) => entry.startsUnread);
    if (unreadAt > 0) virtualizer.scrollToIndex(unreadAt, { align: 'start' });
    else virtualizer.scrollToEnd();
    // Older messages are asked for only once the start position holds.
    const timer = setTimeout(() => setSettled(true), 120);
    return () => clearTimeout(timer);
  }, [any, entries, virtualizer]);
  return settled || started.current;
}

/** Whether the newest message is in sight; stays there when the composer grows, and goes there for what I write myself. */
function useEnd(
  scroller: React.RefObject<HTMLDivElement | null>,
  virtualizer: Scroller,
  entries: readonly Entry[],
): boolean {
  const [atEnd, setAtEnd] = useState(true);
  const end = useRef(true);
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const look = () => {
      end.current = element.scrollHeight - element.scrollTop - element.clientHeight < nearEndPx;
      setAtEnd(end.current);
    };
    element.addEventListener('scroll', look, { passive: true });
    const resized = new ResizeObserver(() => {
      if (end.current) virtualizer.scrollToEnd();
    });
    resized.observe(element);
    return () => {
      element.removeEventListener('scroll', look);
      resized.disconnect();
    };
  }, [scroller, virtualizer]);
  const newest = entries.at(-1);
  const justWritten = newest?.pending === null || newest === undefined ? null : newest.key;
  useLayoutEffect(() => {
    if (justWritten !== null) virtualizer.scrollToEnd();
  }, [justWritten, virtualizer]);
  return atEnd;
}

function OlderComing() {
  return (
    <div className="older" aria-hidden="true">
      <span className="bone bone-bubble" />
      <span className="bone bone-bubble" data-own="" />
      <span className="bone bone-bubble" />
    </div>
  );
}

/** Up and down go from message to message once one has the focus; else the keys scroll. */
function moveByKey(event: KeyboardEvent<HTMLDivElement>): void {
  if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
  const messages = [...event.currentTarget.querySelectorAll<HTMLElement>('.message')].toSorted(
    (a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top,
  );
  const at = messages.indexOf(document.activeElement as HTMLElement);
  if (at < 0 && event.key === 'ArrowDown') return;
  const next = at < 0 ? messages.at(-1) : messages[at + (event.key === 'ArrowUp' ? -1 : 1)];
  if (next === undefined) return;
  event.preventDefault();
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: 'nearest' });
}

/** A first guess at the height, near enough that measuring moves little. */
function estimate(entry: Entry | undefined): number {
  if (entry === undefined) return 44;
  const lines = Math.min(
    24,
    Math.ceil(entry.text.length / 52) + entry.text.split('\n', 24).length - 1,
  );
  return (
    18 +
    lines * 22 +
    (entry.first ? 10 : 2) +
    (entry.startsDay ? 56 : 0) +
    (entry.startsUnread ? 44 : 0)
  );
}

function seqAt(entries: readonly Entry[], index: number): number {
  for (let at = Math.min(index, entries.length - 1); at >= 0; at -= 1) {
    const seq = entries[at]?.message?.seq;
    if (seq !== undefined) return seq;
  }
  return 0;
}

function toggled(set: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(key)) next.add(key);
  return next;
}

type Scroller = ReturnType<typeof useVirtualizer<HTMLDivElement, Element>>;

interface TimelineViewProps {
  entries: readonly Entry[];
  label: string;
  hasBefore: boolean;
  hasAfter: boolean;
  loadingBefore: boolean;
  headSeq: number;
  readSeq: number;
  grouped: boolean;
  intro: ReactNode;
  nameOf: (personId: string) => string;
  onNeedBefore: () => void;
  onNewest: () => void;
  onRead: (seq: number) => void;
}
