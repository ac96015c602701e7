import type { ReactNode } from 'react';
import type { Icon } from './icons.ts';

/** What stands where there is nothing yet, or where something failed: a sign, a sentence, what to do. */
export function Empty({ icon: Sign, title, children, level = 2 }: EmptyProps) {
  const Heading = level === 1 ? 'h1' : 'h2';
  return (
    <div className="empty">
      <span className="empty-sign" aria-hidden="true">
        <Sign />
      </span>
      <Heading>{title}</Heading>
      {children}
    </div>
  );
}

interface EmptyProps {
  icon: Icon;
  title: string;
  children?: ReactNode;
  level?: 1 | 2;
}
