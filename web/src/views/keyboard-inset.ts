import { useEffect } from 'react';

/** Keeps the page above an on-screen keyboard where the browser does not resize the page for it (iOS). */
export function useKeyboardInset(): void {
  useEffect(() => {
    const viewport = window.visualViewport;
    if (viewport === null) return;
    const root = document.documentElement;
    function fit() {
      if (viewport === null) return;
      const covered = window.innerHeight - viewport.height * viewport.scale;
      if (covered > 80 && viewport.scale === 1) {
        root.style.setProperty('--page-height', `${viewport.height}px`);
        root.dataset['keyboard'] = '';
        window.scrollTo(0, 0);
      } else {
        root.style.removeProperty('--page-height');
        delete root.dataset['keyboard'];
      }
    }
    fit();
    viewport.addEventListener('resize', fit);
    return () => {
      viewport.removeEventListener('resize', fit);
      root.style.removeProperty('--page-height');
    };
  }, []);
}
