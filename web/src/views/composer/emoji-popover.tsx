import type { RefObject } from 'react';
import { Popover } from '@base-ui/react/popover';
import { EmojiPicker } from 'frimousse';
import { useWords } from '../../words/words.ts';

/** The emoji picker; names and keywords come from this server in the language of the page. */
export default function EmojiPopover({ anchor, onClose, onPick }: EmojiPopoverProps) {
  const { t, language } = useWords();
  return (
    <Popover.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Popover.Portal>
        <Popover.Positioner
          anchor={anchor}
          side="top"
          align="start"
          sideOffset={12}
          collisionPadding={12}
          className="floating"
        >
          <Popover.Popup
            className="emoji-card"
            aria-label={t('composer.emoji')}
            finalFocus={anchor}
          >
            <EmojiPicker.Root
              className="emoji-picker"
              locale={language}
              columns={8}
              emojibaseUrl={String(import.meta.env.VITE_EMOJI_URL)}
              onEmojiSelect={({ emoji }) => {
                onPick(emoji);
                onClose();
              }}
            >
              <EmojiPicker.Search
                className="emoji-search"
                placeholder={t('emoji.search')}
                aria-label={t('emoji.search')}
              />
              <EmojiPicker.Viewport className="emoji-viewport">
                <EmojiPicker.Loading className="emoji-note">{t('app.loading')}</EmojiPicker.Loading>
                <EmojiPicker.Empty className="emoji-note">{t('emoji.none')}</EmojiPicker.Empty>
                <EmojiPicker.List className="emoji-list" />
              </EmojiPicker.Viewport>
            </EmojiPicker.Root>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

interface EmojiPopoverProps {
  anchor: RefObject<HTMLButtonElement | null>;
  onClose: () => void;
  onPick: (emoji: string) => void;
}
