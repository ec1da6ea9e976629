// Runs a Thrift server with a measured handler, and serves 10,000 histogram series from our registry and from prom-client's.
import http from 'node:http';
import { createRequire } from 'node:module';
import thrift from 'thrift';
import { instrumentHandler, startMetricsServer } from 'thrift-metrics';

import { fillOurs, fillPromClient, tags } from '../series.mjs';

const Calculator = createRequire(import.meta.url)(
  '../../examples/calculator/gen-nodejs/Calculator.js',
);

const values = tags(10_000);
fillOurs(values);
const registry = fillPromClient(values);
const handler = instrumentHandler(
  { add: async (left, right) => left + right },
  { service: 'Calculator' },
);
const server = thrift.createServer(Calculator, handler);
server.on('error', () => {});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const ours = await startMetricsServer({ port: 0, host: '127.0.0.1' });
const prom = http.createServer(async (_request, response) =>
  response.end(await registry.metrics()),
);
await new Promise((resolve) => prom.listen(0, '127.0.0.1', resolve));
process.send({ thrift: server.address().port, ours: ours.port, prom: prom.address().port });
