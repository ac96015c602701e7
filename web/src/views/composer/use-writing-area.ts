import { useEffect, useLayoutEffect, useRef } from 'react';

const growsByItself = typeof CSS !== 'undefined' && CSS.supports('field-sizing', 'content');

/** The text field of the composer: as high as its text, and ready to be written in where there is a keyboard at hand. */
export function useWritingArea(closed: boolean) {
  const area = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    if (!growsByItself && area.current !== null) fit(area.current);
  });
  useEffect(() => {
    // On glass the keyboard would only cover the messages that were just opened.
    if (!closed && matchMedia('(pointer: fine)').matches)
      area.current?.focus({ preventScroll: true });
  }, [closed]);
  return area;
}

/** The text with `insert` in place of the selection; leaves the caret behind it. */
export function insertAtCaret(
  area: HTMLTextAreaElement | null,
  text: string,
  insert: string,
): string {
  if (area === null) return text + insert;
  const start = area.selectionStart;
  const caret = start + insert.length;
  requestAnimationFrame(() => {
    area.focus();
    area.setSelectionRange(caret, caret);
  });
  return text.slice(0, start) + insert + text.slice(area.selectionEnd);
}

function fit(area: HTMLTextAreaElement): void {
  area.style.height = 'auto';
  area.style.height = `${area.scrollHeight}px`;
}
