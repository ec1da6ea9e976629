// The service of the part with PM2. It imports nothing of the package for its server: `thrift-metrics/auto`, which PM2 preloads,
// instruments that, and serves the sum of all workers.
import { once } from 'node:events';
import type { Server } from 'node:net';

import { createServer } from 'thrift';

import * as Calculator from '../../../examples/calculator/gen-nodejs/Calculator.js';
import { CalculatorHandler } from '../../../examples/calculator/handler.js';
import { untilIdle } from './until-idle.js';

const server = createServer(Calculator, new CalculatorHandler()) as unknown as Server;
server.on('error', console.error);
server.listen(Number(process.env['PORT']), '127.0.0.1', () => process.send?.('ready'));

/** Answers the clients that are connected, and ends. */
async function end(): Promise<void> {
  await once(server.close(), 'close');
  await untilIdle();
  process.exit(0);
}

// PM2's way to ask for the end.
process.once('SIGINT', () => void end());
