import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

const PYTHON = '/usr/bin/python3';

export interface Terminal {
  /** Resolves once the program has written a match since the last command. */
  shows(pattern: RegExp): Promise<RegExpExecArray>;
  type(keys: string): void;
  resize(columns: number, rows: number): void;
  signal(signal: number): void;
  /** How the program ended, and whether the terminal was restored. */
  readonly ended: Promise<{
    readonly code: number;
    readonly restored: boolean;
    readonly output: string;
  }>;
}

/** Runs a program in a pseudo terminal of 100 columns and 20 rows until the test ends. */
export function startInTerminal(command: string, ...args: readonly string[]): Terminal {
  const helper = join(__dirname, 'run_in_terminal.py');
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(PYTHON, [helper, command, ...args], {
    env: { PATH, HOME, TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const events = new EventEmitter();
  let output = '';
  let from = 0;
  let hasEnded = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    events.emit('change');
  });
  const ended = new Promise<Awaited<Terminal['ended']>>((resolve, reject) => {
    child.on('close', () => {
      hasEnded = true;
      events.emit('change');
      const last = output.trimEnd().split('\n').at(-1) ?? '';
      if (last.startsWith('{')) resolve({ ...JSON.parse(last), output });
      else reject(new Error(`ended without a result: ${JSON.stringify(output)}`));
    });
  });
  ended.catch(() => {});
  onTestFinished(async () => {
    if (!hasEnded) tell({ signal: 9 });
    await ended.catch(() => {});
  });
  const tell = (order: object): void => {
    from = output.length;
    child.stdin.write(`${JSON.stringify(order)}\n`);
  };
  return {
    shows: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(output.slice(from));
          if (match === null && !hasEnded) return;
          events.off('change', look);
          if (match === null)
            reject(new Error(`never shown: ${pattern}: ${JSON.stringify(output)}`));
          else resolve(match);
        };
        events.on('change', look);
        look();
      }),
    type: (keys) => tell({ keys }),
    resize: (columns, rows) => tell({ size: [columns, rows] }),
    signal: (signal) => tell({ signal }),
    ended,
  };
}
