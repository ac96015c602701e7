import type { KeyboardEvent } from 'react';

/** Up and down go from message to message once one has the focus; until then Up takes the newest in sight. */
export function moveBetweenMessages(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
  const top = (element: HTMLElement) => element.getBoundingClientRect().top;
  const messages = [...event.currentTarget.querySelectorAll<HTMLElement>('.message')].toSorted(
    (a, b) => top(a) - top(b),
  );
  const at = messages.findIndex((message) => message === document.activeElement);
  if (at < 0 && event.key === 'ArrowDown') return;
  const next = at < 0 ? messages.at(-1) : messages[at + (event.key === 'ArrowUp' ? -1 : 1)];
  if (next === undefined) return;
  event.preventDefault();
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: 'nearest' });
}
