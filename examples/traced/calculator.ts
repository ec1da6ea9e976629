// A Thrift service. It leaves additions to an older service in Python.
import type { Server } from 'node:net';
import { createClient, createConnection, createServer } from 'thrift';
import {
  Instrumented,
  instrumentClient,
  instrumentServer,
  instrumentService,
  startMetricsServer,
} from 'thrift-metrics';

import * as Calculator from '../calculator/gen-nodejs/Calculator.js';
import {
  InvalidOperation,
  Operation,
  type Work,
} from '../calculator/gen-nodejs/calculator_types.js';
import { join, listen, nextPort } from './member.js';
import { startTracing } from './tracing.js';

const provider = startTracing('calculator');

const connection = createConnection('127.0.0.1', nextPort(), {});
const adder = instrumentClient(createClient(Calculator.Client, connection), { name: 'adder' });

@Instrumented({ exceptions: [InvalidOperation] })
class CalculatorHandler {
  async calculate(_logid: number, { left, right, op }: Work): Promise<number> {
    if (op === Operation.ADD) return adder.add(left, right);
    throw new InvalidOperation({ operation: op, why: 'this calculator only adds' });
  }
}

async function main(): Promise<void> {
  const server: Server = createServer(instrumentService(Calculator), new CalculatorHandler());
  server.on('error', console.error);
  instrumentServer(server);
  const { url } = await startMetricsServer({ port: 0, host: '127.0.0.1' });
  join({ port: await listen(server), metrics: url }, provider);
}

void main();
