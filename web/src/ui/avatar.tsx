import type { CSSProperties } from 'react';
import type { PersonKind } from '@aside/protocol';
import { avatarHue, initialsOf } from './avatar-face.ts';

/** A face made from the id: two tones and initials; a brand is a rounded square, a bot a hexagon. Decoration for screen readers. */
export function Avatar({ id, name, kind = 'person', size = 44 }: AvatarProps) {
  const style = { '--hue': avatarHue(id), '--avatar-size': `${size}px` } as CSSProperties;
  return (
    <span className="avatar" data-kind={kind} style={style} aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}

interface AvatarProps {
  id: string;
  name: string;
  kind?: PersonKind;
  size?: 28 | 36 | 40 | 44 | 72;
}
