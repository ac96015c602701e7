import type {
  Act,
  Evidence,
  LedgerRow,
  PurposeName,
  Send,
  Stance,
  StoredConversation,
  StoredMessage,
} from '../evidence.ts';

/**
 * Every message that was delivered was permitted: by how its recipient stood at its commit, by an entry of their
 * ledger where it is not personal, and, seen from outside, by what they had been answered before its sender began.
 */
export function permitted(evidence: Evidence): string[] {
  const ledger = new Map(evidence.ledger.map((row) => [`${row.personId} ${row.entryId}`, row]));
  const sends = new Map(evidence.sends.map((send) => [`${send.personId} ${send.clientId}`, send]));
  return evidence.conversations.flatMap((conversation) => {
    if (conversation.memberIds.length !== 2) return [];
    return [
      ...againstStances(conversation, ledger, evidence.follows),
      ...againstAnswers(conversation, sends, evidence.acts),
    ];
  });
}

interface Situation {
  conversation: StoredConversation;
  /** All messages by seq, ascending. */
  messages: readonly StoredMessage[];
  recipientId: string;
  recipient: Stance | undefined;
  sender: Stance | undefined;
  isFollowed: boolean;
}

function againstStances(
  conversation: StoredConversation,
  ledger: ReadonlyMap<string, LedgerRow>,
  follows: ReadonlySet<string>,
): string[] {
  const messages = [...conversation.messages].sort((a, b) => a.seq - b.seq);
  const stances = [...conversation.stances].sort((a, b) => a.order - b.order);
  return messages.flatMap((message) => {
    const recipientId = conversation.memberIds.find((id) => id !== message.senderId);
    if (recipientId === undefined) return [`${nameOf(message)} has no recipient`];
    const last = (personId: string): Stance | undefined =>
      stances.findLast((one) => one.order < message.order && one.personId === personId);
    const hasBlocked = stances.some(
      (one) => one.order < message.order && one.personId === recipientId && one.blocks,
    );
    const complaint = refusalOf(message, ledger, {
      conversation,
      messages,
      recipientId,
      recipient: last(recipientId),
      sender: last(message.senderId),
      // Blocking ends the blocker's own follow.
      isFollowed: follows.has(`${recipientId} ${message.senderId}`) && !hasBlocked,
    });
    return complaint === null ? [] : [`${nameOf(message)} was delivered though ${complaint}`];
  });
}

function refusalOf(
  message: StoredMessage,
  ledger: ReadonlyMap<string, LedgerRow>,
  given: Situation,
): string | null {
  const { recipient, sender } = given;
  if (recipient?.blocks) return 'its recipient blocked its sender';
  if (sender?.blocks) return 'its sender blocked its recipient';
  if (message.purpose !== 'personal') return refusalOfOther(message, ledger, given);
  if (recipient?.contact === 'accepted') return null;
  const since = recipient?.order ?? 0;
  const between = given.messages.filter((m) => m.order > since && m.seq < message.seq);
  // Messages of one batch see each other before the stance is written: an answer opens the way for the next.
  if (between.some((m) => m.senderId === given.recipientId)) return null;
  if (recipient && recipient.contact !== 'none') return `a request is ${recipient.contact}`;
  if (between.some((m) => m.senderId === message.senderId)) return 'a request waits';
  return given.isFollowed ? null : 'its recipient admits no first message of its sender';
}

function refusalOfOther(
  message: StoredMessage,
  ledger: ReadonlyMap<string, LedgerRow>,
  { recipient, recipientId, messages }: Situation,
): string | null {
  const { purpose, permit, senderId, seq } = message;
  if (recipient?.refusals.includes(purpose)) return `${purpose} was refused`;
  if (permit === null) return 'it has no permit';
  if (permit.recipientId !== recipientId) return 'its permit is of somebody else';
  const entry = ledger.get(`${recipientId} ${permit.entryId}`);
  if (!entry || entry.otherId !== senderId) return 'its permit names no entry of the ledger';
  if (entry.kind === 'grant') {
    if (entry.purpose !== purpose) return `its entry grants ${entry.purpose}`;
    return recipient?.grants.includes(purpose) ? null : `${purpose} was not granted any more`;
  }
  if (!replyKinds.has(entry.kind)) return `its entry is a ${entry.kind}`;
  const reply = messages.find((m) => m.id === permit.entryId);
  const isReply = reply?.senderId === recipientId && reply.isInteractive && reply.seq < seq;
  if (!isReply) return 'its entry names no reply';
  return reply.seq > (recipient?.creditVoid ?? 0) ? null : 'the reply opens nothing any more';
}

/** A reply that was an act of its own, such as accepting, stands in the ledger as that. */
const replyKinds = new Set(['reply_credit', 'replied', 'wrote_first']);

/** What began after a block, a revocation or the end of an acceptance was answered must not exist. */
function againstAnswers(
  { messages, memberIds }: StoredConversation,
  sends: ReadonlyMap<string, Send>,
  acts: readonly Act[],
): string[] {
  const between = acts.filter(
    (act) => memberIds.includes(act.personId) && memberIds.includes(act.otherId),
  );
  return messages.flatMap((message) => {
    const send = sends.get(`${message.senderId} ${message.clientId}`);
    const own = between.filter((act) => act.otherId === message.senderId);
    const closing = send && own.find((act) => closesFor(act, message.purpose, send, own));
    if (!closing) return [];
    return [`${nameOf(message)} began after a ${closing.kind} was answered`];
  });
}

function closesFor(act: Act, purpose: PurposeName, send: Send, own: readonly Act[]): boolean {
  if (act.answeredAt === null || act.answeredAt >= send.begunAt) return false;
  const reopening = reopens(act, purpose);
  if (reopening === null) return false;
  // Without an acknowledgement nobody outside knows how late it was decided.
  const endedAt = (send.ack && send.answeredAt) ?? Number.POSITIVE_INFINITY;
  // Whatever might have opened the door again, at any time before the message was answered, counts as having done so;
  // so does one that overlapped with the closing, whose order nobody outside knows.
  return !own.some(
    (other) =>
      reopening(other) &&
      (other.answeredAt ?? Number.POSITIVE_INFINITY) > act.begunAt &&
      other.begunAt < endedAt,
  );
}

function reopens(act: Act, purpose: PurposeName): ((other: Act) => boolean) | null {
  switch (act.kind) {
    case 'block':
      return (other) => other.kind === 'unblock';
    case 'unaccept':
      if (purpose !== 'personal') return null;
      return (other) => other.kind === 'accept' || other.kind === 'write';
    case 'revoke':
      if (!act.purposes.includes(purpose)) return null;
      return (other) => other.kind === 'grant' && other.purposes.includes(purpose);
    case 'accept':
    case 'grant':
    case 'unblock':
    case 'write':
      return null;
  }
}

function nameOf(message: StoredMessage): string {
  return `${message.conversationId}/${message.seq} (${message.purpose})`;
}
