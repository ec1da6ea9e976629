import { once } from 'node:events';
import type { Connection } from 'thrift';
import { Instrumented } from 'thrift-metrics';

import type * as Calculator from '../calculator/gen-nodejs/Calculator.js';
import { InvalidOperation, Operation, Work } from '../calculator/gen-nodejs/calculator_types.js';
import { Entry, NotFound } from '../calculator/gen-nodejs/shared_types.js';

/** A service that calls another one. The entry under a key is its square, which the calculator computes. */
@Instrumented({ service: 'SharedService', exceptions: [NotFound] })
export class EntriesHandler {
  readonly #calculator: Calculator.Client;
  readonly #closed: Promise<never>;

  constructor(calculator: Calculator.Client, connection: Connection) {
    this.#calculator = calculator;
    this.#closed = once(connection, 'close').then(() => {
      throw new Error('the calculator hung up');
    });
    // Prevents an unhandled rejection when no call is in progress. Calls in progress still get the error.
    this.#closed.catch(() => {});
  }

  async getStruct(key: number): Promise<Entry> {
    const work = new Work({ left: key, right: key, op: Operation.MULTIPLY });
    try {
      // Thrift never settles a call whose connection is closed. Without the race, the caller would wait forever.
      const square = await Promise.race([this.#calculator.calculate(key, work), this.#closed]);
      return new Entry({ key, value: String(square) });
    } catch (error) {
      if (error instanceof InvalidOperation) throw new NotFound({ key, hint: error.why });
      throw error;
    }
  }
}
