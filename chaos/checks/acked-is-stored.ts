import type { Entry, Evidence, Send } from '../evidence.ts';

/**
 * Every message that was acknowledged is stored as it was sent, under the number and id that the answer named; and
 * what was tried once and refused is not.
 */
export function ackedIsStored({ conversations, sends }: Evidence): string[] {
  const byPlace = new Map<string, Entry>();
  const clientIds = new Set<string>();
  for (const { messages } of conversations) {
    for (const message of messages) {
      byPlace.set(`${message.conversationId} ${message.seq}`, message);
      clientIds.add(`${message.senderId} ${message.clientId}`);
    }
  }
  return sends.flatMap((send) => complaint(send, byPlace, clientIds));
}

function complaint(
  send: Send,
  byPlace: ReadonlyMap<string, Entry>,
  clientIds: ReadonlySet<string>,
): string[] {
  const name = `${send.clientId} of ${send.personId}`;
  if (send.ack === null) {
    const isRefused = send.refusal !== null && send.tries === 1;
    return isRefused && clientIds.has(`${send.personId} ${send.clientId}`)
      ? [`${name} was refused (${send.refusal}) and is stored`]
      : [];
  }
  const { conversationId, seq, id } = send.ack;
  const stored = byPlace.get(`${conversationId} ${seq}`);
  if (!stored) return [`${name} was acknowledged as ${conversationId}/${seq} and is not stored`];
  const isSame =
    stored.id === id &&
    stored.senderId === send.personId &&
    stored.clientId === send.clientId &&
    stored.text === send.text;
  return isSame ? [] : [`${conversationId}/${seq} holds another message than ${name}`];
}
