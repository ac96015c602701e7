import { errorCatalogue, limits, type ConversationView, type RequestAction } from '@aside/protocol';
import type { Core } from './core.ts';
import type { Decision } from './known.ts';
import type { AppStore, Decided, Outcome, Problem } from './model.ts';
import { loadProfile } from './people.ts';

// What I decide about those who wrote to me first.

type RequestActions = Pick<
  AppStore,
  | 'acceptRequest'
  | 'declineRequest'
  | 'blockRequest'
  | 'reportRequest'
  | 'decideRequests'
  | 'unacceptConversation'
>;

const nobodyIsLeft = { ok: true as const, value: { conversation: null } };
const done: Outcome = { ok: true, value: undefined };

export function createRequestActions(core: Core): RequestActions {
  const { api } = core.net;
  const turns = new Turns();
  return {
    async acceptRequest(id) {
      const answer = await turns.take([id], () => decide(core, id, 'accept', () => api.accept(id)));
      return answer.ok ? { ok: true, value: answer.value.conversation } : answer;
    },
    async declineRequest(id) {
      const ask = async () => {
        const declined = await api.decline(id);
        return declined.ok ? nobodyIsLeft : declined;
      };
      const answer = await turns.take([id], () => decide(core, id, 'decline', ask));
      return answer.ok ? done : answer;
    },
    blockRequest: (id) => turns.take([id], () => decideOne(core, id, 'block')),
    reportRequest: (id) => turns.take([id], () => decideOne(core, id, 'report')),
    decideRequests: (ids, action) => turns.take(ids, () => decideMany(core, ids, action)),
    async unacceptConversation(id) {
      const ask = () => api.unaccept(id);
      const answer = await turns.take([id], () => decide(core, id, 'unaccept', ask));
      return answer.ok ? { ok: true, value: answer.value.conversation } : answer;
    },
  };
}

/** A second thought about a conversation waits until the server has answered the first. */
class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  async take<T>(ids: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = ids.map((id) => this.#last.get(id)).filter((turn) => turn !== undefined);
    const mine = before.length === 0 ? work() : Promise.all(before).then(work);
    for (const id of ids) this.#last.set(id, mine);
    const answer = await mine;
    for (const id of ids) if (this.#last.get(id) === mine) this.#last.delete(id);
    return answer;
  }
}

async function decide<T extends { conversation: ConversationView | null }>(
  core: Core,
  id: string,
  action: Decision['action'],
  ask: () => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const signal = core.sessionSignal();
  core.dispatch({ type: 'deciding', ids: [id], action });
  const answer = await ask();
  if (signal.aborted) return answer;
  if (answer.ok) {
    core.dispatch({ type: 'decided', conversationId: id, view: answer.value.conversation });
  } else comeBack(core, id);
  return answer;
}

async function decideOne(core: Core, id: string, action: 'block' | 'report'): Promise<Outcome> {
  const answer = await decideMany(core, [id], action);
  if (!answer.ok) return answer;
  const { gone, failed } = answer.value;
  if (gone.length === 0 && failed.length === 0) return done;
  const code = gone.length > 0 ? 'not_found' : 'internal';
  return { ok: false, problem: { code, detail: errorCatalogue[code].detail } };
}

async function decideMany(
  core: Core,
  ids: readonly string[],
  action: RequestAction,
): Promise<Outcome<Decided>> {
  const signal = core.sessionSignal();
  core.dispatch({ type: 'deciding', ids, action });
  const gone: string[] = [];
  const failed: string[] = [];
  let problem: Problem | null = null;
  for (let start = 0; start < ids.length; start += limits.requestsMax) {
    const part = ids.slice(start, start + limits.requestsMax);
    const answer = await core.net.api.decideRequests(part, action);
    if (signal.aborted) return answer.ok ? { ok: true, value: { gone, failed } } : answer;
    if (answer.ok) {
      for (const { id, outcome } of answer.value.results) {
        if (outcome === 'not_found') gone.push(id);
        else if (outcome === 'failed') failed.push(id);
        else carryOut(core, id, action);
      }
    } else {
      problem = answer.problem;
      failed.push(...part);
    }
  }
  for (const id of [...gone, ...failed]) comeBack(core, id);
  if (problem !== null && failed.length === ids.length) return { ok: false, problem };
  return { ok: true, value: { gone, failed } };
}

function carryOut(core: Core, id: string, action: RequestAction): void {
  const other = otherOf(core, id);
  core.dispatch({ type: 'decided', conversationId: id, view: null });
  if (action === 'block' && other !== null && core.app.profiles.has(other)) {
    void loadProfile(core, other);
  }
  if (action === 'accept' && core.app.timelines.has(id)) {
    core.fulfil({ want: 'conversation', conversationId: id });
  }
}

/** It comes back. It may have been carried out all the same, here or elsewhere: only the server can say. */
function comeBack(core: Core, id: string): void {
  core.dispatch({ type: 'undecided', conversationId: id });
  core.fulfil({ want: 'conversation', conversationId: id });
}

function otherOf(core: Core, id: string): string | null {
  const members = core.app.conversations.get(id)?.members ?? [];
  return members.find((member) => member.id !== core.app.me?.id)?.username ?? null;
}
