// Serves the example's handler with the given transport and protocol, fully instrumented. Prints its ports.
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import * as thrift from 'thrift';
import { instrumentServer, instrumentService, startMetricsServer } from 'thrift-metrics';

import * as Calculator from '../../../examples/calculator/gen-nodejs/Calculator.js';
import { CalculatorHandler } from '../../../examples/calculator/handler';

const TRANSPORTS = { buffered: thrift.TBufferedTransport, framed: thrift.TFramedTransport };
const PROTOCOLS = {
  binary: thrift.TBinaryProtocol,
  compact: thrift.TCompactProtocol,
  json: thrift.TJSONProtocol,
};

async function main(transport: string, protocol: string): Promise<void> {
  const server = thrift.createServer(instrumentService(Calculator), new CalculatorHandler(), {
    transport: TRANSPORTS[transport as keyof typeof TRANSPORTS],
    protocol: PROTOCOLS[protocol as keyof typeof PROTOCOLS],
  }) as Server;
  instrumentServer(server);
  server.on('error', (error) => console.error(error));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const metrics = await startMetricsServer({ port: 0, host: '127.0.0.1' });
  console.log(`thrift ${(server.address() as AddressInfo).port} metrics ${metrics.port}`);
}

void main(process.argv[2] ?? '', process.argv[3] ?? '');
