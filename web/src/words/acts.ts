import type { ActVia, LedgerKind, Purpose } from '@aside/protocol';
import type { Words } from './words.ts';

// Turns an act of the ledger into the sentence that a person reads, without its full stop.

interface Act {
  kind: LedgerKind;
  via: ActVia;
  at: string;
  wording?: string;
}

/** What I did and when. A reply credit says what it allows for the purpose it was used for. */
export function actSentence(words: Words, act: Act, purpose: Purpose | undefined): string {
  const { t } = words;
  const date = words.date(act.at);
  switch (act.kind) {
    case 'grant':
      return act.wording === undefined
        ? t('act.grant.plain', { date })
        : t('act.grant', { wording: act.wording, date });
    case 'revoke':
      return revokeSentence(words, act, date);
    case 'wrote_first':
    case 'replied':
    case 'reply_credit':
      // A message that accepted somebody may also be the one that let something else through.
      if (act.kind !== 'reply_credit' && (purpose === undefined || purpose === 'personal')) {
        return t(`act.${act.kind}`, { date });
      }
      return t(purpose === 'service' ? 'act.reply_credit.service' : 'act.reply_credit.automated', {
        date,
      });
    default:
      return t(`act.${act.kind}`, { date });
  }
}

function revokeSentence({ t }: Words, { via, wording }: Act, date: string): string {
  if (via === 'keyword' || via === 'message')
    return wording === undefined
      ? t('act.revoke', { date })
      : t('act.revoke.keyword', { wording, date });
  if (via === 'link') return t('act.revoke.link', { date });
  return t(via === 'owner' ? 'act.revoke.owner' : 'act.revoke', { date });
}
