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
  /** Resolves with the first match in the output of the program, or rejects when it ends without one. */
  writes(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves when the program has exited and all of its output is read. */
  readonly ended: Promise<Ended>;
  signal(signal: NodeJS.Signals): void;
  /** Signals the program and everything it started, as a terminal does on Ctrl-C. */
  signalAll(signal: NodeJS.Signals): void;
  /** Kills the program and everything it started. */
  stop(): Promise<void>;
}

/**
 * Starts a program, in the repository root unless another folder is given. It does not inherit the environment of the test
 * runner, because NODE_ENV, NODE_OPTIONS and VITEST would change what is tested; it gets PATH, HOME and `env`.
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
  // A program that does not read its input may exit before all of it is written.
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

/** Runs a program until it exits. */
export function runProgram(command: string, args: readonly string[], input = ''): Promise<Ended> {
  return startProgram(command, args, input).ended;
}
