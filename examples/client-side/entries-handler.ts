import { once } from 'node:events';
import type { Connection } from 'thrift';
import { Instrumented } from 'thrift-metrics';

import type * as Calculator from '../calculator/gen-nodejs/Calculator.js';
import { InvalidOperation, Operation, Work } from '../calculator/gen-nodejs/calculator_types.js';
import { Entry, NotFound } from '../calculator/gen-nodejs/shared_types.js';

/** A service that calls another one: the entry under a key is its square, which the calculator computes. */
@Instrumented({ service: 'SharedService', exceptions: [NotFound] })
export class EntriesHandler {
  readonly #calculator: Calculator.Client;
  readonly #closed: Promise<never>;

  constructor(calculator: Calculator.Client, connection: Connection) {
    this.#calculator = calculator;
    this.#closed = once(connection, 'close').then(() => {
      throw new Error('the calculator hung up');
    });
    // Whoever waits for an answer gets the rejection; it is none when nobody does.
    this.#closed.catch(() => {});
  }

  async getStruct(key: number): Promise<Entry> {
    const work = new Work({ left: key, right: key, op: Operation.MULTIPLY });
    try {
      // Thrift settles no call whose connection is closed: without the race, nobody would ever be answered.
      const square = await Promise.race([this.#calculator.calculate(key, work), this.#closed]);
      return new Entry({ key, value: String(square) });
    } catch (error) {
      if (error instanceof InvalidOperation) throw new NotFound({ key, hint: error.why });
      throw error;
    }
  }
}
