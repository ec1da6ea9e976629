import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import { takePorts } from '../support/free-ports';
import { Clients } from './call-calculator';

export const AUTO = join(__dirname, '../../dist/auto.js');

/** A service in many processes, or threads, which `programs/many.cjs` starts. It is stopped when the test ends. */
export class Arrangement {
  readonly clients: Clients;
  /** The clients of each worker that has a port of its own. */
  readonly byWorker: Clients[] = [];
  output = '';
  private readonly events = new EventEmitter();
  private workers = 0;

  private constructor(
    private readonly program: ChildProcess,
    port: number,
    readonly metrics: number,
  ) {
    this.clients = new Clients(port);
    for (const stream of [program.stdout, program.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        this.events.emit('change');
      });
    }
  }

  /** @param own whether each worker starts a metrics server itself */
  static async start(
    env: Readonly<Record<string, string>>,
    workers: number,
    { own = false } = {},
  ): Promise<Arrangement> {
    const [port = 0, metrics = 0] = await takePorts(2);
    const { PATH = '', HOME = '' } = process.env;
    const program = fork(join(__dirname, 'programs/many.cjs'), {
      execArgv: [],
      silent: true,
      // All workers end with the program, even one that hangs.
      detached: true,
      env: {
        PATH,
        HOME,
        PORT: String(port),
        THRIFT_METRICS_PORT: String(metrics),
        ...(own && { OWN: String(metrics) }),
        ...env,
      },
    });
    onTestFinished(() => void process.kill(-(program.pid as number), 'SIGKILL'));
    const started = new Arrangement(program, port, metrics);
    for (let i = 0; i < workers; i++) await started.fork();
    return started;
  }

  /** Starts a worker, and resolves when it serves. */
  async fork(services = 1): Promise<void> {
    this.program.send({ fork: true });
    this.workers += services;
    await this.until(() => this.ports().length >= this.workers);
    this.byWorker.push(
      ...this.ports()
        .slice(this.byWorker.length)
        .map((port) => new Clients(port)),
    );
  }

  async kill(index: number, signal: NodeJS.Signals): Promise<void> {
    this.program.send({ kill: signal, index });
    await this.ended(index);
  }

  /** Lets a worker exit by itself. */
  async exit(index: number): Promise<void> {
    this.program.send({ say: 'exit', index });
    await this.ended(index);
  }

  /** Blocks the event loop of a worker. */
  block(index: number): void {
    this.program.send({ say: 'block', index });
  }

  private async ended(index: number): Promise<void> {
    await this.until(() => this.output.includes(`ended ${index}\n`));
  }

  private ports(): number[] {
    return [...this.output.matchAll(/^serving (\d+)$/gm)].map(([, port]) => Number(port));
  }

  private async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await once(this.events, 'change');
  }
}
