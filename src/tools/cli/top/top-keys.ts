import type { Key } from './terminal';
import { TOP_COLUMNS, type TopColumn } from './top-columns';

/** What the user has chosen to see. */
export interface TopChoice {
  column: TopColumn;
  reversed: boolean;
  /** Number of rows above the first visible one. */
  offset: number;
  paused: boolean;
  help: boolean;
}

/** The keys, in the line at the bottom of the screen. */
export const KEYS_LINE = 'q quit  p pause  left/right sort  i reverse  up/down scroll  ? help';

/** The lines that `?` shows. */
export const HELP: readonly string[] = [
  'n r e b 5 9 l f sort by method, rate, failed, bad, p50, p95, p99, in flight',
  'left, right, s  sort by the previous or next column',
  'i               reverse the order',
  'up, down        scroll by one row; page up and page down scroll by ten',
  'p               pause or resume',
  '?               show or hide this help',
  'q, Ctrl-C       quit',
  '',
  'Rates, fractions and percentiles cover the time between the last two scrapes and are',
  'summed over all instances that are up. Failed is the fraction of calls that failed,',
  'bad the fraction that failed otherwise than by a declared exception.',
];

/** Number of rows that page up and page down scroll by. */
const PAGE = 10;

export function isQuit({ name, ctrl }: Key): boolean {
  return (name === 'q' && ctrl !== true) || (name === 'c' && ctrl === true);
}

/** Applies a key to the choice. Other keys have no effect. */
export function applyKey(choice: TopChoice, { name, sequence }: Key): void {
  const column = TOP_COLUMNS.find(({ key }) => key === sequence);
  if (column !== undefined) return sortBy(choice, column);
  switch (name ?? sequence) {
    case 'right':
    case 's':
      return sortBy(choice, neighbor(choice.column, 1));
    case 'left':
      return sortBy(choice, neighbor(choice.column, -1));
    case 'i':
      choice.reversed = !choice.reversed;
      return;
    case 'p':
      choice.paused = !choice.paused;
      return;
    case 'up':
      return scroll(choice, -1);
    case 'down':
      return scroll(choice, 1);
    case 'pageup':
      return scroll(choice, -PAGE);
    case 'pagedown':
      return scroll(choice, PAGE);
    default:
      if (sequence === '?') choice.help = !choice.help;
  }
}

function sortBy(choice: TopChoice, column: TopColumn): void {
  choice.column = column;
  choice.reversed = false;
  choice.offset = 0;
}

function scroll(choice: TopChoice, rows: number): void {
  choice.offset = Math.max(0, choice.offset + rows);
}

function neighbor(column: TopColumn, step: number): TopColumn {
  const count = TOP_COLUMNS.length;
  return TOP_COLUMNS[(TOP_COLUMNS.indexOf(column) + step + count) % count] as TopColumn;
}
