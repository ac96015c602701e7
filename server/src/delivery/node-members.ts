// What this node knows of the others, from what they say on the bus. No I/O and no clock: times are given, in
// milliseconds that never step back.
//
// Everything a node says carries a count, so that a loss shows. A beat also repeats the latest beat it heard of each
// other node: whoever reads its own beat there knows that, when it sent that beat, nothing that the other had said
// before was still to come. That is the lease.

export interface Said {
  from: string;
  /** Counts what `from` says: 1, 2, 3 … */
  n: number;
}

export interface Beat extends Said {
  kind: 'beat';
  /** Counts the beats of `from`. */
  beat: number;
  /** The latest beat it heard of each. */
  heard: Record<string, number>;
}

interface Member {
  /** The count of what it said last; 0: nothing was heard. */
  n: number;
  heardAt: number | null;
  beat: number;
  /** When we sent the latest of our beats that it heard. */
  provenAt: number;
  /** What it says has been heard without a loss since this node last had to doubt. */
  isWhole: boolean;
}

/** Silent for so long and not in the table: gone. */
const silentMs = 15_000;
const beatsKept = 32;

export class Members {
  private readonly own: string;
  private readonly members = new Map<string, Member>();
  /** Left with a word; their row may still be seen by a look that was under way. */
  private readonly departed = new Set<string>();
  private beats = 0;
  private readonly sentAt = new Map<number, number>();

  constructor(own: string) {
    this.own = own;
  }

  get count(): number {
    return this.members.size;
  }

  /** The next beat, to be sent now. */
  beat(n: number, now: number): Beat {
    this.beats += 1;
    this.sentAt.set(this.beats, now);
    this.sentAt.delete(this.beats - beatsKept);
    const heard = Object.fromEntries([...this.members].map(([token, { beat }]) => [token, beat]));
    return { kind: 'beat', from: this.own, n, beat: this.beats, heard };
  }

  /** Answers `lost` when something that this node said before was not heard. */
  hear(said: Said | Beat, now: number): 'whole' | 'lost' {
    const member = this.members.get(said.from) ?? newMember();
    this.members.set(said.from, member);
    this.departed.delete(said.from);
    const isNext = said.n === member.n + 1;
    member.n = said.n;
    member.heardAt = now;
    // After a loss, what comes from here on can be followed again.
    member.isWhole = true;
    if ('beat' in said) {
      member.beat = said.beat;
      const sentAt = this.sentAt.get(said.heard[this.own] ?? 0) ?? Number.NEGATIVE_INFINITY;
      member.provenAt = Math.max(member.provenAt, sentAt);
    }
    return isNext ? 'whole' : 'lost';
  }

  /** The table of nodes names these. */
  list(tokens: readonly string[], now: number): void {
    for (const token of tokens) {
      if (!this.members.has(token) && !this.departed.has(token))
        this.members.set(token, newMember());
    }
    for (const [token, { heardAt }] of this.members) {
      const isSilent = heardAt === null || now - heardAt > silentMs;
      if (isSilent && !tokens.includes(token)) this.members.delete(token);
    }
  }

  leave(token: string): void {
    this.members.delete(token);
    if (this.departed.size > 1_000) this.departed.clear();
    this.departed.add(token);
  }

  /** Nothing that any of them has heard from us is believed any more before it says something new. */
  doubt(): void {
    for (const member of this.members.values()) member.isWhole = false;
  }

  /** Every one of them has been heard since the last doubt. */
  areWhole(): boolean {
    return [...this.members.values()].every((member) => member.isWhole);
  }

  /** Up to this time everything they said has been heard; for ever when there is nobody. */
  provenAt(): number {
    let at = Number.POSITIVE_INFINITY;
    for (const member of this.members.values()) at = Math.min(at, member.provenAt);
    return at;
  }

  /** Each with the time it was last heard, null for never. */
  *all(): Iterable<readonly [string, number | null]> {
    for (const [token, { heardAt }] of this.members) yield [token, heardAt];
  }
}

function newMember(): Member {
  return { n: 0, heardAt: null, beat: 0, provenAt: Number.NEGATIVE_INFINITY, isWhole: false };
}
