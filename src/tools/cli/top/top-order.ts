import { compareUrgency, type Urgency } from '../../../slo/urgency';
import type { MethodRow } from './method-rows';

/** An order of the methods. */
export interface TopOrder {
  /** The key that chooses it. */
  readonly key: string;
  /** The name for `--sort`. */
  readonly name: string;
  /**
   * Compares two methods. Returns a negative number if the first one comes first.
   *
   * @param sign -1 for the reversed order
   */
  readonly compare: (a: MethodRow, b: MethodRow, sign: 1 | -1) => number;
}

/** What decides how urgently a method needs attention. */
export function urgencyOf(row: MethodRow): Urgency {
  return { ...row, p99: row.p99?.seconds ?? null };
}

/** Methods and clients that need attention first, in the order of the live page. */
export const PROBLEMS: TopOrder = {
  key: 'd',
  name: 'problems',
  compare: (a, b, sign) => sign * compareUrgency(urgencyOf(a), urgencyOf(b)),
};

/** Orders by a figure, the greatest first. Methods without the figure come last, in either direction. */
export function byFigure(
  key: string,
  name: string,
  figureOf: (row: MethodRow) => number | null,
): TopOrder {
  const compare: TopOrder['compare'] = (a, b, sign) => {
    const [x, y] = [figureOf(a), figureOf(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return sign * (y - x);
  };
  return { key, name, compare };
}

export const BY_NAME: TopOrder = {
  key: 'n',
  name: 'name',
  compare: (a, b, sign) => sign * compareNames(a, b),
};

/** Sorts methods. Rows that are equal in the order are sorted by name. */
export function sortRows(
  rows: readonly MethodRow[],
  { compare }: TopOrder,
  reversed: boolean,
): MethodRow[] {
  const sign = reversed ? -1 : 1;
  return rows.toSorted((a, b) => compare(a, b, sign) || compareNames(a, b));
}

function compareNames(a: MethodRow, b: MethodRow): number {
  const [x, y] = [nameOf(a), nameOf(b)];
  return x < y ? -1 : Number(x > y);
}

/** Identifies a method or a client, and is what a filter looks at. */
export function nameOf({
  service,
  method,
  isClient,
}: Pick<MethodRow, 'service' | 'method' | 'isClient'>): string {
  return isClient ? `dependency ${method} (${service})` : `${service}.${method}`;
}
