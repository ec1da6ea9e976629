import { writeSync } from 'node:fs';
import { emitKeypressEvents } from 'node:readline';

import type { CommandLine } from '../command-line';

// https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

/** A key as `node:readline` reports it: by name, or by the character that it produces. */
export interface Key {
  readonly name?: string | undefined;
  readonly sequence?: string | undefined;
  readonly ctrl?: boolean | undefined;
}

/** Takes over the whole terminal until it is closed: delivers single keys, and then restores the previous content. */
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
    // Restores the terminal however the process ends, except by SIGKILL.
    process.on('exit', this.close);
    if (stdin.isTTY) {
      stdin.setRawMode(true);
      emitKeypressEvents(stdin);
      stdin.on('keypress', this.passKey);
      stdin.resume();
    }
    stdout.on('resize', this.onResize);
    stdout.write(ENTER);
  }

  /** Draws the lines that `render` returns for the current size of the terminal. */
  draw(render: (columns: number, rows: number) => readonly string[]): void {
    if (!this.isOpen) return;
    const { columns, rows } = this.stdout;
    const text = render(columns, rows).map((line) => line + CLEAR_LINE);
    this.stdout.write(HOME + text.join('\n') + CLEAR_BELOW);
  }

  readonly close = (): void => {
    if (!this.isOpen) return;
    this.isOpen = false;
    const { stdin, stdout } = this;
    process.off('exit', this.close);
    stdout.off('resize', this.onResize);
    if (stdin.isTTY) {
      stdin.off('keypress', this.passKey);
      stdin.setRawMode(false);
      stdin.pause();
    }
    // Synchronous, because an exiting process flushes no other writes.
    writeSync(stdout.fd, LEAVE);
  };

  private readonly passKey = (_text: string | undefined, key: Key): void => this.onKey(key);
}
