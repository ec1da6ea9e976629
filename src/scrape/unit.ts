/** OpenMetrics only allows a unit as the end of a name. A counter of a unit has `_total` after it. */
const UNIT = /_(seconds|bytes)(?:_total)?$/;

/** Returns the base unit that a metric name ends with, or null. */
export function unitOf(name: string): string | null {
  return UNIT.exec(name)?.[1] ?? null;
}
