// Runs a Thrift server of the calculator. The argument selects how it is measured: bare, instrumented or byHand.
import { createRequire } from 'node:module';
import client from 'prom-client';
import thrift from 'thrift';
import { instrumentHandler, instrumentServer, instrumentService } from 'thrift-metrics';

import { ByHandAsync } from '../by-hand.mjs';
import { AsyncHandler } from '../handlers.mjs';

const Calculator = createRequire(import.meta.url)(
  '../../examples/calculator/gen-nodejs/Calculator.js',
);

const SERVERS = {
  bare: () => thrift.createServer(Calculator, new AsyncHandler()),
  instrumented: () =>
    instrumentServer(
      thrift.createServer(
        instrumentService(Calculator),
        instrumentHandler(new AsyncHandler(), { service: 'Calculator' }),
      ),
    ),
  byHand: () => thrift.createServer(Calculator, new ByHandAsync()),
};

client.register.clear();
const server = SERVERS[process.argv[2]]();
server.on('error', () => {});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
