import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';

const root = join(__dirname, '../..');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Program {
  /** Resolves with the first match in all that the program wrote, or rejects when it ended without. */
  writes(pattern: RegExp): Promise<RegExpExecArray>;
  /** When it has exited and all of its output is read. */
  readonly ended: Promise<Ended>;
  signal(signal: NodeJS.Signals): void;
  /** As a terminal does on Ctrl-C: to the program and all that it started. */
  signalAll(signal: NodeJS.Signals): void;
  /** Ends the program and all that it started. */
  stop(): Promise<void>;
}

/**
 * Starts a program, in the repository root unless another folder is named. It gets nothing of the test runner's environment: NODE_ENV, NODE_OPTIONS and VITEST
 * would change what is tested; `env` is what it gets beside the path.
 */
export function startProgram(
  command: string,
  args: readonly string[],
  input = '',
  env: Readonly<Record<string, string>> = {},
  cwd = root,
): Program {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(command, args, { cwd, env: { PATH, HOME, ...env }, detached: true });
  const written = { stdout: '', stderr: '' };
  const events = new EventEmitter();
  let hasEnded = false;
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      written[stream] += text;
      events.emit('change');
    });
  }
  const ended = once(child, 'close').then(([code]) => {
    hasEnded = true;
    events.emit('change');
    return { code: code as number | null, ...written };
  });
  // A program that reads nothing may be gone before its input.
  child.stdin.on('error', () => {}).end(input);
  const signalAll = (signal: NodeJS.Signals): void => {
    if (!hasEnded && child.pid !== undefined) process.kill(-child.pid, signal);
  };
  return {
    writes: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(written.stdout + written.stderr);
          if (match === null && !hasEnded) return;
          events.off('change', look);
          if (match !== null) resolve(match);
          else reject(new Error(`ended without ${pattern}: ${JSON.stringify(written)}`));
        };
        events.on('change', look);
        look();
      }),
    ended,
    signal: (signal) => void child.kill(signal),
    signalAll,
    async stop() {
      signalAll('SIGKILL');
      await ended;
    },
  };
}

/** Runs a program to its end. */
export function runProgram(command: string, args: readonly string[], input = ''): Promise<Ended> {
  return startProgram(command, args, input).ended;
}
