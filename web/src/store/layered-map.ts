// A map that never changes: every change makes a new one that shares the old one's bulk. Copying a Map of
// 10,000 conversations takes one to two milliseconds, too long to do for every frame; this copies at most
// `overlayMax` entries and pays for the whole only when the overlay is full.

const overlayMax = 256;

export const gone = Symbol('gone');
export type Change<V> = V | typeof gone;

export class LayeredMap<K, V> implements ReadonlyMap<K, V> {
  readonly #base: ReadonlyMap<K, V>;
  readonly #overlay: ReadonlyMap<K, Change<V>>;
  readonly size: number;

  private constructor(base: ReadonlyMap<K, V>, overlay: ReadonlyMap<K, Change<V>>, size: number) {
    this.#base = base;
    this.#overlay = overlay;
    this.size = size;
  }

  static empty<K, V>(): LayeredMap<K, V> {
    return new LayeredMap<K, V>(new Map(), new Map(), 0);
  }

  with(changes: ReadonlyMap<K, Change<V>>): LayeredMap<K, V> {
    let size = this.size;
    const overlay = new Map(this.#overlay);
    for (const [key, change] of changes) {
      const had = this.has(key);
      if (change === gone) size -= had ? 1 : 0;
      else size += had ? 0 : 1;
      overlay.set(key, change);
    }
    if (overlay.size <= overlayMax) return new LayeredMap(this.#base, overlay, size);
    const base = new Map(this.#base);
    for (const [key, change] of overlay) {
      if (change === gone) base.delete(key);
      else base.set(key, change);
    }
    return new LayeredMap(base, new Map(), size);
  }

  get(key: K): V | undefined {
    const change = this.#overlay.get(key);
    if (change === undefined) return this.#base.get(key);
    return change === gone ? undefined : change;
  }

  has(key: K): boolean {
    const change = this.#overlay.get(key);
    return change === undefined ? this.#base.has(key) : change !== gone;
  }

  *entries(): MapIterator<[K, V]> {
    for (const [key, value] of this.#base) {
      const change = this.#overlay.get(key);
      if (change === undefined) yield [key, value];
      else if (change !== gone) yield [key, change];
    }
    for (const [key, change] of this.#overlay) {
      if (change !== gone && !this.#base.has(key)) yield [key, change];
    }
  }

  *keys(): MapIterator<K> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): MapIterator<V> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }

  forEach(visit: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this);
  }
}
