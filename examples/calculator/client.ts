import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, createClient, createConnection, Thrift } from 'thrift';
import { instrumentClient } from 'thrift-metrics';

import * as Calculator from './gen-nodejs/Calculator.js';
import { type Call, nextCall } from './mix.js';
import { type Outcome, Tally } from './tally.js';

const WORKERS = 8;
const LONGEST_PAUSE_MS = 80;

/** Calls the calculator continuously over one connection, and counts every outcome. */
export class LoadClient {
  readonly tally = new Tally();
  /** Rejects when the connection breaks, since Thrift leaves its pending calls unsettled forever. */
  readonly broken: Promise<never>;
  readonly #connection: Connection;
  readonly #client: Calculator.Client;
  #workers: Promise<void>[] = [];
  #stopping = false;
  #hungUp = false;

  constructor(port: number) {
    this.#connection = createConnection('127.0.0.1', port, {});
    const client = createClient(Calculator.Client, this.#connection);
    this.#client = instrumentClient(client, { name: 'load', connection: this.#connection });
    this.broken = new Promise((_, reject) => {
      this.#connection.on('error', reject);
      this.#connection.on('close', () => {
        if (!this.#hungUp) reject(new Error('the server closed the connection'));
      });
    });
    // Prevents an unhandled rejection. Code that awaits `broken` later still gets the error.
    this.broken.catch(() => {});
  }

  start(): void {
    this.#workers = Array.from({ length: WORKERS }, () => this.#work());
  }

  /** Waits for all answers, then hangs up. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#workers);
    // The server reads one connection in order, so once this returns it has also seen the oneway calls.
    await this.#call({ method: 'Calculator.ping', send: (client) => client.ping() });
    const closed = once(this.#connection, 'close');
    this.#hungUp = true;
    this.#connection.end();
    await closed;
  }

  async #work(): Promise<void> {
    while (!this.#stopping) {
      // oxlint-disable-next-line no-await-in-loop -- calls run one after another
      await this.#call(nextCall()).then(() => sleep(Math.random() * LONGEST_PAUSE_MS));
    }
  }

  async #call({ method, send }: Call): Promise<void> {
    this.tally.add(method, await send(this.#client).then(() => 'ok', outcomeOf));
  }
}

function outcomeOf(error: unknown): Outcome {
  // An undeclared error reaches the client as a TApplicationException, which is also a TException.
  const declared =
    error instanceof Thrift.TException && !(error instanceof Thrift.TApplicationException);
  return declared ? 'declared' : 'undeclared';
}
