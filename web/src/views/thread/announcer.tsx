import { useEffect, useRef, useState } from 'react';
import type { Message } from '@aside/protocol';
import { useWords } from '../../words/words.ts';

const spokenMax = 300;

/** Reads new messages of others to a screen reader, once each; never the ones that were there before. */
export function Announcer({ messages, meId, nameOf }: AnnouncerProps) {
  const { t } = useWords();
  const [spoken, setSpoken] = useState('');
  const heard = useRef<number | null>(null);
  const newest = messages.at(-1)?.seq ?? 0;
  useEffect(() => {
    const from = heard.current;
    heard.current = Math.max(from ?? 0, newest);
    if (from === null || newest <= from) return;
    const fresh = messages.filter((message) => message.seq > from && message.senderId !== meId);
    if (fresh.length === 0) return;
    setSpoken(
      fresh
        .map((message) =>
          t('thread.announce', {
            name: nameOf(message.senderId),
            text: message.text.slice(0, spokenMax),
          }),
        )
        .join('\n'),
    );
  }, [newest, messages, meId, nameOf, t]);
  return (
    <div className="unseen" aria-live="polite">
      {spoken}
    </div>
  );
}

interface AnnouncerProps {
  messages: readonly Message[];
  meId: string;
  nameOf: (personId: string) => string;
}
