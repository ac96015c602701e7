import type { ConversationView } from '@aside/protocol';
import { decided } from './apply-decisions.ts';
import { applyRow, forgetConversation, putRow } from './apply-rows.ts';
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
    draft.setDecision(id, { action, truth });
    putRow(draft, truth);
  }
}

/** Carried out; without `view` the row is as it was foretold, until its tick says more. */
export function finishDeciding(draft: Draft, id: string, view: ConversationView | null): void {
  const decision = draft.known.deciding.get(id);
  draft.areCountsStale = true;
  if (decision !== undefined) draft.setDecision(id, null);
  if (view !== null) {
    const { contact, ...row } = view;
    applyRow(draft, row);
    draft.setContact(id, contact);
  } else if (decision?.action === 'accept') putRow(draft, decided(decision.truth, 'accept'));
  else if (draft.row(id)?.folder === 'closed') forgetConversation(draft, id);
}

export function undoDeciding(draft: Draft, id: string): void {
  const decision = draft.known.deciding.get(id);
  if (decision === undefined) return;
  draft.setDecision(id, null);
  draft.areCountsStale = true;
  putRow(draft, decision.truth);
}
