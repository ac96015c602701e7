import type { CheckAnswer, PersonKind, Purpose } from '@aside/protocol';
import type { PersonId } from '../base/ids.ts';
import { decideSend } from '../domain/decide-send.ts';
import { judgePurpose } from '../domain/judge-purpose.ts';
import { judgeText } from '../domain/message-text.ts';
import { signatureOf } from '../domain/near-duplicate.ts';
import { readBudget } from '../storage/budget.ts';
import { loadStanding } from '../storage/standing.ts';
import type { Reader } from './reader.ts';
import { toContact, type Asking } from './view-person.ts';

/**
 * What would become of this text if it were sent now, and to how many people near-identical text went as a first
 * message this month. A hint: nothing is reserved, and whether a request would be quiet is not told.
 */
export async function checkText(
  { families, clock }: Reader,
  asking: Asking & { kind: PersonKind },
  recipientId: PersonId,
  { text, purpose: claimed }: { text: string; purpose?: Purpose },
): Promise<CheckAnswer> {
  const { personId: senderId, origin, suspended, kind } = asking;
  const claim = claimed === undefined ? {} : { claimed };
  const { purpose } = judgePurpose({ ...claim, origin, senderKind: kind, text });
  const { standing } = await loadStanding(
    { families, clock },
    { senderId, recipientId, origin, purpose },
  );
  const readable = judgeText(text) === 'ok' ? text : '';
  const budget = await readBudget(families.person, {
    senderId,
    contactId: '0',
    at: new Date(clock.now()),
    signature: signatureOf(readable),
  });
  const decision = decideSend(
    { ...standing, senderSuspended: suspended },
    { origin, purpose, text: readable },
    { budget, linkSpread: 0 },
  );
  return { contact: toContact(decision), purpose, similar: budget.similar };
}
