// The chosen theme; public/first-paint.js applies the same choice before the first paint.

export type Theme = 'system' | 'light' | 'dark';

const storageKey = 'aside.theme';
const bar = { light: '#faf8f5', dark: '#171513' };

export function chosenTheme(): Theme {
  const theme = document.documentElement.dataset['theme'];
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

export function chooseTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    const own = meta.media.includes('dark') ? 'dark' : 'light';
    meta.content = bar[theme === 'system' ? own : theme];
  }
  try {
    if (theme === 'system') localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, theme);
  } catch {
    // Storage is off: the choice holds until the page is closed.
  }
}
