import type { Core } from './core.ts';
import { Errands, isTemporary } from './errands.ts';
import { bounds } from './limits.ts';
import type { Outcome, OutboxItem } from './model.ts';
import type { Outbox } from './outbox.ts';

// Messages that the server keeps back until I sign in again: which they are, and what became of those that are none
// of them any more, because nobody told this page.

export class Held {
  readonly #core: Core;
  readonly #outbox: Outbox;
  readonly #errands: Errands;

  constructor(core: Core, outbox: Outbox) {
    this.#core = core;
    this.#outbox = outbox;
    this.#errands = new Errands(core);
  }

  welcomed(): void {
    this.#errands.payOwed();
    if (this.#listed().length > 0) this.look();
  }

  look(): void {
    void this.#errands.run('held', async () => {
      const signal = this.#core.sessionSignal();
      const asked = this.#listed();
      const answer = await this.#core.net.api.held();
      if (signal.aborted) return 'done';
      if (!answer.ok) return isTemporary(answer.problem) ? 'temporary' : 'done';
      const { held } = answer.value;
      this.#outbox.takeUp(held);
      for (const item of asked)
        if (!held.some(({ clientId }) => clientId === item.clientId)) this.#findOut(item);
      return 'done';
    });
  }

  async takeBack(clientId: string): Promise<Outcome> {
    const signal = this.#core.sessionSignal();
    const answer = await this.#core.net.api.takeBackHeld(clientId);
    if (signal.aborted) return answer.ok ? { ok: true, value: undefined } : answer;
    if (!answer.ok) {
      if (answer.problem.code === 'not_found') this.look();
      return answer;
    }
    this.#core.dispatch({ type: 'outbox-removed', clientId });
    return { ok: true, value: undefined };
  }

  clear(): void {
    this.#errands.clear();
  }

  /** Not held any more: released and to be found in its conversation, or dropped while this page did not listen. */
  #findOut({ clientId, conversationId }: OutboxItem): void {
    if (conversationId === null) return;
    void this.#errands.run(`held ${clientId}`, async () => {
      const core = this.#core;
      const signal = core.sessionSignal();
      const answer = await core.net.api.messages(conversationId, { limit: bounds.pullPage });
      if (signal.aborted || !this.#listed().some((item) => item.clientId === clientId))
        return 'done';
      if (!answer.ok && isTemporary(answer.problem)) return 'temporary';
      const messages = answer.ok ? answer.value.messages : [];
      const message = messages.find((candidate) => candidate.clientId === clientId);
      if (message !== undefined) {
        core.dispatch({ type: 'sent', answer: { message, arrived: 'inbox' } });
      } else {
        const problem = { code: 'unknown', detail: 'This message was not sent.' } as const;
        core.dispatch({ type: 'outbox-changed', clientId, status: 'failed', problem });
      }
      return 'done';
    });
  }

  #listed(): OutboxItem[] {
    return this.#core.app.outbox.filter((item) => item.status === 'held');
  }
}
