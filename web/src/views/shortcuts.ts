import { useEffect, useEffectEvent } from 'react';
import type { AppStore } from '../store/model.ts';
import { listOf } from './list-of.ts';
import { currentRoute, goBack, navigate, type Route } from './router.ts';
import { useAppStore } from './store-context.ts';

// Keys that work anywhere on the page. Letters only outside of text fields and dialogs.

const chordMs = 1_200;
const places: Record<string, Route> = {
  i: { name: 'inbox' },
  r: { name: 'requests' },
  s: { name: 'settings', section: null },
};
/** Until when a letter after `g` names a place. */
let chordUntil = 0;

/** Whether the next letter belongs to `g`, and to nothing that listens for it on a row. */
export function chordPending(): boolean {
  return performance.now() < chordUntil;
}

export function useShortcuts(showKeys: () => void): void {
  const show = useEffectEvent(showKeys);
  const store = useAppStore();
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.defaultPrevented || event.isComposing || floatingOpen()) return;
      const key = event.key.toLowerCase();
      if ((event.metaKey || event.ctrlKey) && key === 'k')
        return act(event, () => navigate({ name: 'new' }));
      if (event.metaKey || event.ctrlKey || event.altKey) return;
      if (event.key === 'Escape') return stepBack(event, store);
      if (isTyping(event.target)) return;
      const place = places[key];
      if (event.timeStamp < chordUntil && place !== undefined) {
        chordUntil = 0;
        return act(event, () => navigate(place));
      }
      chordUntil = key === 'g' ? event.timeStamp + chordMs : 0;
      if (key === 'n') act(event, () => navigate({ name: 'new' }));
      if (event.key === '?') act(event, () => show());
    }
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [store]);
}

function stepBack(event: KeyboardEvent, store: AppStore): void {
  const route = currentRoute();
  if (route.name === 'conversation' && route.about) {
    return act(event, () => goBack({ ...route, about: false }));
  }
  if (route.name === 'settings' && route.section !== null) {
    return act(event, () => goBack({ name: 'settings', section: null }));
  }
  if (route.name === 'inbox') return;
  act(event, () => {
    navigate({
      name: route.name === 'conversation' ? listOf(store.getState(), route.id) : 'inbox',
    });
    requestAnimationFrame(() => focusList(route));
  });
}

/** From a conversation back to its row, so that the arrow keys go on from there. */
function focusList(from: Route): void {
  const row =
    from.name === 'conversation'
      ? document.querySelector<HTMLElement>(`[data-row="${from.id}"]`)
      : null;
  (row ?? document.querySelector<HTMLElement>('[data-row][tabindex="0"]'))?.focus();
}

function act(event: KeyboardEvent, what: () => void): void {
  event.preventDefault();
  what();
}

function floatingOpen(): boolean {
  return document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]') !== null;
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input, textarea, select, [contenteditable]') !== null
  );
}
