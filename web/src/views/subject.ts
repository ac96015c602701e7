import type { Conversation, Me, PersonCard } from '@aside/protocol';
import type { Words } from '../words/words.ts';

// Who a conversation is with, as its title, its face and its address.

export interface Subject {
  title: string;
  /** The face: the other person, or in a group and a note to oneself whoever stands for it. */
  face: PersonCard | null;
  kind: 'person' | 'self' | 'group';
  username: string | null;
  size: number;
}

export function subjectOf(
  conversation: Pick<Conversation, 'kind' | 'members'>,
  me: Me | null,
  words: Words,
): Subject {
  const others = conversation.members.filter((member) => member.id !== me?.id);
  const size = conversation.members.length;
  const other = others[0];
  if (conversation.kind === 'group') {
    const title =
      others.map((member) => member.name).join(', ') || words.t('thread.group', { count: size });
    return { title, face: other ?? null, kind: 'group', username: null, size };
  }
  if (other === undefined) {
    const own = conversation.members[0];
    return {
      title: words.t('thread.self'),
      face: own ?? null,
      kind: 'self',
      username: own?.username ?? null,
      size,
    };
  }
  return { title: other.name, face: other, kind: 'person', username: other.username, size };
}
