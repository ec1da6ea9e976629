/** Converts a fraction to percent without rounding errors: 0.9995 is 99.95, not 99.95000000000001. */
export function percentOf(fraction: number): number {
  return Number((fraction * 100).toPrecision(12));
}
