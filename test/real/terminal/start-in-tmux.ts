import { execFile, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';

import { onTestFinished } from 'vitest';

/** Milliseconds after which a screen is given up. */
const PATIENCE = 40_000;

const run = promisify(execFile);

export interface Tmux {
  /** Resolves with the lines of the screen once they fulfil a condition. */
  shows(condition: (lines: readonly string[]) => boolean): Promise<readonly string[]>;
  /** The lines of the screen now. With `styles`, they have the escape sequences of colors. */
  screen(styles?: 'styles'): Promise<readonly string[]>;
  /** Sends keys by the names that tmux has for them, such as `q`, `Enter` or `Down`. */
  press(...keys: readonly string[]): Promise<void>;
  /** Types text into the shell and executes it. */
  execute(command: string): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  /** The value of a format of tmux, such as `alternate_on`. */
  read(variable: string): Promise<string>;
}

/** Starts a shell in a tmux server of its own, whose screen has a size, until the test ends. */
export async function startInTmux(columns: number, rows: number): Promise<Tmux> {
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, LANG: 'C.UTF-8', TERM: 'xterm-256color' };
  const server = ['-L', `thrift-metrics-${randomUUID()}`, '-f', '/dev/null', '-u'];
  const tmux = async (...args: readonly string[]): Promise<string> =>
    (await run('tmux', [...server, ...args], { env })).stdout;
  const size = ['-x', String(columns), '-y', String(rows)];
  await tmux('new-session', '-d', ...size, "PS1='$ ' exec sh");
  // A client in control mode receives each output. The window does not take its size.
  await tmux('set-option', '-g', 'window-size', 'manual');
  const control = spawn('tmux', [...server, '-C', 'attach-session'], { env });
  onTestFinished(async () => {
    await tmux('kill-server').catch(() => {});
    control.kill();
  });
  const changes = new EventEmitter();
  control.stdout.setEncoding('utf8').on('data', () => changes.emit('change'));
  const screen: Tmux['screen'] = async (styles) => {
    const text = await tmux('capture-pane', '-p', ...(styles === undefined ? [] : ['-e']));
    return text.replace(/\n$/, '').split('\n');
  };
  return {
    screen,
    async shows(condition) {
      const signal = AbortSignal.timeout(PATIENCE);
      for (;;) {
        // Listens before it looks, so that no change is missed in between.
        const changed = once(changes, 'change', { signal });
        changed.catch(() => {});
        // oxlint-disable-next-line no-await-in-loop
        const lines = await screen();
        if (condition(lines)) return lines;
        // oxlint-disable-next-line no-await-in-loop
        await changed.catch((error) => {
          throw new Error(`never shown within ${PATIENCE} ms:\n${lines.join('\n')}`, {
            cause: error,
          });
        });
      }
    },
    press: async (...keys) => void (await tmux('send-keys', ...keys)),
    async execute(command) {
      await tmux('send-keys', '-l', command);
      await tmux('send-keys', 'Enter');
    },
    resize: async (width, height) =>
      void (await tmux('resize-window', '-x', String(width), '-y', String(height))),
    read: async (variable) => (await tmux('display-message', '-p', `#{${variable}}`)).trim(),
  };
}
