import type { Figure, MethodRow } from './protocol.js';

export type SortKey =
  | 'attention'
  | 'method'
  | 'rate'
  | 'errorRatio'
  | 'p50'
  | 'p95'
  | 'p99'
  | 'inFlight';

export interface Sort {
  readonly key: SortKey;
  readonly direction: 'ascending' | 'descending';
}

/** Those that fail first, then the slowest. */
export const ATTENTION: Sort = { key: 'attention', direction: 'descending' };

export const SORT_LABELS: Readonly<Record<SortKey, string>> = {
  attention: 'failing, then slowest',
  method: 'name',
  rate: 'calls a second',
  errorRatio: 'errors',
  p50: 'p50',
  p95: 'p95',
  p99: 'p99',
  inFlight: 'in flight',
};

/** The sort after a click on a column: largest first, names from A on, and the other way round at the second click. */
export function nextSort(current: Sort, key: SortKey): Sort {
  if (current.key !== key) {
    return { key, direction: key === 'method' ? 'ascending' : 'descending' };
  }
  return { key, direction: current.direction === 'ascending' ? 'descending' : 'ascending' };
}

/** Sorted anew. What cannot be told is last in either direction, and names decide between equals. */
export function sortRows(rows: readonly MethodRow[], { key, direction }: Sort): MethodRow[] {
  const sign = direction === 'ascending' ? 1 : -1;
  return rows.toSorted((a, b) => {
    if (key === 'method') return sign * byName(a, b);
    if (key === 'attention') return byAttention(a, b) || byName(a, b);
    return byFigure(a[key], b[key], sign) || byName(a, b);
  });
}

/** Errors that no IDL declares first, then any errors, since declared ones are answers; then the latency. */
function byAttention(a: MethodRow, b: MethodRow): number {
  return byFigure(a.undeclaredRatio, b.undeclaredRatio, -1) || byFigure(a.p99, b.p99, -1);
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

/** Whether a row has every word of the filter in its name, in any case. */
export function matches({ service, method }: MethodRow, filter: string): boolean {
  const name = `${service}.${method}`.toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => name.includes(word));
}
