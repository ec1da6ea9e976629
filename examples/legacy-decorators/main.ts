import 'reflect-metadata';

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createClient, createConnection, createServer } from 'thrift';
import { getDeclaredMetrics, startMetricsServer } from 'thrift-metrics';

import * as Calculator from '../calculator/gen-nodejs/Calculator.js';
import { InvalidOperation, Operation, Work } from '../calculator/gen-nodejs/calculator_types.js';
// The same handler as in examples/calculator, compiled here with experimentalDecorators.
import { CalculatorHandler } from '../calculator/handler.js';

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});

async function main(): Promise<void> {
  showMetadata();
  const server = createServer(Calculator, new CalculatorHandler()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const metrics = await startMetricsServer({ port: 0 });

  await callCalculator((server.address() as AddressInfo).port);

  const scraped = await (await fetch(`http://localhost:${metrics.port}/metrics`)).text();
  const samples = scraped.split('\n').filter((line) => line.includes('"calculate"'));
  console.log(`\n${samples.filter((line) => !line.includes('_bucket{')).join('\n')}`);
  check(samples, 'thrift_server_requests_total', 'op="MULTIPLY"', 1);
  check(samples, 'thrift_server_errors_total', 'thrift_exception_type="InvalidOperation"', 1);

  server.close();
  await metrics.close();
}

/** Shows that the compiler's metadata of the method is kept next to that of the decorators. */
function showMetadata(): void {
  const types = Reflect.getMetadata('design:paramtypes', CalculatorHandler.prototype, 'calculate');
  assert.deepEqual(types, [Number, Work]);
  console.log('design:paramtypes of calculate: [Number, Work]');
  const declared = getDeclaredMetrics(CalculatorHandler).filter(
    ({ method }) => method === 'calculate',
  );
  for (const { name, labelNames } of declared) console.log(`${name}{${labelNames.join(', ')}}`);
  assert.equal(declared.length, 4);
}

async function callCalculator(port: number): Promise<void> {
  const connection = createConnection('127.0.0.1', port, {});
  const client = createClient(Calculator.Client, connection);
  const product = new Work({ left: 6, right: 7, op: Operation.MULTIPLY });
  assert.equal(await client.calculate(1, product), 42);
  const impossible = new Work({ left: 1, right: 0, op: Operation.DIVIDE });
  await assert.rejects(client.calculate(2, impossible), InvalidOperation);
  connection.end();
  await once(connection, 'close');
}

function check(lines: string[], family: string, label: string, value: number): void {
  const found = lines.some(
    (line) => line.startsWith(`${family}{`) && line.includes(label) && line.endsWith(` ${value}`),
  );
  assert.ok(found, `expected a sample of ${family} with ${label} to be ${value}`);
}
