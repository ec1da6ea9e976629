/** A share in per cent: 0.9995 is 99.95, and not 99.95000000000001. */
export function percentOf(share: number): number {
  return Number((share * 100).toPrecision(12));
}
