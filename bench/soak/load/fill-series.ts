import { once } from 'node:events';

import { createClient, createConnection } from 'thrift';

import * as Calculator from '../../../examples/calculator/gen-nodejs/Calculator.js';
import type { Ledger } from './ledger.js';

const LANES = 16;

/** Calls `add` with different operands, until the label that takes its values from them has this many. */
export async function fillSeries(port: number, count: number, ledger: Ledger): Promise<void> {
  const connection = createConnection('127.0.0.1', port, {});
  await once(connection, 'connect');
  const client = createClient(Calculator.Client, connection);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      // Other clients add numbers below 1000.
      const left = 1000 + next++;
      await ledger.call(client, { method: 'Calculator.add', send: (c) => c.add(left, 0) });
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const closed = once(connection, 'close');
  connection.end();
  await closed;
}
