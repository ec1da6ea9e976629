import { compareUrgency } from '../../../slo/urgency';
import type { Figure, MethodRow } from './protocol.js';

export type SortKey =
  | 'trouble'
  | 'method'
  | 'rate'
  | 'failedRatio'
  | 'badRatio'
  | 'p50'
  | 'p95'
  | 'p99'
  | 'inFlight'
  | 'oldest'
  | 'budget';

export interface Sort {
  readonly key: SortKey;
  readonly direction: 'ascending' | 'descending';
}

/** Methods that need attention first. */
export const TROUBLE: Sort = { key: 'trouble', direction: 'descending' };

export const SORT_LABELS: Readonly<Record<SortKey, string>> = {
  trouble: 'trouble first',
  method: 'name',
  rate: 'calls per second',
  failedRatio: 'failed calls',
  badRatio: 'bad calls',
  p50: 'p50',
  p95: 'p95',
  p99: 'p99',
  inFlight: 'in flight',
  oldest: 'oldest call',
  budget: 'error budget',
};

/** The sort after the user has chosen a column: the worst value or name A first. */
export function sortBy(key: SortKey): Sort {
  const isAscending = key === 'method' || key === 'budget';
  return { key, direction: isAscending ? 'ascending' : 'descending' };
}

/** The sort after a click on a column. A second click reverses it. */
export function nextSort(current: Sort, key: SortKey): Sort {
  if (current.key !== key) return sortBy(key);
  return { key, direction: current.direction === 'ascending' ? 'descending' : 'ascending' };
}

/** Returns the rows in order. Unknown figures come last in both directions, and equal figures are sorted by name. */
export function sortRows<Row extends MethodRow>(
  rows: readonly Row[],
  { key, direction }: Sort,
): Row[] {
  const sign = direction === 'ascending' ? 1 : -1;
  return rows.toSorted((a, b) => {
    if (key === 'method') return sign * byName(a, b);
    if (key === 'trouble') return compareUrgency(a, b) || byName(a, b);
    return byFigure(a[key], b[key], sign) || byName(a, b);
  });
}

function byFigure(a: Figure, b: Figure, sign: number): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return sign * (a - b);
}

function byName(a: MethodRow, b: MethodRow): number {
  return compare(a.service, b.service) || compare(a.method, b.method);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
