import { memo } from 'react';
import { findLinks, spellOut } from '@aside/protocol';

/** Text with its addresses written as the network knows them, and not clickable: for what nobody has asked for yet. */
export const SpelledText = memo(function SpelledText({ text }: { text: string }) {
  const parts = [];
  let from = 0;
  for (const link of findLinks(text)) {
    parts.push(text.slice(from, link.start));
    parts.push(
      <span key={link.start} className="spelled" dir="ltr">
        {spellOut(link)}
      </span>,
    );
    from = link.end;
  }
  return (
    <>
      {parts}
      {text.slice(from)}
    </>
  );
});
