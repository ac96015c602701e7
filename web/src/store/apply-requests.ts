import type { ConversationView } from '@aside/protocol';
import { decided, isUndecided } from './apply-decisions.ts';
import { applyRow, closeConversation, closingTick, doubtCounts, putRow } from './apply-rows.ts';
import type { Decision, Draft } from './known.ts';

// Requests decided at this page: shown as done at once, then done or undone by what the server answers.

export function beginDeciding(
  draft: Draft,
  ids: readonly string[],
  action: Decision['action'],
): void {
  for (const id of ids) {
    const truth = draft.truth(id);
    if (truth === undefined) continue;
    draft.setDecision(id, { action, truth, begun: truth });
    putRow(draft, truth);
  }
}

/** Carried out; without `view` the row is as it was foretold, until its tick says more. */
export function finishDeciding(draft: Draft, id: string, view: ConversationView | null): void {
  const decision = draft.known.deciding.get(id);
  if (decision !== undefined) {
    draft.setDecision(id, null);
    doubtCounts(draft, decision.begun);
    foretell(draft, decision, view !== null);
  }
  if (view === null) return;
  const { contact, ...row } = view;
  applyRow(draft, row);
  draft.setContact(id, contact);
}

function foretell(draft: Draft, { action, truth, begun }: Decision, isToldFurther: boolean) {
  const { id } = truth;
  if (isToldFurther || !isUndecided(truth, action)) return putRow(draft, truth);
  const row = decided(truth, action);
  if (row.folder === 'closed') closeConversation(draft, closingTick(begun));
  else putRow(draft, row);
  // News that came meanwhile and did not show the decision: from before it, or from after its undoing elsewhere.
  if (truth.pos > begun.pos) draft.want({ want: 'conversation', conversationId: id });
}

export function undoDeciding(draft: Draft, id: string): void {
  const decision = draft.known.deciding.get(id);
  if (decision === undefined) return;
  draft.setDecision(id, null);
  doubtCounts(draft, decision.begun);
  putRow(draft, decision.truth);
}
