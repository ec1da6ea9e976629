import { writeSync } from 'node:fs';
import { emitKeypressEvents } from 'node:readline';

import type { CommandLine } from '../command-line';
import type { Key } from './top-keys';

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
