/** Chance that repeats: the same seed and name draw the same on every machine, whatever others draw meanwhile. */
export class Draws {
  private state: number;

  constructor(seed: number, name: string) {
    let hash = 0x811c9dc5 ^ seed;
    for (const char of name) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193);
    this.state = hash >>> 0;
    for (let i = 0; i < 4; i += 1) this.next();
  }

  /** From 0 to below 1: mulberry32. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to below `n`. */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  /** Up to `count` different ones. */
  some<T>(from: readonly T[], count: number): T[] {
    const left = [...from];
    const taken: T[] = [];
    while (taken.length < count && left.length > 0) {
      taken.push(...left.splice(this.below(left.length), 1));
    }
    return taken;
  }

  /** One of the keys, each with its share; the rest of 1 is `null`. */
  choose<K extends string>(shares: Readonly<Record<K, number>>): K | null {
    let left = this.next();
    for (const [key, share] of Object.entries(shares) as [K, number][]) {
      if (left < share) return key;
      left -= share;
    }
    return null;
  }
}
