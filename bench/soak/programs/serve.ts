import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';

import { createServer } from 'thrift';
import { instrumentServer, instrumentService } from 'thrift-metrics';

import * as Calculator from '../../../examples/calculator/gen-nodejs/Calculator.js';
import type { CalculatorHandler } from '../../../examples/calculator/handler.js';

export interface Serving {
  readonly port: number;
  readonly server: Server;
  /** Returns how often the server emitted `error`. */
  errors(): number;
}

/** Serves the fully instrumented calculator on a free port that no other process of a cluster shares. */
export async function serve(handler: CalculatorHandler): Promise<Serving> {
  const server: Server = instrumentServer(createServer(instrumentService(Calculator), handler));
  let errors = 0;
  server.on('error', () => errors++);
  server.listen({ port: 0, host: '127.0.0.1', exclusive: true });
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port, errors: () => errors };
}
