import { renderTable } from '../output';
import type { Instance } from './instance';
import type { MethodRow } from './method-rows';
import { sortRows, TOP_COLUMNS, type TopColumn } from './top-columns';
import { HELP, KEYS_LINE, type TopChoice } from './top-keys';

/** Everything that a screen of `top` shows. */
export interface TopFrame {
  readonly rows: readonly MethodRow[];
  readonly instances: readonly Instance[];
  readonly choice: TopChoice;
  /** Time of the last refresh. */
  readonly time: Date;
}

/** Most methods in a table that is printed once. */
const MAX_ROWS = 1000;

const GAP = 2;
const MIN_NAME_WIDTH = 12;

/** Renders the lines that fill a terminal of this size. */
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
  const bodyHeight = Math.max(0, height - head.length - 1);
  const body = choice.help ? HELP : tableLines(frame, columns, bodyHeight);
  return [...head, ...body.slice(0, bodyHeight)]
    .concat(KEYS_LINE)
    .slice(0, height)
    .map((line) => line.slice(0, columns));
}

/** Renders the first {@link MAX_ROWS} methods, as wide as their content. */
export function renderOnce(rows: readonly MethodRow[], column: TopColumn): string[] {
  const cells = sortRows(rows, column, false)
    .slice(0, MAX_ROWS)
    .map((row) => TOP_COLUMNS.map(({ text }) => text(row)));
  const columns = TOP_COLUMNS.map(({ title, align }) => ({ title, ...(align && { align }) }));
  const lines = renderTable(columns, cells);
  const omitted = rows.length - cells.length;
  if (omitted > 0) lines.push(`${omitted} more methods are not shown. Use --json to see them.`);
  return lines;
}

/** One line for each instance that is down, with the reason. */
export function downLines(instances: readonly Instance[]): string[] {
  return instances.flatMap(({ error }) => (error === null ? [] : [error]));
}

function tableLines({ rows, choice }: TopFrame, columns: number, height: number): string[] {
  const { column, reversed } = choice;
  const visible = columnsWithin(columns);
  const others = visible.slice(1).reduce((sum, { width = 0 }) => sum + width + GAP, 0);
  const rowCount = Math.max(0, height - 1);
  // Scrolls no further than to a full last page.
  choice.offset = Math.max(0, Math.min(choice.offset, rows.length - rowCount));
  const page = sortRows(rows, column, reversed).slice(choice.offset, choice.offset + rowCount);
  return renderTable(
    visible.map(({ title, align, width, name }) => ({
      title: name === column.name ? `${reversed ? '^' : 'v'}${title}` : title,
      width: width ?? Math.max(MIN_NAME_WIDTH, columns - others),
      ...(align && { align }),
    })),
    page.map((row) => visible.map(({ text }) => text(row))),
  );
}

/** The method column, and as many other columns as fit. */
function columnsWithin(columns: number): TopColumn[] {
  let left = columns - MIN_NAME_WIDTH;
  return TOP_COLUMNS.filter(({ width }) => {
    if (width === undefined) return true;
    left -= width + GAP;
    return left >= 0;
  });
}
