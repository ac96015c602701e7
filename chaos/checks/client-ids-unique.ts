import type { Evidence } from '../evidence.ts';

/** However often it was sent, a message is there once: one per conversation, sender and client id. */
export function clientIdsUnique({ conversations }: Evidence): string[] {
  const problems: string[] = [];
  for (const { conversationId, messages } of conversations) {
    const seen = new Map<string, number>();
    for (const { senderId, clientId, seq } of messages) {
      const key = `${senderId} ${clientId}`;
      const before = seen.get(key);
      if (before === undefined) seen.set(key, seq);
      else problems.push(`${conversationId} holds ${clientId} twice: ${before} and ${seq}`);
    }
  }
  return problems;
}
