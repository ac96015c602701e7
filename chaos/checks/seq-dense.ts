import type { Evidence } from '../evidence.ts';

/** The messages of a conversation are numbered 1, 2, 3 … up to its head, without a gap. */
export function seqDense({ conversations }: Evidence): string[] {
  return conversations.flatMap(({ conversationId, headSeq, messages }) => {
    const seqs = messages.map((message) => message.seq).sort((a, b) => a - b);
    const at = seqs.findIndex((seq, i) => seq !== i + 1);
    if (at >= 0) return [`${conversationId} has ${seqs[at]} where ${at + 1} should be`];
    if (seqs.length === headSeq) return [];
    return [`${conversationId} has ${seqs.length} messages and its head says ${headSeq}`];
  });
}
