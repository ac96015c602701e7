import type { Curve, Point } from './curve.ts';

// The curves as one SVG of small multiples. It brings its own background and follows the reader's light or dark, so it
// can be read wherever it is shown. A panel begins at zero, so that what looks twice as high is twice as
// much; one with powers of ten on its axis says so by them.

const panel = { width: 360, height: 250, left: 62, right: 16, top: 58, bottom: 62 };
const columns = 3;
const titleLeft = 24;

export function draw(curves: readonly Curve[]): string {
  const rows = Math.ceil(curves.length / columns);
  const [width, height] = [columns * panel.width, rows * panel.height];
  const panels = curves.map((curve, i) => {
    const [x, y] = [(i % columns) * panel.width, Math.floor(i / columns) * panel.height];
    return `<g transform="translate(${x} ${y})">${drawPanel(curve)}</g>`;
  });
  const words = curves.map((curve) => curve.title).join(', ');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(`What Aside costs as it grows: ${words}`)}">
<style>
:root { --paper: #ffffff; --ink: #1f2328; --faint: #59636e; --grid: #d8dee4; --one: #0969da; --two: #bc4c00; --goal: #1a7f37 }
@media (prefers-color-scheme: dark) { :root { --paper: #0d1117; --ink: #e6edf3; --faint: #9198a1; --grid: #30363d; --one: #58a6ff; --two: #f0883e; --goal: #3fb950 } }
.paper { fill: var(--paper) } text { fill: var(--ink); font: 12px system-ui, sans-serif } .title { font-weight: 600; font-size: 13px }
.faint { fill: var(--faint); font-size: 11px } .grid { stroke: var(--grid) } .goal { stroke: var(--goal); stroke-dasharray: 5 4 } .goal-word { fill: var(--goal); font-size: 11px }
.s0 { stroke: var(--one) } .s1 { stroke: var(--two) } .d0 { fill: var(--one) } .d1 { fill: var(--two) } polyline { fill: none; stroke-width: 2 }
</style>
<rect class="paper" width="${width}" height="${height}"/>
${panels.join('\n')}
</svg>
`;
}

function drawPanel(curve: Curve): string {
  const bottom = panel.height - panel.bottom;
  const scale = scaleOf(curve);
  const y = (value: number): number => bottom - scale.part(value) * (bottom - panel.top);
  const labels = curve.series[0]!.points.map((point) => point.label);
  const usable = panel.width - panel.left - panel.right;
  const x = (i: number): number => panel.left + ((i + 0.5) * usable) / labels.length;
  return [
    `<text class="title" x="${titleLeft}" y="20">${escape(curve.title)}, ${escape(curve.unit)}</text>`,
    legend(curve),
    ...scale.steps.map((value) => gridLine(value, y(value))),
    ...labels.map((label, i) => text('', x(i), bottom + 18, 'middle', label)),
    text('faint', panel.left + usable / 2, bottom + 38, 'middle', curve.across),
    goalLine(curve, y),
    ...curve.series.map((series, s) => drawSeries(curve, series.points, s, x, y)),
  ].join('');
}

interface Scale {
  /** Where the lines of the grid are. */
  steps: number[];
  /** How far up a value stands: 0 at the bottom, 1 at the top. */
  part(value: number): number;
}

function scaleOf(curve: Curve): Scale {
  const all = curve.series.flatMap((series) => series.points);
  const highest = Math.max(...all.map((point) => point.high), curve.goal?.value ?? 0);
  if (curve.scale !== 'log') {
    const { step, top } = scaleFor(highest);
    const steps = Array.from({ length: Math.round(top / step) + 1 }, (_, i) => i * step);
    return { steps, part: (value) => value / top };
  }
  const from = Math.floor(Math.log10(Math.min(...all.map((point) => point.low))));
  const to = Math.ceil(Math.log10(highest));
  const steps = Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i));
  return { steps, part: (value) => (Math.log10(value) - from) / (to - from) };
}

function legend(curve: Curve): string {
  if (curve.series.length === 1)
    return text('faint', titleLeft, 38, 'start', curve.series[0]!.name);
  const lines = curve.series.map(
    ({ name }, s) =>
      `<circle class="d${s}" cx="${titleLeft + 4}" cy="${31 + 14 * s}" r="4"/>${text('faint', titleLeft + 14, 35 + 14 * s, 'start', name)}`,
  );
  return lines.join('');
}

function gridLine(value: number, at: number): string {
  const line = `<line class="grid" x1="${panel.left}" x2="${panel.width - panel.right}" y1="${at.toFixed(1)}" y2="${at.toFixed(1)}"/>`;
  return line + text('faint', panel.left - 8, at + 4, 'end', value.toLocaleString('en'));
}

function goalLine({ goal }: Curve, y: (value: number) => number): string {
  if (!goal) return '';
  const at = y(goal.value);
  return `<line class="goal" x1="${panel.left}" x2="${panel.width - panel.right}" y1="${at.toFixed(1)}" y2="${at.toFixed(1)}"/>${text('goal-word', panel.width - panel.right, at - 5, 'end', 'goal')}`;
}

/** A line through the medians, with a whisker from the first quarter to the third. */
function drawSeries(
  { isUnordered }: Curve,
  points: readonly Point[],
  s: number,
  x: (i: number) => number,
  y: (value: number) => number,
): string {
  // Two series stand a little apart, so that their whiskers do not hide each other.
  const at = (i: number): number => x(i) + 8 * s;
  const line = points
    .map((point, i) => `${at(i).toFixed(1)},${y(point.median).toFixed(1)}`)
    .join(' ');
  const marks = points.map((point, i) => {
    const whisker = `<line class="s${s}" x1="${at(i).toFixed(1)}" x2="${at(i).toFixed(1)}" y1="${y(point.low).toFixed(1)}" y2="${y(point.high).toFixed(1)}"/>`;
    return `${whisker}<circle class="d${s}" cx="${at(i).toFixed(1)}" cy="${y(point.median).toFixed(1)}" r="4"/>`;
  });
  const joined = isUnordered ? '' : `<polyline class="s${s}" points="${line}"/>`;
  return joined + marks.join('');
}

/** Three to six round steps up to something above the highest value. */
function scaleFor(highest: number): { step: number; top: number } {
  const magnitude = 10 ** Math.floor(Math.log10(highest / 3));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * magnitude).find((one) => highest / one <= 5)!;
  return { step, top: Math.ceil((highest * 1.02) / step) * step };
}

function text(className: string, x: number, y: number, anchor: string, words: string): string {
  return `<text class="${className}" x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escape(words)}</text>`;
}

function escape(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
