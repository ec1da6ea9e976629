import { printable, renderTable, withNoun } from '../output';
import { showLatency, showPercentage, showRate, showSeconds, sparkline } from './cell-text';
import type { Instance } from './instance';
import { detailLines } from './opened-method';
import type { MethodRow, Totals } from './method-rows';
import { type Paint, PLAIN } from './paint';
import { columnsFor, columnsWithin, GAP, NAME_WIDTH, type TopColumn } from './top-columns';
import { BY_NAME, byFigure, nameOf, sortRows, type TopOrder } from './top-order';
import type { TopView } from './top-view';

/** Most methods in a table that is printed once. */
const MAX_ROWS = 1000;

/** Height below which the methods get the lines of the totals and of instances that are down. */
const LOW = 8;

const MIN_TREND_WIDTH = 8;
const MAX_TREND_WIDTH = 40;

/** The keys, in the line at the bottom of the screen. */
const KEYS_LINE = 'q quit  / filter  enter open  left/right sort  p pause  ? help';

const FILTER_KEYS_LINE = 'enter keep the filter  esc remove it';

/** The lines that `?` shows. */
const HELP: readonly string[] = [
  'd               problems first: missed objectives, failures, calls that hang, slow calls',
  'n r e b 5 9 l   sort by method, rate, failed, bad, p50, p95, p99,',
  'f o u v         calls in flight, age of the oldest, budget left, share of event loop',
  'left, right, s  sort by the previous or next column',
  'i               reverse the order',
  'up, down        select a method; page up and page down move by ten',
  'enter, esc      show instances, errors, calls in progress and callers, and go back',
  '/               show methods whose name contains a text; esc shows all again',
  'p               pause or resume',
  '?               show or hide this help',
  'q, Ctrl-C       quit',
  '',
  'Rates, fractions and percentiles cover the time between the last two scrapes, over all',
  'instances that are up. FAILED is the fraction of calls that failed. BAD is the fraction',
  'that counts against an objective; by default, declared exceptions do not. BUDGET is the',
  'error budget left over the last minute. LOOP is the share of an event loop that calls',
  'hold. <500us is a percentile in the first bucket, >10.0s one above the last bound. A',
  'lost method was served by instances that no longer answer.',
];

/** Renders the lines that fill a terminal of this size. */
export function renderFrame(
  view: TopView,
  columns: number,
  height: number,
  paint: Paint = PLAIN,
): string[] {
  const whole = headLines(view, columns, paint);
  const head = height < LOW ? whole.slice(0, 1) : whole;
  const bodyHeight = Math.max(0, height - head.length - 1);
  const body = bodyLines(view, columns, bodyHeight, paint);
  const keys = view.typing ? FILTER_KEYS_LINE : KEYS_LINE;
  return [...head, ...body.slice(0, bodyHeight), paint('dim', keys.slice(0, columns))].slice(
    0,
    height,
  );
}

function headLines(view: TopView, columns: number, paint: Paint): string[] {
  const { instances, time, paused } = view;
  const up = instances.filter(({ error }) => error === null).length;
  const state = paused ? 'paused' : clockTime(time);
  const title = `thrift-metrics top  ${up} of ${instances.length} instances up  ${state}`;
  const style = up < instances.length ? 'red' : 'bold';
  const filter =
    view.typing || view.filter !== '' ? [`/${view.filter}${view.typing ? '_' : ''}`] : [];
  const cut = (line: string): string => line.slice(0, columns);
  return [
    paint(style, cut(title)),
    ...downLines(instances).map((line) => paint('red', cut(line))),
    ...[...summaryOf(view, columns), ...filter].map(cut),
    '',
  ];
}

/** What the methods that the filter selects do together. */
function summaryOf(view: TopView, columns: number): string[] {
  if (view.instances.every(({ error }) => error !== null)) {
    return ['No instance answers. Figures return with the next successful scrape.'];
  }
  const rows = view.rows().filter(({ loopShare }) => loopShare !== null);
  const [blocker] = sortRows(rows, BY_LOOP, false);
  return describeTotals(view.totals(), blocker, columns);
}

const BY_LOOP = byFigure('', '', ({ loopShare }) => loopShare);

/**
 * Leaves out figures that nothing measures, and the last ones if the line is too narrow. The event loop then has a line of its
 * own, because no row at the top of the table names the method that blocks it.
 */
function describeTotals(
  { methods, clients, rate, failedRatio, badRatio, p99, inFlight, oldest, loopShare }: Totals,
  blocker: MethodRow | undefined,
  columns: number,
): string[] {
  const loop = loopShare !== null && describeLoop(loopShare, blocker, columns);
  const parts: (string | false)[] = [
    clients > 0 && withNoun(clients, 'dependency', 'dependencies'),
    rate !== null && `${showRate(rate)}/s`,
    failedRatio !== null && `${showPercentage(failedRatio)} failed`,
    badRatio !== null && `${showPercentage(badRatio)} bad`,
    loop,
    p99 !== null && `p99 ${showLatency(p99)}`,
    inFlight !== null && `${inFlight} in flight`,
    oldest !== null && oldest > 0 && `oldest ${showSeconds(oldest)}`,
  ];
  let line = withNoun(methods, 'method');
  const below: string[] = [];
  let isFull = false;
  for (const part of parts) {
    if (part === false) continue;
    const fits = !isFull && line.length + GAP + part.length <= columns;
    if (fits) line += ' '.repeat(GAP) + part;
    else if (part === loop) below.push(part);
    else isFull = true;
  }
  return [line, ...below];
}

/** How busy the event loop is, and the method that holds it longest, if any does. */
function describeLoop(share: number, blocker: MethodRow | undefined, columns: number): string {
  const text = `loop ${showPercentage(share)}`;
  const held = blocker?.loopShare ?? 0;
  if (blocker === undefined || held === 0) return text;
  const [long, short] = [nameOf(blocker), blocker.method].map(
    (name) => `${text}, mostly ${printable(name)} ${showPercentage(held)}`,
  ) as [string, string];
  return long.length <= columns ? long : short;
}

function bodyLines(view: TopView, columns: number, height: number, paint: Paint): string[] {
  if (view.help) return HELP.map((line) => line.slice(0, columns));
  const rows = view.rows();
  if (rows.length === 0) return [emptyLine(view).slice(0, columns)];
  const at = view.position(rows);
  const row = rows[at];
  if (view.opened && row !== undefined) {
    return detailLines(row, view, columns, paint);
  }
  const rowCount = Math.max(1, height - 1);
  // The page that contains the selected row.
  const from = Math.max(0, Math.min(at - (at % rowCount), rows.length - rowCount));
  return tableLines(view, rows.slice(from, from + rowCount), at - from, columns, paint);
}

function emptyLine({ filter, instances }: TopView): string {
  if (filter !== '') return `No method matches '${filter}'. Esc shows all methods.`;
  return instances.some(({ error }) => error === null) ? NO_METHODS : '';
}

const NO_METHODS =
  'This endpoint has no metrics of Thrift methods. Decorate a handler, or check that its module is loaded.';

/** One line for each instance that is down, with the reason. */
export function downLines(instances: readonly Instance[]): string[] {
  return instances.flatMap(({ error, lostAt }) => {
    if (error === null) return [];
    return lostAt === null ? [error] : [`lost at ${clockTime(lostAt)}: ${error}`];
  });
}

function clockTime(time: Date): string {
  return time.toTimeString().slice(0, 8);
}

/** Renders the first {@link MAX_ROWS} methods, as wide as their content. */
export function renderOnce(rows: readonly MethodRow[], order: TopOrder): string[] {
  if (rows.length === 0) return [NO_METHODS];
  const visible = columnsFor(rows);
  const cells = sortRows(rows, order, false)
    .slice(0, MAX_ROWS)
    .map((row) => [nameOf(row), ...visible.map(({ text }) => text(row))]);
  const columns = visible.map(({ title }) => ({ title, align: 'right' as const }));
  const lines = renderTable([{ title: NAME_TITLE }, ...columns], cells);
  const omitted = rows.length - cells.length;
  if (omitted > 0) lines.push(`${omitted} more methods are not shown. Use --json to see them.`);
  return lines;
}

const NAME_TITLE = 'METHOD';

function tableLines(
  { order, reversed, history, columns: available }: TopView,
  rows: readonly MethodRow[],
  selected: number,
  columns: number,
  paint: Paint,
): string[] {
  const { nameWidth, trendWidth, visible } = layout(rows, columns, available);
  const titleOf = (title: string, own: TopOrder): string =>
    own === order ? `${reversed ? '^' : 'v'}${title}` : title;
  const cells = rows.map((row, i) => [
    (i === selected ? '>' : ' ') + shortName(row, nameWidth - 1),
    ...(trendWidth > 0 ? [sparkline(history.of(nameOf(row)), trendWidth)] : []),
    ...visible.map(({ text }) => text(row)),
  ]);
  const table = [
    { title: ` ${titleOf(NAME_TITLE, BY_NAME)}`, width: nameWidth },
    ...(trendWidth > 0 ? [{ title: 'TREND', width: trendWidth, align: 'right' as const }] : []),
    ...visible.map((column) => ({ ...column, title: titleOf(column.title, column.order) })),
  ];
  const figuresFrom = table.length - visible.length;
  return renderTable(table, cells, (text, i, column) => {
    if (i === -1) return paint('bold', text);
    const row = rows[i] as MethodRow;
    if (column === 0) return i === selected ? paint('inverse', text) : text;
    if (column < figuresFrom) return paint('cyan', text);
    const style = styleOf(visible[column - figuresFrom] as TopColumn, row);
    return style === null ? text : paint(style, text);
  });
}

/** Colors only what is a problem. */
function styleOf({ emphasis }: TopColumn, row: MethodRow): 'red' | 'yellow' | 'dim' | null {
  const isIdle = row.rate === 0 || row.rate === null;
  return emphasis(row) ?? (isIdle ? 'dim' : null);
}

/**
 * Fits the table into the width: the name of the method, as many columns as fit, the most important ones first, and the trend
 * in what is left.
 */
function layout(
  rows: readonly MethodRow[],
  columns: number,
  all: readonly TopColumn[],
): { nameWidth: number; trendWidth: number; visible: readonly TopColumn[] } {
  const longest = Math.max(NAME_TITLE.length + 1, ...rows.map((row) => fullName(row).length)) + 1;
  const visible = columnsWithin(columns - Math.min(longest, NAME_WIDTH), all);
  const figures = visible.reduce((sum, { width }) => sum + width + GAP, 0);
  const available = columns - figures;
  const nameWidth = Math.min(available, longest);
  const rest = Math.min(MAX_TREND_WIDTH, available - nameWidth - GAP);
  const trendWidth = visible.length === all.length && rest >= MIN_TREND_WIDTH ? rest : 0;
  return { nameWidth: trendWidth > 0 ? nameWidth : available, trendWidth, visible };
}

/** The method first, because methods of one service differ at the end of their full names. */
function fullName({ service, method, isClient }: MethodRow): string {
  return printable(`${method}  ${isClient ? 'dependency ' : ''}${service}`);
}

/** Cuts the service at its end. If the method does not fit by itself, cuts its middle, because methods often end differently. */
function shortName(row: MethodRow, width: number): string {
  const method = printable(row.method);
  const name = fullName(row);
  if (name.length <= width) return name;
  if (method.length > width) {
    const end = Math.floor((width - 1) / 2);
    return `${method.slice(0, width - 1 - end)}…${method.slice(method.length - end)}`;
  }
  // Fewer than three characters of a service say nothing.
  return method.length + 5 > width ? method : `${name.slice(0, width - 1)}…`;
}
