import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A child process that runs one of `programs/` and answers each message with one message. */
export class Program {
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;
  /** The latest answer. Each message waits for the answer to the one before it. */
  #last: Promise<unknown>;

  /** `execArgv` are flags of Node.js for this program, and `env` are variables. */
  constructor(name: string, execArgv: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
    this.#child = fork(join(__dirname, `programs/${name}.ts`), {
      env: { ...process.env, ...env },
      // Only the report goes to the output of the run.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [
        `--require=${require.resolve('tsx/cjs')}`,
        '--expose-gc',
        // v8.queryObjects is experimental.
        '--disable-warning=ExperimentalWarning',
        ...execArgv,
      ],
    });
    this.#ended = once(this.#child, 'exit').then(([code, signal]) => {
      throw new Error(`${name} has ended with ${String(signal ?? code)}`);
    });
    this.#ended.catch(() => {});
    this.#last = this.#next();
  }

  /** Resolves with the first message of the program. */
  async ready<Ready>(): Promise<Ready> {
    return (await this.#last) as Ready;
  }

  async ask<Answer>(message: string | object): Promise<Answer> {
    const answer = this.#last.then(() => {
      this.#child.send(message);
      return this.#next();
    });
    this.#last = answer;
    return (await answer) as Answer;
  }

  async stop(): Promise<void> {
    this.#child.kill();
    await this.#ended.catch(() => {});
  }

  #next(): Promise<unknown> {
    return Promise.race([once(this.#child, 'message').then(([message]) => message), this.#ended]);
  }
}
