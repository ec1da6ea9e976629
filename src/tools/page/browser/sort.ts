import type { Figure, MethodRow } from './protocol.js';

export type SortKey =
  | 'attention'
  | 'method'
  | 'rate'
  | 'failedRatio'
  | 'badRatio'
  | 'p50'
  | 'p95'
  | 'p99'
  | 'inFlight';

export interface Sort {
  readonly key: SortKey;
  readonly direction: 'ascending' | 'descending';
}

/** Methods with bad calls first, then the slowest. */
export const ATTENTION: Sort = { key: 'attention', direction: 'descending' };

export const SORT_LABELS: Readonly<Record<SortKey, string>> = {
  attention: 'bad calls, then slowest',
  method: 'name',
  rate: 'calls per second',
  failedRatio: 'failed calls',
  badRatio: 'bad calls',
  p50: 'p50',
  p95: 'p95',
  p99: 'p99',
  inFlight: 'in flight',
};

/** The sort after a click on a column: the largest value or name A first, and reversed after a second click. */
export function nextSort(current: Sort, key: SortKey): Sort {
  if (current.key !== key) {
    return { key, direction: key === 'method' ? 'ascending' : 'descending' };
  }
  return { key, direction: current.direction === 'ascending' ? 'descending' : 'ascending' };
}

/** Returns the rows in order. Unknown figures come last in both directions, and equal figures are sorted by name. */
export function sortRows(rows: readonly MethodRow[], { key, direction }: Sort): MethodRow[] {
  const sign = direction === 'ascending' ? 1 : -1;
  return rows.toSorted((a, b) => {
    if (key === 'method') return sign * byName(a, b);
    if (key === 'attention') return byAttention(a, b) || byName(a, b);
    return byFigure(a[key], b[key], sign) || byName(a, b);
  });
}

/** Sorts by bad calls, or by failed ones where bad calls are unknown, then by latency. */
function byAttention(a: MethodRow, b: MethodRow): number {
  return byFigure(painOf(a), painOf(b), -1) || byFigure(a.p99, b.p99, -1);
}

/** The fraction of calls that needs attention: bad calls, or failed ones where bad calls are unknown. */
export function painOf({ badRatio, failedRatio }: MethodRow): Figure {
  return badRatio ?? failedRatio;
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

/** Whether the name of a method contains every word of the filter, ignoring case. */
export function matches({ service, method }: MethodRow, filter: string): boolean {
  const name = `${service}.${method}`.toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => name.includes(word));
}
