import { TOP_COLUMNS, type TopColumn } from './top-columns';
import type { TopChoice } from './top-frame';

const PAGE = 10;

/** A key as `node:readline` tells it: named, or by the character that it writes. */
export interface Key {
  readonly name?: string | undefined;
  readonly sequence?: string | undefined;
  readonly ctrl?: boolean | undefined;
}

export function isQuit({ name, ctrl }: Key): boolean {
  return (name === 'q' && ctrl !== true) || (name === 'c' && ctrl === true);
}

/** Changes what is seen as a key says; keys without a meaning change nothing. */
export function applyKey(choice: TopChoice, { name, sequence }: Key): void {
  const column = TOP_COLUMNS.find(({ key }) => key === sequence);
  if (column !== undefined) return sortBy(choice, column);
  switch (name ?? sequence) {
    case 'right':
    case 's':
      return sortBy(choice, neighbour(choice.column, 1));
    case 'left':
      return sortBy(choice, neighbour(choice.column, -1));
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

function neighbour(column: TopColumn, step: number): TopColumn {
  const count = TOP_COLUMNS.length;
  return TOP_COLUMNS[(TOP_COLUMNS.indexOf(column) + step + count) % count] as TopColumn;
}
