import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import type { RequestAction } from '@aside/protocol';
import { useWords } from '../../words/words.ts';
import { nextIndex, useRoving } from '../inbox/roving.ts';
import { currentRoute, navigate, useRoute } from '../router.ts';
import { chordPending } from '../shortcuts.ts';
import { useAppStore, useStore } from '../store-context.ts';
import { BulkBar } from './bulk-bar.tsx';
import { QuietLine, quietRow } from './quiet-line.tsx';
import { RequestRow } from './request-row.tsx';
import { SelectLine } from './select-line.tsx';
import { useDecide } from './use-decide.ts';
import { useSelection } from './use-selection.ts';

const guessedHeight = 216;
const lineHeight = 52;
const loadAheadRows = 12;
const actionOfKey: Record<string, RequestAction> = {
  a: 'accept',
  d: 'decline',
  b: 'block',
  r: 'report',
};

/** Everything that waits for a decision, then one line that leads to what came quietly. Only the rows in sight exist. */
export default function RequestsList() {
  const { t } = useWords();
  const route = useRoute();
  const openId = route.name === 'conversation' ? route.id : null;
  const scroller = useRef<HTMLDivElement>(null);
  const shown = useRows(openId);
  const { rows, selectable } = shown;
  const selection = useSelection(selectable);
  const roving = useRoving(rows, openId);
  const virtualizer = useVirtualRows(scroller, rows, roving.index);
  useMore(virtualizer.range?.endIndex ?? 0, rows.length, shown.quietShown);
  useQuietInSight(rows, shown.quietOpened, virtualizer);
  useEffect(() => roving.settle(scroller.current));
  const decide = useDecideAndGoOn(rows, roving.moveTo, selection.clear);
  const list: List = { ...shown, openId, selection, roving, virtualizer, decide };
  return (
    <>
      <SelectLine count={selectable.length} selection={selection} />
      <div className="inbox-scroll" ref={scroller}>
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the keys are pressed on the rows inside */}
        <div
          className="inbox-rows"
          role="list"
          aria-label={t('requests.list')}
          style={{ height: virtualizer.getTotalSize() }}
          onKeyDown={(event) => onListKey(event, list)}
        >
          <Rows {...list} />
        </div>
      </div>
      {selection.ids.length === 0 ? null : (
        <BulkBar
          count={selection.ids.length}
          onDecide={(action) => decide(selection.ids, action)}
        />
      )}
    </>
  );
}

function Rows({ rows, quietShown, toggleQuiet, openId, ...list }: List) {
  const { selection, roving, virtualizer, decide } = list;
  return virtualizer.getVirtualItems().map((row) => {
    const id = rows[row.index] ?? '';
    const reached = row.index === roving.index;
    return (
      <div
        key={row.key}
        className="request-slot"
        role="listitem"
        aria-posinset={row.index + 1}
        aria-setsize={rows.length}
        data-index={row.index}
        ref={virtualizer.measureElement}
        style={{ transform: `translateY(${row.start}px)` }}
      >
        {id === quietRow ? (
          <QuietLine
            open={quietShown}
            alone={row.index === 0}
            reached={reached}
            onReach={roving.reach}
            onToggle={toggleQuiet}
          />
        ) : (
          <RequestRow
            id={id}
            open={id === openId}
            reached={reached}
            selected={selection.has(id)}
            onReach={roving.reach}
            onSelect={selection.toggle}
            onDecide={decide}
          />
        )}
      </div>
    );
  });
}

/** Arrows move, letters decide or select; what was typed into a menu or after `g` is not meant for a row. */
function onListKey(event: KeyboardEvent, list: List): void {
  const { rows, roving, selection, virtualizer, decide } = list;
  if (event.ctrlKey || event.metaKey || event.altKey || !isInside(event)) return;
  const next = nextIndex(event.key, roving.index, rows.length, 3);
  const id = rows[roving.index];
  const key = event.key.toLowerCase();
  const action = actionOfKey[key];
  if (next !== null) {
    roving.moveTo(next);
    virtualizer.scrollToIndex(next);
  } else if (id === undefined || !mayMean(list, id, action) || chordPending()) {
    return;
  } else if (key === 'x') {
    selection.toggle(id, event.shiftKey);
  } else if (action !== undefined && !event.shiftKey && !event.repeat) {
    decide([id], action);
  } else {
    return;
  }
  event.preventDefault();
}

/** Whoever was moved back is accepted again or declined, and no more. */
function mayMean({ rows, selectable }: List, id: string, action?: RequestAction): boolean {
  if (selectable.includes(id)) return true;
  return id !== quietRow && rows.includes(id) && (action === 'accept' || action === 'decline');
}

/** A menu stands elsewhere in the page, though its keys pass through here. */
function isInside(event: KeyboardEvent): boolean {
  return event.target instanceof Node && event.currentTarget.contains(event.target);
}

/** Ids in the order shown, with the line of the quiet ones between. */
function useRows(openId: string | null) {
  const store = useAppStore();
  const waiting = useStore((state) => state.folders.requests.order);
  const quiet = useStore((state) => state.folders.quiet);
  const quietCount = useStore((state) => state.requestCounts.quiet);
  const conversations = useStore((state) => state.conversations);
  const [opened, setOpened] = useState(false);
  const quietShown = opened || conversations.get(openId ?? '')?.quiet === true;
  const hasQuiet = quietCount > 0 || quiet.order.length > 0;
  const asked = quiet.status !== 'loading' || quiet.loadingMore;
  useEffect(() => {
    if (quietShown && !asked) void store.loadMoreInbox('quiet');
  }, [store, quietShown, asked]);
  const rows = useMemo(
    () => [...waiting, ...(hasQuiet ? [quietRow, ...(quietShown ? quiet.order : [])] : [])],
    [waiting, hasQuiet, quietShown, quiet.order],
  );
  const selectable = useMemo(
    () => rows.filter((id) => conversations.get(id)?.state === 'pending'),
    [rows, conversations],
  );
  return {
    rows,
    selectable,
    quietShown,
    quietOpened: opened,
    toggleQuiet: useCallback(() => setOpened(!quietShown), [quietShown]),
  };
}

function useVirtualRows(
  scroller: React.RefObject<HTMLDivElement | null>,
  rows: readonly string[],
  reached: number,
) {
  // oxlint-disable-next-line react/incompatible-library -- the page is built without the React compiler
  return useVirtualizer<HTMLDivElement, Element>({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (rows[index] === quietRow ? lineHeight : guessedHeight),
    getItemKey: (index) => rows[index] ?? index,
    overscan: 6,
    gap: 8,
    paddingStart: 4,
    paddingEnd: 12,
    scrollPaddingStart: 8,
    scrollPaddingEnd: 8,
    rangeExtractor: (range) => {
      const shown = defaultRangeExtractor(range);
      return shown.includes(reached) || reached >= rows.length
        ? shown
        : [...shown, reached].toSorted((a, b) => a - b);
    },
  });
}

/** What came quietly stands below the fold: opened, its line goes to the top, once there is something under it. */
function useQuietInSight(
  rows: readonly string[],
  opened: boolean,
  virtualizer: ReturnType<typeof useVirtualRows>,
): void {
  const at = rows.indexOf(quietRow);
  const any = opened && at >= 0 && at < rows.length - 1;
  const shownAt = useRef(at);
  useEffect(() => {
    shownAt.current = at;
  }, [at]);
  useEffect(() => {
    if (any) virtualizer.scrollToIndex(shownAt.current, { align: 'start' });
  }, [any, virtualizer]);
}

/** Asks for more of what is being scrolled through. */
function useMore(lastShown: number, count: number, quietShown: boolean): void {
  const store = useAppStore();
  const near = lastShown > count - loadAheadRows;
  const wants = (list: { nextCursor: string | null; loadingMore: boolean }) =>
    near && list.nextCursor !== null && !list.loadingMore;
  const waiting = useStore((state) => wants(state.folders.requests));
  const quiet = useStore((state) => quietShown && wants(state.folders.quiet));
  useEffect(() => {
    if (waiting) void store.loadMoreInbox('requests');
    else if (quiet) void store.loadMoreInbox('quiet');
  }, [store, waiting, quiet]);
}

/** Decides, and takes the focus to the row after; what was open and is gone gives its place back to the list. */
function useDecideAndGoOn(
  rows: readonly string[],
  moveTo: (index: number) => void,
  clear: () => void,
) {
  const decide = useDecide();
  return (ids: readonly string[], action: RequestAction) => {
    const leaving = new Set(ids);
    const last = Math.max(...ids.map((id) => rows.indexOf(id)));
    const after = rows.findIndex((id, at) => at > last && !leaving.has(id));
    const next = after >= 0 ? after : rows.findLastIndex((id) => !leaving.has(id));
    if (ids.length > 1) clear();
    if (next >= 0) moveTo(next);
    else document.querySelector<HTMLElement>('.tab[aria-current]')?.focus();
    const route = currentRoute();
    if (action !== 'accept' && route.name === 'conversation' && leaving.has(route.id))
      navigate({ name: 'requests' }, { replace: true });
    void decide(ids, action);
  };
}

interface List extends ReturnType<typeof useRows> {
  openId: string | null;
  selection: ReturnType<typeof useSelection>;
  roving: ReturnType<typeof useRoving>;
  virtualizer: ReturnType<typeof useVirtualRows>;
  decide: (ids: readonly string[], action: RequestAction) => void;
}
