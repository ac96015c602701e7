import { memo } from 'react';
import { splitLinks } from './split-links.ts';

/** Text with its addresses clickable. Only ever text: nothing in it becomes markup. */
export const LinkedText = memo(function LinkedText({ text }: { text: string }) {
  return splitLinks(text).map((part, at) =>
    part.href === undefined ? (
      part.text
    ) : (
      <a key={at} href={part.href} target="_blank" rel="noopener noreferrer nofollow">
        {part.text}
      </a>
    ),
  );
});
