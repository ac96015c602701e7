import type { Answer } from './wire.ts';

/** What happened in a run, in numbers; one for all who take part in it. */
export class Tally {
  acks = 0;
  /** Final refusals, such as by a block. */
  refusals = 0;
  /** “Come back later”: 503, 429 and their frames. */
  comeBacks = 0;
  /** Requests without an answer, because the server or the line was gone. */
  lost = 0;
  /** 500 and its frame: a failure that nobody foresaw. None is right. */
  internal = 0;
  pages = 0;
  killsOfAside = 0;
  killsOfPostgres = 0;
  /** Faults besides kills: cuts, terminated connections, deadlocks … */
  faults = 0;
  readonly notes = new Map<string, number>();

  answered(answer: Answer | null): void {
    if (answer === null) this.lost += 1;
    else if (answer.status === 503 || answer.status === 429) this.comeBacks += 1;
    else if (answer.status >= 500) {
      this.internal += 1;
      this.note(`${answer.status} ${String(answer.body['code'])}`);
    }
  }

  note(text: string, count = 1): void {
    this.notes.set(text, (this.notes.get(text) ?? 0) + count);
  }

  get kills(): number {
    return this.killsOfAside + this.killsOfPostgres;
  }
}
