// A Thrift server whose method keeps the process busy, with a live page that takes profiles. Prints its ports.
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';

import * as thrift from 'thrift';
import { Instrumented, startMetricsServer } from 'thrift-metrics';

import * as Calculator from '../../../examples/calculator/gen-nodejs/Calculator.js';

function planted(milliseconds: number): number {
  const end = performance.now() + milliseconds;
  let sum = 0;
  while (performance.now() < end) sum += Math.sqrt(sum + 1);
  return sum;
}

@Instrumented({ service: 'Calculator' })
class BusyHandler {
  factorize(milliseconds: number): number[] {
    planted(milliseconds);
    return [];
  }

  add(left: number, right: number): number {
    return left + right;
  }
}

async function main(): Promise<void> {
  const server = thrift.createServer(Calculator, new BusyHandler()) as Server;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = await startMetricsServer({
    port: 0,
    host: '127.0.0.1',
    auth: { token: 's3cret' },
    profile: true,
  });
  console.log(`thrift ${(server.address() as AddressInfo).port} metrics ${port}`);
}

void main();
