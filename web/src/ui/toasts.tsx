import { useEffect, useState, useSyncExternalStore } from 'react';
import { useWords } from '../words/words.ts';
import { IconButton } from './button.tsx';
import { Check, CircleAlert, X } from './icons.ts';

// Short notices at the edge of the page: what failed, or that something invisible was done.

interface Toast {
  id: number;
  tone: 'failure' | 'done';
  text: string;
}

const shownMax = 3;
const staysMs = 7_000;
const listeners = new Set<() => void>();
let toasts: readonly Toast[] = [];
let nextId = 1;

export function toastFailure(text: string): void {
  add('failure', text);
}

export function toastDone(text: string): void {
  add('done', text);
}

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((toast) => (
        <ToastCard key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function ToastCard({ toast }: { toast: Toast }) {
  const { t } = useWords();
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => remove(toast.id), staysMs);
    return () => clearTimeout(timer);
  }, [held, toast.id]);
  const Sign = toast.tone === 'failure' ? CircleAlert : Check;
  return (
    <div
      className="toast"
      data-tone={toast.tone}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Sign aria-hidden="true" />
      <p>{toast.text}</p>
      <IconButton icon={X} label={t('do.dismiss')} onClick={() => remove(toast.id)} />
    </div>
  );
}

function add(tone: Toast['tone'], text: string): void {
  publish(
    [...toasts.filter((toast) => toast.text !== text), { id: nextId++, tone, text }].slice(
      -shownMax,
    ),
  );
}

function remove(id: number): void {
  publish(toasts.filter((toast) => toast.id !== id));
}

function publish(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
