// 50 methods over a real Thrift connection with the live page, one of which holds the event loop. Prints the port of the page.
// Every method is called about as often, and many take longer than the blocker without holding the event loop.
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import * as thrift from 'thrift';
import {
  Instrumented,
  instrumentHandler,
  instrumentServer,
  instrumentService,
  startMetricsServer,
} from 'thrift-metrics';

import * as Calculator from '../../../examples/calculator/gen-nodejs/Calculator.js';
import { Operation, Work } from '../../../examples/calculator/gen-nodejs/calculator_types.js';

function hold(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

@Instrumented({ service: 'Calculator' })
class CalculatorHandler {
  async ping(): Promise<void> {}

  async calculate(_id: number, work: Work): Promise<number> {
    hold(5);
    await sleep(20);
    return work.left;
  }
}

const shop = instrumentHandler(
  Object.fromEntries(
    Array.from({ length: 48 }, (_, i) => [
      `method${i}`,
      async () => {
        if (i === 31) hold(60);
        else await sleep(2 * i);
      },
    ]),
  ),
  { service: 'Shop' },
);

async function main(): Promise<void> {
  const service = instrumentService(Calculator);
  const server = instrumentServer(thrift.createServer(service, new CalculatorHandler()) as Server);
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connection = thrift.createConnection('127.0.0.1', port, {});
  const client = thrift.createClient(Calculator.Client, connection);
  const metrics = await startMetricsServer({ port: 0, host: '127.0.0.1' });
  setInterval(() => {
    for (const method of Object.values(shop)) void method();
    void client.calculate(1, new Work({ left: 1, right: 1, op: Operation.ADD }));
    void client.ping();
  }, 300);
  console.log(`page ${metrics.port}`);
}

void main();
