import { describe, expect, it } from 'vitest';
import type { Curve, Scaling } from './curve.ts';
import { pointOf } from './curve.ts';
import { draw } from './picture.ts';
import { withSection } from './section.ts';

const curve: Curve = {
  key: 'inbox',
  title: 'Page of <the> inbox',
  across: 'conversations',
  unit: 'ms',
  series: [
    { name: 'first page', points: [pointOf('10', [2, 3, 4]), pointOf('1 k', [6, 6, 6])] },
    { name: 'last page', points: [pointOf('10', [1]), pointOf('1 k', [1])] },
  ],
  goal: { value: 5, words: 'at most 5 ms', isMet: false },
  notes: ['One at a time.'],
};
const scaling: Scaling = {
  machine: '2 cores',
  quick: ['inbox'],
  loadAverages: { inbox: [0.1, 2] },
  curves: [curve],
};
const page = `# Ours
<!-- cost: written by npm run bench:scaling; do not edit -->
old figures
<!-- end of cost -->
## Theirs
`;

describe('what the scaling benchmark writes', () => {
  it('says each figure with its ratio to the smallest size, and leaves the rest of the page alone', () => {
    const written = withSection(page, scaling);
    expect(written).toContain('| 1 k | 6.0 | 0 % | 2.00 | 3 |');
    expect(written).toContain('at most 5 ms: **missed**');
    expect(written).toContain('fewer tries and smaller sizes');
    expect(written).not.toContain('old figures');
    expect(written.startsWith('# Ours\n')).toBe(true);
    expect(written.endsWith('## Theirs\n')).toBe(true);
    expect(withSection(written, scaling)).toBe(written);
  });

  it('draws higher what is more, from zero, with the goal between', () => {
    const picture = draw([curve]);
    const heights = [...picture.matchAll(/<circle class="d0" cx="[\d.]+" cy="([\d.]+)" r="4"/g)]
      .map((match) => Number(match[1]))
      .slice(-2);
    const goal = Number(/class="goal"[^>]*y1="([\d.]+)"/.exec(picture)![1]);
    // Downwards is more in SVG: 6 stands above the goal of 5, which stands above 3.
    expect(heights[1]).toBeLessThan(goal);
    expect(goal).toBeLessThan(heights[0]!);
    expect(picture).toContain('Page of &lt;the> inbox');
  });
});
