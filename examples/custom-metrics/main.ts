import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createClient, createConnection, createServer } from 'thrift';
import { configureMetrics, renderMetrics } from 'thrift-metrics';

import * as Calculator from '../calculator/gen-nodejs/Calculator.js';
import { InvalidOperation, Operation, Work } from '../calculator/gen-nodejs/calculator_types.js';
import { CalculatorHandler } from './handler.js';

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});

async function main(): Promise<void> {
  const server = createServer(Calculator, new CalculatorHandler()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await show('Before the first call, series with constant labels are at 0', /_total\{/);

  await callCalculator((server.address() as AddressInfo).port);
  await show('After five calls', /_(total|bucket)\{|_success="true",quantile=/);

  configureMetrics({ defaultLabels: { env: 'dev', region: 'local' }, prefix: 'acme_' });
  await show('The same counters with default labels and a prefix', /_total\{/);

  server.close();
}

async function callCalculator(port: number): Promise<void> {
  const connection = createConnection('127.0.0.1', port, {});
  const client = createClient(Calculator.Client, connection);
  await client.calculate(1, new Work({ left: 1, right: 2, op: Operation.ADD }));
  await client.calculate(2, new Work({ left: 3, right: 4, op: Operation.ADD }));
  await client.calculate(3, new Work({ left: 1, right: 2, op: Operation.SUBTRACT }));
  const quotient = client.calculate(4, new Work({ left: 1, right: 2, op: Operation.DIVIDE }));
  await assert.rejects(quotient, InvalidOperation);
  assert.equal(await client.mean([1, 2, 3]), 2);
  connection.end();
  await once(connection, 'close');
}

async function show(when: string, which: RegExp): Promise<void> {
  const { body } = await renderMetrics();
  const samples = body
    .toString()
    .split('\n')
    .filter((line) => /^(acme_)?myapp_/.test(line) && which.test(line));
  console.log(`${when}:\n\n${samples.join('\n')}\n`);
}
