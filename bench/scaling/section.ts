import type { Curve, Point, Scaling } from './curve.ts';

// The section of docs/scaling.md that the benchmark writes.

const begin = '<!-- cost: written by npm run bench:scaling; do not edit -->';
const end = '<!-- end of cost -->';

/** Replaces what lies between the marks. */
export function withSection(page: string, scaling: Scaling): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error('docs/scaling.md lacks the marks of the section');
  return `${page.slice(0, from + begin.length)}\n\n${section(scaling)}\n\n${page.slice(to)}`;
}

function section({ machine, quick, loadAverages, curves }: Scaling): string {
  return [
    '![What Aside costs as it grows](scaling.svg)',
    '',
    `Measured by \`npm run bench:scaling\` on the embedded PostgreSQL with its default settings; ${machine}. Each figure is the`,
    'median of its tries, ± is half the distance between the first and the third quarter; × is the ratio to the smallest size.',
    'Groups do not exist yet and are left out.',
    '',
    '| what | where | median | ± | × | tries | goal |',
    '|---|---|---:|---:|---:|---:|---|',
    ...curves.flatMap(rowsOf),
    '',
    ...curves.flatMap((curve) => {
      const load = loadAverages[curve.key];
      const wasBusy = load
        ? ` Load average of the machine before and after: ${load[0].toFixed(1)} and ${load[1].toFixed(1)}.`
        : '';
      const wasQuick = quick.includes(curve.key)
        ? ' **Quick: fewer tries and smaller sizes.**'
        : '';
      return [`- **${curve.title}.** ${curve.notes.join(' ')}${wasQuick}${wasBusy}`];
    }),
  ].join('\n');
}

function rowsOf(curve: Curve): string[] {
  return curve.series.flatMap(({ name, points }, s) =>
    points.map((point, i) => {
      const what = i === 0 ? `${curve.title}, ${curve.unit}: ${name}` : '';
      const where = i === 0 ? `${point.label} (${curve.across})` : point.label;
      const isFirst = s === 0 && i === 0;
      const goal =
        isFirst && curve.goal
          ? `${curve.goal.words}: ${curve.goal.isMet ? 'met' : '**missed**'}`
          : '';
      const smallest = points[0]!.median;
      const ratio = smallest === 0 ? '' : (point.median / smallest).toFixed(2);
      return `| ${what} | ${where} | ${figure(point.median)} | ${spreadOf(point)} | ${ratio} | ${point.tries} | ${goal} |`;
    }),
  );
}

function spreadOf({ median, low, high, tries }: Point): string {
  return tries === 1 || median === 0 ? '' : `${((100 * (high - low)) / 2 / median).toFixed(0)} %`;
}

function figure(value: number): string {
  if (value === 0) return '0';
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(2);
}
