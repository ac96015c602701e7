import type { ComponentProps, MouseEvent } from 'react';
import { navigate, pathOf, type Route } from './router.ts';

/** A real link inside the page: opens in a new tab when asked, else without loading anything. */
export function Link({ to, replace = false, onClick, ...rest }: LinkProps) {
  function follow(event: MouseEvent<HTMLAnchorElement>) {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(to, { replace });
  }
  return <a {...rest} href={pathOf(to)} onClick={follow} />;
}

interface LinkProps extends ComponentProps<'a'> {
  to: Route;
  replace?: boolean;
}
