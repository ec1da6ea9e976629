// A Thrift service whose methods keep the process busy in known ways, with a metrics server that takes profiles. The first
// argument says how the handler is measured, the second one is the options of the server as JSON. Prints its ports.
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';

import * as thrift from 'thrift';

import * as Calculator from '../../../examples/calculator/gen-nodejs/Calculator.js';
import {
  Instrumented,
  instrumentHandler,
  startMetricsServer,
  type MetricsServerOptions,
} from '../../../src/index';

/** Keeps the process busy. */
function spin(milliseconds: number): number {
  const end = performance.now() + milliseconds;
  let sum = 0;
  while (performance.now() < end) sum += Math.sqrt(sum + 1);
  return sum;
}

/** What was allocated, so that the compiler does not leave it out. */
let allocated: unknown[] = [];

class BusyHandler {
  /** Spins in a function that it calls. */
  factorize(milliseconds: number): number[] {
    spin(milliseconds);
    return [];
  }

  /** Spins after it has waited, when no wrapper is on the stack any more. */
  async calculate(milliseconds: number, _work: unknown): Promise<number> {
    await Promise.resolve();
    const end = performance.now() + milliseconds;
    let turns = 0;
    while (performance.now() < end) turns++;
    return turns > 0 ? 1 : 0;
  }

  /** Allocates megabytes. */
  mean(values: number[]): number {
    allocated = [];
    for (let i = 0; i < 50_000; i++) allocated.push({ value: i, values: [i, values] });
    return 0;
  }

  add(left: number, right: number): number {
    return left + right;
  }
}

/** The same, with decorators. */
@Instrumented({ service: 'Calculator' })
class DecoratedHandler extends BusyHandler {
  override factorize(milliseconds: number): number[] {
    spin(milliseconds);
    return [];
  }
}

async function main(measured: string, options: MetricsServerOptions): Promise<void> {
  const handler =
    measured === 'decorated'
      ? new DecoratedHandler()
      : instrumentHandler(new BusyHandler(), { service: 'Calculator' });
  const server = thrift.createServer(Calculator, handler) as Server;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = await startMetricsServer({ port: 0, host: '127.0.0.1', ...options });
  console.log(`thrift ${(server.address() as AddressInfo).port} metrics ${port}`);
}

const [, , measured = '', options = '{}'] = process.argv;
void main(measured, JSON.parse(options) as MetricsServerOptions);
