import type { MethodRow } from './method-rows';

/** An order of the methods. */
export interface TopOrder {
  /** The key that chooses it. */
  readonly key: string;
  /** The name for `--sort`. */
  readonly name: string;
  /** The values to sort by, the most important first. Greater numbers come first, and texts from A to Z. */
  readonly values: (row: MethodRow) => readonly (number | string | null)[];
}

/** Age in seconds from which a call in progress is a problem by itself. */
const HUNG = 10;

/** Methods with problems first: bad calls, then other failures, then calls that hang. */
export const PROBLEMS: TopOrder = {
  key: 'd',
  name: 'problems',
  values: ({ rate, badRatio, failedRatio, oldest }) => [
    (badRatio ?? 0) * (rate ?? 0),
    (failedRatio ?? 0) * (rate ?? 0),
    oldest !== null && oldest >= HUNG ? oldest : 0,
    rate,
  ],
};

/** Sorts methods. Rows without a value come last, in either direction. Rows with equal values are sorted by name. */
export function sortRows(
  rows: readonly MethodRow[],
  { values }: TopOrder,
  reversed: boolean,
): MethodRow[] {
  const sign = reversed ? -1 : 1;
  const keyed = rows.map((row) => ({ row, values: values(row), name: nameOf(row) }));
  keyed.sort((a, b) => {
    for (const [i, x] of a.values.entries()) {
      const y = b.values[i] ?? null;
      if (x === y) continue;
      if (x === null || y === null) return x === null ? 1 : -1;
      return sign * ((typeof x === 'string' ? x < y : x > Number(y)) ? -1 : 1);
    }
    return a.name < b.name ? -1 : 1;
  });
  return keyed.map(({ row }) => row);
}

/** Identifies a method, and is what a filter looks at. */
export function nameOf({ service, method }: Pick<MethodRow, 'service' | 'method'>): string {
  return `${service}.${method}`;
}
