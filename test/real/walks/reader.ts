import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { vi } from 'vitest';

import { environment } from '../../consumers/run';
import { startProgram, type Ended, type Program } from '../../support/start-program';

const PATIENCE = { timeout: 60_000, interval: 500 };

/** Saves files and runs commands in a folder, as a reader of a page does. */
export class Reader {
  #folder: string;
  readonly #variables: Readonly<Record<string, string>>;
  readonly #terminals: Program[] = [];

  constructor(folder: string, variables: Readonly<Record<string, string>> = {}) {
    this.#folder = folder;
    this.#variables = { ...environment, ...variables };
  }

  get folder(): string {
    return this.#folder;
  }

  save(name: string, text: string): void {
    writeFileSync(join(this.#folder, name), text);
  }

  /** Starts commands in the reader's folder, in a separate terminal. */
  start(commands: string): Program {
    const shell = ['-e', '-c', commands];
    const terminal = startProgram('bash', shell, '', this.#variables, this.#folder);
    this.#terminals.push(terminal);
    return terminal;
  }

  /** Runs commands, which must succeed, and changes to the folder in which they end. */
  async run(commands: string): Promise<Ended> {
    const whereabouts = join(this.#folder, '.whereabouts');
    const ended = await this.start(`${commands.trimEnd()}\npwd > '${whereabouts}'`).ended;
    if (ended.code !== 0) throw new Error(`${commands}: ${JSON.stringify(ended)}`);
    this.#folder = readFileSync(whereabouts, 'utf8').trimEnd();
    return ended;
  }

  /** Repeats commands that only look until they print what is expected. */
  async look(commands: string, isExpected: (printed: string) => boolean): Promise<string> {
    let printed = '';
    const seen = async (): Promise<boolean> => {
      const { stdout, stderr } = await this.start(commands).ended;
      printed = stdout + stderr;
      return isExpected(printed);
    };
    // The last output says more than a timeout.
    await vi.waitUntil(seen, PATIENCE).catch(() => {});
    return printed;
  }

  /** Presses Ctrl-C in every terminal. */
  async interrupt(): Promise<void> {
    for (const terminal of this.#terminals) terminal.signalAll('SIGINT');
    await Promise.all(this.#terminals.map((terminal) => terminal.ended));
  }

  /** Ends everything that still runs. */
  async leave(): Promise<void> {
    await Promise.all(this.#terminals.map((terminal) => terminal.stop()));
  }
}
