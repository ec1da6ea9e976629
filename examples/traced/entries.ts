// A Thrift service. The entry under a key is twice the key, which the calculator computes.
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
import * as SharedService from '../calculator/gen-nodejs/SharedService.js';
import { Operation, Work } from '../calculator/gen-nodejs/calculator_types.js';
import { Entry, NotFound } from '../calculator/gen-nodejs/shared_types.js';
import { join, listen, nextPort } from './member.js';
import { startTracing } from './tracing.js';

const MAX_KEY = 1000;

const provider = startTracing('entries');

const connection = createConnection('127.0.0.1', nextPort(), {});
const calculator = instrumentClient(createClient(Calculator.Client, connection), {
  name: 'calculator',
});

@Instrumented({ service: 'SharedService', exceptions: [NotFound] })
class EntriesHandler {
  async getStruct(key: number): Promise<Entry> {
    if (key > MAX_KEY) throw new NotFound({ key, hint: `there are no entries above ${MAX_KEY}` });
    const work = new Work({ left: key, right: key, op: Operation.ADD });
    return new Entry({ key, value: String(await calculator.calculate(key, work)) });
  }
}

async function main(): Promise<void> {
  const server: Server = createServer(instrumentService(SharedService), new EntriesHandler());
  server.on('error', console.error);
  instrumentServer(server);
  const { url } = await startMetricsServer({ port: 0, host: '127.0.0.1' });
  join({ port: await listen(server), metrics: url }, provider);
}

void main();
