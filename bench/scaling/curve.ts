import { quantile } from '../_support/statistics.ts';

// What a measurement hands to the picture and the table.

export interface Point {
  /** As it stands below the axis: "10 k", "middle", "first". */
  label: string;
  median: number;
  /** The first and the third quarter of the tries. */
  low: number;
  high: number;
  tries: number;
}

export interface Series {
  name: string;
  points: Point[];
}

export interface Curve {
  key: string;
  title: string;
  /** What the labels of the points count. */
  across: string;
  unit: string;
  series: Series[];
  /** The axis upwards: what spans powers of ten cannot be read on an even one. */
  scale?: 'log';
  /** The points are no sizes of one thing: no line joins them. */
  isUnordered?: true;
  /** In the unit: a line in the picture, and in words for the table. */
  goal?: { value: number; words: string; isMet: boolean };
  /** What a reader must know to read the figures rightly. */
  notes: string[];
}

export interface Scaling {
  machine: string;
  /** Curves measured with fewer tries and smaller sizes. */
  quick: string[];
  /** The machine's load average before and after each measurement, to judge how quiet it was. */
  loadAverages: Record<string, [number, number]>;
  curves: Curve[];
}

export function pointOf(label: string, values: readonly number[]): Point {
  return {
    label,
    median: round(quantile(values, 0.5)),
    low: round(quantile(values, 0.25)),
    high: round(quantile(values, 0.75)),
    tries: values.length,
  };
}

/** Four digits that count: the rest is noise. */
function round(value: number): number {
  return Number(value.toPrecision(4));
}

export function countWords(count: number): string {
  if (count >= 1_000_000) return `${count / 1_000_000} M`;
  if (count >= 1_000) return `${count / 1_000} k`;
  return String(count);
}
