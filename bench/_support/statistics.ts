/** The value below which the part `q` of the values lies, between neighbours in proportion. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low + (high - low) * (at - Math.floor(at));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Half the distance between the first and the third quarter, relative to the median: "± 3 %". */
export function spread(values: readonly number[]): string {
  const half = (quantile(values, 0.75) - quantile(values, 0.25)) / 2;
  return `± ${((100 * half) / median(values)).toFixed(0)} %`;
}
