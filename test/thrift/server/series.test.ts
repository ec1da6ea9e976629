import net, { type Server } from 'node:net';

import { register } from 'prom-client';
import { expect, it } from 'vitest';

import { instrumentServer } from '../../../src/index';
import { samplesOf } from '../../support/value-of';
import { startServer } from './start-server';

const REASONS = ['client', 'error', 'reset', 'server', 'timeout'];
const bare = (server: Server): Server => server;

/** All series of connections, after checking that each of them is 0. */
async function series(): Promise<string[]> {
  const samples = (await samplesOf(register)).filter(
    ({ name }) => name.startsWith('thrift_server_') && !name.includes('protocol'),
  );
  expect(samples.filter(({ value }) => value !== 0)).toEqual([]);
  return samples.map(({ name, labels: { thrift_transport = '', thrift_reason = '' } }) =>
    [name, thrift_transport, thrift_reason].join(' ').trim(),
  );
}

function seriesOf(transport: string, reasons = REASONS): string[] {
  return [
    `thrift_server_active_connections ${transport}`,
    `thrift_server_connections_total ${transport}`,
    `thrift_server_received_bytes_total ${transport}`,
    `thrift_server_sent_bytes_total ${transport}`,
    ...reasons.map((reason) => `thrift_server_connections_closed_total ${transport} ${reason}`),
  ];
}

/** The series that an action adds to the registry. */
async function newSeries(action: () => unknown): Promise<string[]> {
  const before = await series();
  await action();
  return (await series()).filter((each) => !before.includes(each)).toSorted();
}

it('a listening server has the series of its transport, and any other those of all possible transports', async () => {
  const { server } = await startServer('unix', { prepare: bare });
  expect(await newSeries(() => instrumentServer(server))).toEqual([
    'thrift_server_accept_errors_total',
    ...seriesOf('unix').toSorted(),
  ]);
  expect(await newSeries(() => instrumentServer(net.createServer()))).toEqual(
    seriesOf('tcp').toSorted(),
  );
});

it('an HTTP server also has the series of WebSockets', async () => {
  expect(await newSeries(() => startServer('http'))).toEqual(
    [...seriesOf('http', [...REASONS, 'upgrade']), ...seriesOf('websocket')].toSorted(),
  );
});

it('only encrypted servers have the series of failed handshakes', async () => {
  expect(await newSeries(() => startServer('tls'))).toEqual(
    ['thrift_server_tls_handshake_errors_total', ...seriesOf('tls')].toSorted(),
  );
  expect(await newSeries(() => startServer('https'))).toEqual(
    seriesOf('https', [...REASONS, 'upgrade']).toSorted(),
  );
});

it('each reason of refused input has a series at 0', async () => {
  const found = (await samplesOf(register)).filter(
    ({ name }) => name === 'thrift_server_protocol_errors_total',
  );
  expect(found.map(({ labels, value }) => [labels.thrift_reason, value])).toEqual([
    ['garbage', 0],
    ['bad_version', 0],
    ['oversize_frame', 0],
    ['cut_off_struct', 0],
    ['wrong_message_type', 0],
    ['unknown_service', 0],
  ]);
});
