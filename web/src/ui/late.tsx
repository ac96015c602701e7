import { useEffect, useState, type ReactNode } from 'react';

const patienceMs = 150;

/** Shows its children only when waiting has become noticeable, so that quick answers do not flicker. */
export function Late({ children }: { children: ReactNode }) {
  const [due, setDue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), patienceMs);
    return () => clearTimeout(timer);
  }, []);
  return due ? children : null;
}
