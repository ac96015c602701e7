import type { Entry, Evidence, MemberLog, StoredConversation } from '../evidence.ts';

/**
 * Every member's device ends with the server's log: nothing missing, nothing twice, nothing different; and on one
 * socket the messages of a conversation ascended.
 */
export function logsEqual({ conversations, members }: Evidence): string[] {
  const byId = new Map(conversations.map((one) => [one.conversationId, one]));
  return members.flatMap((member) => [
    ...member.contradictions.map((text) => `${member.personId}: ${text}`),
    ...conversations
      .filter((one) => one.memberIds.includes(member.personId))
      .flatMap((one) => difference(member, one)),
    ...[...member.log.keys()]
      .filter((id) => byId.get(id)?.memberIds.includes(member.personId) !== true)
      .map((id) => `${member.personId} saw ${id}, which is not theirs`),
    ...member.sockets.flatMap((frames) => disorder(member.personId, frames)),
  ]);
}

function difference(member: MemberLog, stored: StoredConversation): string[] {
  const { conversationId } = stored;
  const own = member.log.get(conversationId) ?? [];
  const theirs = [...stored.messages].sort((a, b) => a.seq - b.seq);
  const at = theirs.findIndex((message, i) => !isSame(own[i], message));
  if (at >= 0) {
    const found = own[at] ? `has ${own[at].seq} of ${own.length}` : `ends after ${own.length}`;
    return [
      `${member.personId} ${found} in ${conversationId} where the server has ${theirs[at]!.seq} of ${theirs.length}`,
    ];
  }
  if (own.length === theirs.length) return [];
  return [`${member.personId} saw ${own[theirs.length]!.seq} in ${conversationId}, not stored`];
}

function isSame(one: Entry | undefined, other: Entry): boolean {
  return (
    one !== undefined &&
    one.seq === other.seq &&
    one.id === other.id &&
    one.senderId === other.senderId &&
    one.clientId === other.clientId &&
    one.text === other.text
  );
}

function disorder(
  personId: string,
  frames: readonly { conversationId: string; seq: number }[],
): string[] {
  const latest = new Map<string, number>();
  const problems: string[] = [];
  for (const { conversationId, seq } of frames) {
    const before = latest.get(conversationId) ?? 0;
    if (seq <= before) {
      problems.push(`a socket of ${personId} got ${conversationId}/${seq} after ${before}`);
    }
    latest.set(conversationId, seq);
  }
  return problems;
}
