import { writeSync } from 'node:fs';
import { emitKeypressEvents } from 'node:readline';

import type { CommandLine } from '../command-line';
import { TOP_COLUMNS, type TopColumn } from './top-columns';
import type { TopChoice } from './top-frame';

// https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

/** The whole terminal, while it is open: keys arrive one by one, and what was on it comes back when it is closed. */
export class TerminalScreen {
  private readonly stdin: NodeJS.ReadStream;
  private readonly stdout: CommandLine['stdout'];
  private isOpen = false;

  constructor(
    { stdin, stdout }: CommandLine,
    private readonly onKey: (key: Key) => void,
    private readonly onResize: () => void,
  ) {
    this.stdin = stdin;
    this.stdout = stdout;
  }

  open(): void {
    const { stdin, stdout } = this;
    this.isOpen = true;
    // However the process ends, except by SIGKILL.
    process.on('exit', this.close);
    if (stdin.isTTY) {
      stdin.setRawMode(true);
      emitKeypressEvents(stdin);
      stdin.on('keypress', this.pass);
      stdin.resume();
    }
    stdout.on('resize', this.onResize);
    stdout.write(ENTER);
  }

  draw(lines: (columns: number, rows: number) => readonly string[]): void {
    if (!this.isOpen) return;
    const { columns, rows } = this.stdout;
    const text = lines(columns, rows).map((line) => line + CLEAR_LINE);
    this.stdout.write(HOME + text.join('\n') + CLEAR_BELOW);
  }

  readonly close = (): void => {
    if (!this.isOpen) return;
    this.isOpen = false;
    const { stdin, stdout } = this;
    process.off('exit', this.close);
    stdout.off('resize', this.onResize);
    if (stdin.isTTY) {
      stdin.off('keypress', this.pass);
      stdin.setRawMode(false);
      stdin.pause();
    }
    // At once: when the process is ending, nothing else is written any more.
    writeSync(stdout.fd, LEAVE);
  };

  private readonly pass = (_text: string | undefined, key: Key): void => this.onKey(key);
}

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
