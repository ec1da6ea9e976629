import { once } from 'node:events';

import { thrift } from '../../support/start-thrift';

type CalculatorModule = typeof import('../../../examples/calculator/gen-nodejs/Calculator.js');
type CalculatorTypes = typeof import('../../../examples/calculator/gen-nodejs/calculator_types.js');

const generated = '../../../examples/calculator/gen-nodejs';
const Calculator = require(`${generated}/Calculator.js`) as CalculatorModule;
const { Operation, Work } = require(`${generated}/calculator_types.js`) as CalculatorTypes;

export async function connect(port: number) {
  const connection = thrift.createConnection('127.0.0.1', port, {});
  // The servers of tests end before their clients.
  connection.on('error', () => {});
  await once(connection, 'connect');
  const client = thrift.createClient(Calculator.Client, connection);
  return { client, end: () => connection.end() };
}

export type Connected = Awaited<ReturnType<typeof connect>>;

/** Twenty calls of known latencies, some of which fail, and two that stay in flight. */
export async function load({ client }: Connected): Promise<void> {
  const good = new Work({ left: 1, right: 1, op: Operation.ADD });
  const bad = new Work({ left: 1, right: 0, op: Operation.DIVIDE });
  const calls: Promise<unknown>[] = [];
  for (let i = 0; i < 12; i++) calls.push(client.calculate(2, good));
  for (let i = 0; i < 4; i++) calls.push(client.calculate(60, good));
  for (let i = 0; i < 2; i++) calls.push(client.calculate(300, good));
  for (let i = 0; i < 2; i++) calls.push(client.calculate(2, bad).catch(() => {}));
  for (let i = 0; i < 3; i++) calls.push(client.mean([1]));
  calls.push(client.mean([]).catch(() => {}));
  for (let i = 0; i < 2; i++) client.factorize(1).catch(() => {});
  await Promise.all(calls);
}
