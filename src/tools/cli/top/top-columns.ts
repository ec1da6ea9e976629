import type { TableColumn } from '../output';
import { showLatency, showPercentage, showRate, showSeconds } from './cell-text';
import type { Latency, MethodRow } from './method-rows';
import { nameOf, PROBLEMS, type TopOrder } from './top-order';

/** A column of `top` with a figure. */
export interface TopColumn extends TableColumn {
  readonly order: TopOrder;
  readonly width: number;
  /** The least important column, which has the greatest number, is the first to go when the terminal is narrow. */
  readonly priority: number;
  readonly text: (row: MethodRow) => string;
}

export const BY_NAME: TopOrder = { key: 'n', name: 'name', values: (row) => [nameOf(row)] };

export const TOP_COLUMNS: readonly TopColumn[] = [
  figure('r', 'rate', 'RATE/S', 8, 0, ({ rate }) => rate, showRate),
  figure('e', 'failed', 'FAILED', 7, 1, ({ failedRatio }) => failedRatio, showPercentage),
  figure('b', 'bad', 'BAD', 7, 3, ({ badRatio }) => badRatio, showPercentage),
  latency('5', 'p50', 'P50', 7, ({ p50 }) => p50),
  latency('9', 'p95', 'P95', 6, ({ p95 }) => p95),
  latency('l', 'p99', 'P99', 2, ({ p99 }) => p99),
  figure('f', 'inflight', 'IN FLIGHT', 9, 5, ({ inFlight }) => inFlight, String),
  figure('o', 'oldest', 'OLDEST', 7, 4, ({ oldest }) => oldest, showSeconds),
];

/** Width of names that columns leave, unless the names are shorter. */
export const NAME_WIDTH = 30;

/** Spaces between two columns. */
export const GAP = 2;

/** The columns that fit into a width beside the name, the most important ones if not all do. */
export function columnsWithin(width: number): readonly TopColumn[] {
  const fitting = new Set<TopColumn>();
  let left = width;
  for (const column of TOP_COLUMNS.toSorted((a, b) => a.priority - b.priority)) {
    left -= column.width + GAP;
    // A name alone says nothing.
    if (left < 0 && fitting.size > 0) break;
    fitting.add(column);
  }
  return TOP_COLUMNS.filter((column) => fitting.has(column));
}

/** Every order that a key or `--sort` can choose. */
export const ORDERS: readonly TopOrder[] = [
  PROBLEMS,
  BY_NAME,
  ...TOP_COLUMNS.map(({ order }) => order),
];

function figure(
  key: string,
  name: string,
  title: string,
  width: number,
  priority: number,
  value: (row: MethodRow) => number | null,
  show: (value: number) => string,
): TopColumn {
  const text = (row: MethodRow): string => {
    const found = value(row);
    return found === null ? '-' : show(found);
  };
  const order = { key, name, values: (row: MethodRow) => [value(row)] };
  return { order, title, align: 'right', width, priority, text };
}

function latency(
  key: string,
  name: string,
  title: string,
  priority: number,
  value: (row: MethodRow) => Latency | null,
): TopColumn {
  const text = (row: MethodRow): string => {
    const found = value(row);
    return found === null ? '-' : showLatency(found);
  };
  const order = { key, name, values: (row: MethodRow) => [value(row)?.seconds ?? null] };
  return { order, title, align: 'right', width: 7, priority, text };
}
