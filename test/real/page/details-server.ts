// A Thrift server that fails in known ways, with two live pages: one that only this machine reaches, and one that everyone
// does. `GET /configure` of the control port calls configureMetrics. Messages and labels contain HTML that would run if the
// page treated one as HTML.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Server } from 'node:net';

import * as thrift from 'thrift';
import {
  configureMetrics,
  instrumentHandler,
  instrumentServer,
  startMetricsServer,
} from 'thrift-metrics';

import * as Calculator from '../../../examples/calculator/gen-nodejs/Calculator.js';

const HOSTILE = '<img src=x onerror="globalThis.wasOwned=1">';

const handler = instrumentHandler(
  {
    async calculate(tier: string, fails: boolean): Promise<number> {
      if (fails) throw new RangeError(`out of range ${HOSTILE} ${'long'.repeat(60)}`);
      return tier.length;
    },
    async quiet(): Promise<void> {},
  },
  { service: 'Shop', labels: { tier: ({ args }) => String(args[0]) } },
);

async function main(): Promise<void> {
  configureMetrics({ prefix: 'shop_' });
  const dashboardUrl = 'https://grafana.test/d/thrift?orgId=3';
  const local = await startMetricsServer({ port: 0, host: '127.0.0.1', dashboardUrl });
  const everywhere = await startMetricsServer({ port: 0 });
  // Plain HTTP looks to it like a frame that is too long.
  const options = { transport: thrift.TFramedTransport };
  const server = thrift.createServer(Calculator, { ping: () => {} }, options) as Server;
  server.on('error', () => {});
  instrumentServer(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  for (let i = 0; i < 6; i++) await handler.calculate('gold', false);
  for (let i = 0; i < 3; i++) await handler.calculate(HOSTILE, false);
  await handler.calculate('gold', true).catch(() => {});
  await handler.calculate('gold', true).catch(() => {});
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => {});
  socket.end('GET / HTTP/1.1\r\n\r\n');

  const control = createServer((_request, response) => {
    configureMetrics({ maxSeriesPerMetric: 1500 });
    response.end('configured');
  }).listen(0, '127.0.0.1');
  await once(control, 'listening');
  console.log(
    `page ${local.port} open ${everywhere.port} control ${(control.address() as AddressInfo).port}`,
  );
}

void main();
