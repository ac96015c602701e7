import { useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import type { Entry } from './entries.ts';
import { Bubble } from './bubble.tsx';
import { JumpToNewest } from './jump-to-newest.tsx';
import { moveBetweenMessages } from './message-keys.ts';
import { useReadProgress } from './use-read-progress.ts';
import { useIntroRoom } from './use-intro-room.ts';
import { useTimelineScroll, type TimelineScroll } from './use-timeline-scroll.ts';

const loadAheadRows = 20;

/** The messages, of which only those in sight exist. */
export function TimelineView(props: TimelineViewProps) {
  const { entries, hasBefore, hasAfter, loadingBefore, onNeedBefore, onNewest, onRead } = props;
  const { room, measure } = useIntroRoom();
  const scroll = useTimelineScroll(entries, room);
  const { scroller, virtualizer, settled, atEnd, look } = scroll;
  const firstShown = virtualizer.range?.startIndex ?? 0;
  const lastShown = virtualizer.range?.endIndex ?? -1;
  const wantsOlder = settled && hasBefore && !loadingBefore && firstShown < loadAheadRows;
  useEffect(() => {
    if (wantsOlder) onNeedBefore();
  }, [wantsOlder, onNeedBefore]);
  useReadProgress(settled ? seqAt(entries, atEnd ? entries.length - 1 : lastShown) : 0, onRead);
  return (
    <div className="timeline-frame">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the arrow keys move between the messages inside */}
      <div
        className="timeline"
        ref={scroller}
        role="log"
        aria-live="off"
        aria-label={props.label}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
        tabIndex={0}
        onScroll={look}
        onKeyDown={moveBetweenMessages}
      >
        <div className="timeline-fill">
          <div className="timeline-sheet" style={{ height: virtualizer.getTotalSize() }}>
            <div className="timeline-top" style={{ height: room }}>
              <div ref={measure}>{hasBefore ? <OlderComing /> : props.intro}</div>
            </div>
            <Rows {...props} scroll={scroll} />
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

function Rows({
  entries,
  grouped,
  nameOf,
  inert = false,
  scroll,
}: TimelineViewProps & { scroll: TimelineScroll }) {
  const { virtualizer, settled } = scroll;
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const unfold = useCallback((key: string) => setUnfolded((now) => toggled(now, key)), []);
  const newestOwn = useMemo(
    () => entries.findLast((entry) => entry.own && entry.message !== null)?.key,
    [entries],
  );
  return virtualizer.getVirtualItems().map((row) => {
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
          author={nameOf(entry.senderId)}
          grouped={grouped}
          newestOwn={key === newestOwn}
          inert={inert && !entry.own && entry.message?.purpose === 'personal'}
          rises={entry.pending !== null && settled}
          unfolded={unfolded.has(key)}
          onUnfold={unfold}
        />
      </div>
    );
  });
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

/** The newest seq at or above a row; what is still on its way has none. */
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

interface TimelineViewProps {
  entries: readonly Entry[];
  label: string;
  hasBefore: boolean;
  hasAfter: boolean;
  loadingBefore: boolean;
  headSeq: number;
  readSeq: number;
  grouped: boolean;
  /** A request: links of the other open nothing. */
  inert?: boolean;
  intro: ReactNode;
  nameOf: (personId: string) => string;
  onNeedBefore: () => void;
  onNewest: () => void;
  onRead: (seq: number) => void;
}
