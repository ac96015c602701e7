import fc from 'fast-check';
import { expect, it } from 'vitest';
import { gone, LayeredMap, type Change } from './layered-map.ts';

it('a layered map is a map whose earlier versions stay as they were', () => {
  const key = fc.nat(600);
  const changes = fc.array(fc.tuple(key, fc.oneof(fc.nat(), fc.constant(gone))), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(fc.array(changes, { maxLength: 20 }), (rounds) => {
      let layered = LayeredMap.empty<number, number>();
      const plain = new Map<number, number>();
      for (const round of rounds) {
        const before = [...layered];
        const earlier = layered;
        layered = layered.with(new Map<number, Change<number>>(round));
        for (const [at, change] of new Map(round)) {
          if (change === gone) plain.delete(at);
          else plain.set(at, change);
        }
        expect([...earlier]).toEqual(before);
        expect(layered.size).toBe(plain.size);
        expect(new Map(layered)).toEqual(plain);
      }
    }),
  );
});
