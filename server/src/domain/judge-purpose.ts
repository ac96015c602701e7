import type { Origin, PersonKind, Purpose } from '@aside/protocol';
import { foldWithLinks } from './fold-text.ts';
import { promotionalRules } from './promotional-rules.ts';
import { allRules, type Rules } from './rules.ts';

export interface PurposeVerdict {
  purpose: Purpose;
  /** Which rule made it stricter than claimed: `automated_origin`, a promotional rule's name, or null for none. */
  rule: string | null;
}

/**
 * What a message is for: what its sender claims, `personal` by default, moved only towards the stricter side
 * (personal, service, automated, promotional). Automated origin is never personal. A line that sells makes a
 * service or automated message promotional, and any message of a brand or a bot; what a person writes to a person
 * stays personal whatever it says, because no pattern may read along between friends. `rules` is for measurements.
 */
export function judgePurpose(
  message: {
    claimed?: Purpose | undefined;
    origin: Origin;
    senderKind: PersonKind;
    text: string;
  },
  rules: Rules = allRules,
): PurposeVerdict {
  const claimed = message.claimed ?? 'personal';
  if (!rules.purpose_rules) return { purpose: claimed, rule: null };
  if (claimed === 'promotional') return { purpose: claimed, rule: null };
  const isAutomated = message.origin === 'automated';
  if (claimed === 'personal' && !isAutomated && message.senderKind === 'person') {
    return { purpose: claimed, rule: null };
  }
  const rule = findPromotionalRule(message.text);
  if (rule !== null) return { purpose: 'promotional', rule };
  if (claimed === 'personal' && isAutomated) {
    return { purpose: 'automated', rule: 'automated_origin' };
  }
  return { purpose: claimed, rule: null };
}

/** The name of the first rule of the table that the text meets, or null. */
export function findPromotionalRule(text: string): string | null {
  const folded = foldWithLinks(text, '@')
    .replace(/[‘’´`]/g, "'")
    .replace(/\s+/gu, ' ');
  return promotionalRules.find((rule) => rule.pattern.test(folded))?.name ?? null;
}
