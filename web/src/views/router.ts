import { useSyncExternalStore } from 'react';

// The address bar as a value. Every view has an address, so that Back works, most of all on a phone.

export type SettingsSection =
  | 'profile'
  | 'reach'
  | 'consent'
  | 'ledger'
  | 'blocked'
  | 'sessions'
  | 'password'
  | 'second-factor'
  | 'api-keys'
  | 'appearance'
  | 'keys'
  | 'account';

export type Route =
  | { name: 'inbox' | 'offers' | 'requests' | 'new' | 'sign-in' | 'sign-up' | 'forgot' | 'missing' }
  | { name: 'conversation'; id: string; about: boolean }
  | { name: 'draft' | 'person'; username: string }
  | { name: 'settings'; section: SettingsSection | null }
  | { name: 'reset'; token: string };

const settingsSections: readonly SettingsSection[] = [
  'profile',
  'reach',
  'consent',
  'ledger',
  'blocked',
  'sessions',
  'password',
  'second-factor',
  'api-keys',
  'appearance',
  'keys',
  'account',
];

const plain = ['offers', 'requests', 'new', 'sign-in', 'sign-up', 'forgot'] as const;
const listeners = new Set<() => void>();
let current = typeof location === 'undefined' ? parseRoute('/', '') : readLocation();

export function parseRoute(path: string, search: string): Route {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decode);
  const [first, second, third] = parts;
  if (first === undefined) return { name: 'inbox' };
  if (first.startsWith('@') && parts.length === 1) {
    return { name: 'person', username: first.slice(1).toLowerCase() };
  }
  if (first === 'c' && second !== undefined && /^\d+$/.test(second)) {
    return { name: 'conversation', id: second, about: third === 'about' };
  }
  if (first === 'to' && second !== undefined) {
    return { name: 'draft', username: second.replace(/^@/, '').toLowerCase() };
  }
  if (first === 'settings') {
    if (second === undefined) return { name: 'settings', section: null };
    const section = settingsSections.find((known) => known === second);
    return section === undefined ? { name: 'missing' } : { name: 'settings', section };
  }
  if (first === 'reset') {
    return { name: 'reset', token: new URLSearchParams(search).get('token') ?? '' };
  }
  const name = plain.find((known) => known === first);
  return name === undefined || parts.length > 1 ? { name: 'missing' } : { name };
}

export function pathOf(route: Route): string {
  switch (route.name) {
    case 'inbox':
    case 'missing':
      return '/';
    case 'conversation':
      return `/c/${route.id}${route.about ? '/about' : ''}`;
    case 'draft':
      return `/to/${route.username}`;
    case 'person':
      return `/@${route.username}`;
    case 'settings':
      return route.section === null ? '/settings' : `/settings/${route.section}`;
    case 'reset':
      return '/reset';
    default:
      return `/${route.name}`;
  }
}

export function useRoute(): Route {
  return useSyncExternalStore(subscribe, () => current);
}

export function currentRoute(): Route {
  return current;
}

export function navigate(route: Route, how: { replace?: boolean } = {}): void {
  const path = pathOf(route);
  const depth = historyDepth();
  if (how.replace === true || path === location.pathname) {
    history.replaceState({ depth }, '', path);
  } else {
    history.pushState({ depth: depth + 1 }, '', path);
  }
  publish(route);
}

/** The browser's Back where the page put an entry there itself, else to `fallback`. */
export function goBack(fallback: Route): void {
  if (historyDepth() > 0) history.back();
  else navigate(fallback, { replace: true });
}

function publish(route: Route): void {
  current = route;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) addEventListener('popstate', onPopState);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) removeEventListener('popstate', onPopState);
  };
}

function onPopState(): void {
  publish(readLocation());
}

function readLocation(): Route {
  const route = parseRoute(location.pathname, location.search);
  // The token of a reset link is as good as a password: it leaves the address bar and the history at once.
  if (route.name === 'reset') history.replaceState(history.state, '', '/reset');
  return route;
}

function historyDepth(): number {
  const state: unknown = history.state;
  if (typeof state !== 'object' || state === null || !('depth' in state)) return 0;
  return Number(state.depth) || 0;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
