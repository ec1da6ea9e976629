import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export const TEXT = 'text/plain';
export const OPENMETRICS = 'application/openmetrics-text; version=1.0.0';
export const PROTOBUF =
  'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';

export const KINDS = ['cluster', 'threads'] as const;

interface Answer {
  readonly contentType: string;
  readonly body: string;
  /** The sites of the faults reported so far. */
  readonly reports: readonly string[];
  /** The exit code of a worker. */
  readonly code: number;
  /** The turn of the event loop in which the worker sent each chunk. */
  readonly turns: readonly number[];
}

/** A program with real workers that follows commands. `test/scrape/workers/programs` has the list of them. */
export class Workers {
  private readonly program: ChildProcess;
  private readonly ended: Promise<never>;

  constructor(kind: (typeof KINDS)[number]) {
    const path = join(__dirname, `programs/${kind}.mjs`);
    // Uses a separate process group, so that all workers end with the program, even one that hangs.
    this.program = fork(path, { execArgv: [], detached: true });
    this.ended = once(this.program, 'exit').then(([code]) => {
      throw new Error(`the program has ended with ${code}`);
    });
    this.ended.catch(() => {});
  }

  async tell(message: object): Promise<Answer> {
    const answer = once(this.program, 'message');
    this.program.send(message);
    return Promise.race([answer.then(([reply]) => reply as Answer), this.ended]);
  }

  async fork(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.tell({ fork: true });
  }

  async scrape(accept: string, names?: readonly string[]): Promise<Answer> {
    return this.tell({ scrape: { accept, ...(names !== undefined && { names }) } });
  }

  /** The sum of all samples of this name in the text format. */
  async sum(name: string): Promise<number> {
    const { body } = await this.scrape(TEXT);
    const lines = body.split('\n').filter((line) => line.startsWith(`${name}{`));
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  async stop(): Promise<void> {
    if (this.program.exitCode === null) process.kill(-(this.program.pid as number), 'SIGKILL');
    await this.ended.catch(() => {});
  }
}
