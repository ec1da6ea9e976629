import type { Instance } from './instance';
import type { MethodRow } from './method-rows';
import { renderTable } from '../output';
import { sortRows, TOP_COLUMNS, type TopColumn } from './top-columns';

/** What the user has chosen to see. */
export interface TopChoice {
  column: TopColumn;
  reversed: boolean;
  /** How many rows are scrolled past. */
  offset: number;
  paused: boolean;
  help: boolean;
}

export interface TopFrame {
  readonly rows: readonly MethodRow[];
  readonly instances: readonly Instance[];
  readonly choice: TopChoice;
  /** When the values were read. */
  readonly time: Date;
}

const GAP = 2;
const MIN_NAME_WIDTH = 12;
const KEYS = 'q quit  p pause  left/right sort  i reverse  up/down scroll  ? help';
const HELP: readonly string[] = [
  'n r e 5 9 l f   sort by method, rate, errors, p50, p95, p99, in flight',
  'left, right, s  sort by the column before, the next one',
  'i               reverse the order',
  'up, down        scroll by a row; with page up, page down by ten',
  'p               pause, and go on',
  '?               show this, and hide it again',
  'q, Ctrl-C       quit',
  '',
  'Rates, errors and percentiles are those between the last two scrapes, summed over',
  'all instances that are up. Errors is the share of calls that failed.',
];

/** The lines that fill a terminal of so many columns and rows. */
export function renderFrame(frame: TopFrame, columns: number, height: number): string[] {
  const { instances, choice, time } = frame;
  const up = instances.filter(({ error }) => error === null).length;
  const clock = time.toTimeString().slice(0, 8);
  const state = choice.paused ? 'paused' : clock;
  const head = [
    `thrift-metrics top  ${up} of ${instances.length} instances up  ${state}`,
    ...downLines(instances),
    '',
  ];
  const room = Math.max(0, height - head.length - 1);
  const body = choice.help ? HELP : tableLines(frame, columns, room);
  return [...head, ...body.slice(0, room)]
    .concat(KEYS)
    .slice(0, height)
    .map((line) => line.slice(0, columns));
}

/** The whole table, as wide as it is. */
export function renderOnce(rows: readonly MethodRow[], column: TopColumn): string[] {
  const cells = sortRows(rows, column, false).map((row) =>
    TOP_COLUMNS.map(({ text }) => text(row)),
  );
  const columns = TOP_COLUMNS.map(({ title, align }) => ({ title, ...(align && { align }) }));
  return renderTable(columns, cells);
}

/** Why instances are down. */
export function downLines(instances: readonly Instance[]): string[] {
  return instances.flatMap(({ error }) => (error === null ? [] : [error]));
}

function tableLines({ rows, choice }: TopFrame, columns: number, room: number): string[] {
  const { column, reversed } = choice;
  const visible = fitting(columns);
  const others = visible.slice(1).reduce((sum, { width = 0 }) => sum + width + GAP, 0);
  const shown = Math.max(0, room - 1);
  // The last page stays full.
  choice.offset = Math.max(0, Math.min(choice.offset, rows.length - shown));
  const page = sortRows(rows, column, reversed).slice(choice.offset, choice.offset + shown);
  return renderTable(
    visible.map(({ title, align, width, name }) => ({
      title: name === column.name ? `${reversed ? '^' : 'v'}${title}` : title,
      width: width ?? Math.max(MIN_NAME_WIDTH, columns - others),
      ...(align && { align }),
    })),
    page.map((row) => visible.map(({ text }) => text(row))),
  );
}

/** The method, and as many of the other columns as there is room for. */
function fitting(columns: number): TopColumn[] {
  let left = columns - MIN_NAME_WIDTH;
  return TOP_COLUMNS.filter(({ width }) => {
    if (width === undefined) return true;
    left -= width + GAP;
    return left >= 0;
  });
}
