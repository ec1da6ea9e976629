import type { TableColumn } from '../output';
import type { MethodRow } from './method-rows';

/** A column of `top`. */
export interface TopColumn extends TableColumn {
  /** The key that sorts by the column. */
  readonly key: string;
  /** The name for `--sort`. */
  readonly name: string;
  readonly text: (row: MethodRow) => string;
  /** The value to sort by. */
  readonly order: (row: MethodRow) => number | string | null;
}

export const TOP_COLUMNS: readonly TopColumn[] = [
  {
    key: 'n',
    name: 'name',
    title: 'METHOD',
    text: ({ service, method }) => `${service}.${method}`,
    order: ({ service, method }) => `${service}.${method}`,
  },
  numeric('r', 'rate', 'RATE/S', 9, ({ rate }) => rate, showRate),
  numeric('e', 'failed', 'FAILED', 8, ({ failedRatio }) => failedRatio, showPercentage),
  numeric('b', 'bad', 'BAD', 8, ({ badRatio }) => badRatio, showPercentage),
  numeric('5', 'p50', 'P50', 8, ({ p50 }) => p50, showSeconds),
  numeric('9', 'p95', 'P95', 8, ({ p95 }) => p95, showSeconds),
  numeric('l', 'p99', 'P99', 8, ({ p99 }) => p99, showSeconds),
  numeric('f', 'inflight', 'IN FLIGHT', 10, ({ inFlight }) => inFlight, String),
];

function numeric(
  key: string,
  name: string,
  title: string,
  width: number,
  order: (row: MethodRow) => number | null,
  show: (value: number) => string,
): TopColumn {
  const text = (row: MethodRow): string => {
    const value = order(row);
    return value === null ? '-' : show(value);
  };
  return { key, name, title, align: 'right', width, text, order };
}

/** Sorts numbers from the greatest to the least and names from A to Z, unless reversed. Null always comes last. */
export function sortRows(
  rows: readonly MethodRow[],
  column: TopColumn,
  reversed: boolean,
): MethodRow[] {
  const [name] = TOP_COLUMNS as [TopColumn];
  const sign = reversed ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [x, y] = [column.order(a), column.order(b)];
    if (x === null || y === null) {
      if (x !== y) return x === null ? 1 : -1;
    } else if (x !== y) {
      return sign * ((typeof x === 'string' ? x < y : x > Number(y)) ? -1 : 1);
    }
    return name.text(a) < name.text(b) ? -1 : 1;
  });
}

function showRate(rate: number): string {
  return rate >= 1000 ? rate.toFixed(0) : rate.toFixed(1);
}

function showPercentage(fraction: number): string {
  return `${(fraction * 100).toFixed(fraction > 0 && fraction < 0.1 ? 2 : 1)}%`;
}

function showSeconds(seconds: number): string {
  if (seconds >= 1) return `${seconds.toPrecision(3)}s`;
  if (seconds >= 0.001) return `${(seconds * 1000).toPrecision(3)}ms`;
  return `${(seconds * 1e6).toFixed(0)}us`;
}
