import type { TableColumn } from '../output';
import { againstBound, hangs, missesObjective } from '../../../slo/urgency';
import { showBudget, showLatency, showPercentage, showRate, showSeconds } from './cell-text';
import type { Latency, MethodRow } from './method-rows';
import { BY_NAME, byFigure, PROBLEMS, type TopOrder, urgencyOf } from './top-order';

/** A column of `top` with a figure. */
export interface TopColumn extends TableColumn {
  readonly order: TopOrder;
  readonly width: number;
  /** The least important column, which has the greatest number, is the first to go when the terminal is narrow. */
  readonly priority: number;
  readonly text: (row: MethodRow) => string;
  /** Whether a method has what the column shows, which is left out if none has. Null for a column that is always shown. */
  readonly isFor: ((row: MethodRow) => boolean) | null;
  readonly emphasis: (row: MethodRow) => Emphasis;
}

/** How a cell stands out. A figure without a problem does not. */
type Emphasis = 'red' | 'yellow' | null;

export const TOP_COLUMNS: readonly TopColumn[] = [
  figure('r', 'rate', 'RATE/S', 8, 0, ({ rate }) => rate, showRate, {
    instead: ({ isLost }) => (isLost ? 'lost' : null),
    emphasis: ({ isLost }) => (isLost ? 'red' : null),
  }),
  figure('e', 'failed', 'FAILED', 7, 1, ({ failedRatio }) => failedRatio, showPercentage, {
    emphasis: ({ failedRatio }) => ((failedRatio ?? 0) > 0 ? 'yellow' : null),
  }),
  figure('b', 'bad', 'BAD', 7, 5, ({ badRatio }) => badRatio, showPercentage, {
    emphasis: ({ badRatio }) => ((badRatio ?? 0) > 0 ? 'red' : null),
  }),
  latency('5', 'p50', 'P50', 9, ({ p50 }) => p50),
  latency('9', 'p95', 'P95', 8, ({ p95 }) => p95),
  latency('l', 'p99', 'P99', 3, ({ p99 }) => p99, {
    emphasis: (row) => (againstBound(urgencyOf(row)) === null ? null : 'yellow'),
  }),
  figure('f', 'inflight', 'IN FLIGHT', 9, 7, ({ inFlight }) => inFlight, String),
  figure('o', 'oldest', 'OLDEST', 7, 4, ({ oldest }) => oldest, showSeconds, {
    emphasis: (row) => (hangs(row) ? 'red' : null),
  }),
  figure('u', 'budget', 'BUDGET', 7, 2, ({ budget }) => budget, showBudget, {
    isFor: ({ hasObjective }) => hasObjective,
    emphasis: (row) => (missesObjective(row) ? 'red' : null),
  }),
  figure('v', 'loop', 'LOOP', 6, 6, ({ loopShare }) => loopShare, showPercentage, {
    isFor: ({ loopShare }) => loopShare !== null,
  }),
];

/** Width of names that columns leave, unless the names are shorter. */
export const NAME_WIDTH = 30;

/** Spaces between two columns. */
export const GAP = 2;

/** The columns that have something to show for any of the rows. */
export function columnsFor(rows: readonly MethodRow[]): readonly TopColumn[] {
  return TOP_COLUMNS.filter(({ isFor }) => isFor === null || rows.some(isFor));
}

/** The columns that fit into a width beside the name, the most important ones if not all do. */
export function columnsWithin(width: number, columns: readonly TopColumn[]): readonly TopColumn[] {
  const fitting = new Set<TopColumn>();
  let left = width;
  for (const column of columns.toSorted((a, b) => a.priority - b.priority)) {
    left -= column.width + GAP;
    // A name alone says nothing.
    if (left < 0 && fitting.size > 0) break;
    fitting.add(column);
  }
  return columns.filter((column) => fitting.has(column));
}

/** Every order that a key or `--sort` can choose. */
export const ORDERS: readonly TopOrder[] = [
  PROBLEMS,
  BY_NAME,
  ...TOP_COLUMNS.map(({ order }) => order),
];

type Details = Partial<Pick<TopColumn, 'isFor' | 'emphasis'>> & {
  /** Text that takes the place of the figure, or null. */
  readonly instead?: (row: MethodRow) => string | null;
};

function figure(
  key: string,
  name: string,
  title: string,
  width: number,
  priority: number,
  figureOf: (row: MethodRow) => number | null,
  show: (value: number) => string,
  { instead = () => null, isFor = null, emphasis = () => null }: Details = {},
): TopColumn {
  const text = (row: MethodRow): string => {
    const found = figureOf(row);
    return instead(row) ?? (found === null ? '-' : show(found));
  };
  const order = byFigure(key, name, figureOf);
  return { order, title, align: 'right', width, priority, text, isFor, emphasis };
}

function latency(
  key: string,
  name: string,
  title: string,
  priority: number,
  latencyOf: (row: MethodRow) => Latency | null,
  { emphasis = () => null }: Details = {},
): TopColumn {
  const text = (row: MethodRow): string => {
    const found = latencyOf(row);
    return found === null ? '-' : showLatency(found);
  };
  const order = byFigure(key, name, (row) => latencyOf(row)?.seconds ?? null);
  return { order, title, align: 'right', width: 7, priority, text, isFor: null, emphasis };
}
