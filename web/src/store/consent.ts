import type { Grants } from '@aside/protocol';
import type { Core } from './core.ts';
import type { AppStore, Outcome } from './model.ts';
import { nameOf } from './people.ts';

// What I let others send me, the ledger behind it, and the keys by which programs act for me.

type ConsentActions = Pick<
  AppStore,
  | 'whyMessage'
  | 'stopPurpose'
  | 'grantPurpose'
  | 'loadConsents'
  | 'loadLedger'
  | 'loadKeys'
  | 'makeKey'
  | 'deleteKey'
>;

export function createConsentActions(core: Core): ConsentActions {
  const { api } = core.net;
  return {
    whyMessage: (conversationId, seq) => api.why(conversationId, seq),
    stopPurpose: (username, purpose) =>
      keepGrants(core, username, api.stopPurpose(nameOf(username), purpose)),
    grantPurpose: (username, purpose, language) =>
      keepGrants(core, username, api.grantPurpose(nameOf(username), purpose, language)),
    loadConsents: (cursor) => api.consents(cursor ?? null),
    loadLedger: (cursor) => api.ledger(cursor ?? null),
    async loadKeys() {
      const answer = await api.keys();
      return answer.ok ? { ok: true, value: answer.value.keys } : answer;
    },
    makeKey: (name) => api.makeKey(name),
    async deleteKey(id) {
      const answer = await api.deleteKey(id);
      return answer.ok ? { ok: true, value: undefined } : answer;
    },
  };
}

async function keepGrants(
  core: Core,
  username: string,
  asking: Promise<Outcome<{ grants: Grants }>>,
): Promise<Outcome<Grants>> {
  const signal = core.sessionSignal();
  const answer = await asking;
  if (!answer.ok) return answer;
  const { grants } = answer.value;
  if (!signal.aborted) core.dispatch({ type: 'grants', username: nameOf(username), grants });
  return { ok: true, value: grants };
}
