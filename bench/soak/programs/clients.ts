// The program of the part with many clients: a pool that creates a client for every call on one connection that stays open.
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';

import { createClient, createConnection, createServer } from 'thrift';
import { instrumentClient, renderMetrics } from 'thrift-metrics';

import * as Calculator from '../../../examples/calculator/gen-nodejs/Calculator.js';
import { parseText } from '../../../test/support/text-format';
import { sumOf } from '../../../test/support/sum-of';
import { Watch, type Witness } from './watch.js';

/** Order to create clients, answered with a report once all of their calls have settled. */
export interface ClientsOrder {
  readonly clients: number;
}

export interface ClientsReport extends Witness {
  readonly requests: number;
  readonly succeeded: number;
  readonly active: number;
}

async function main(): Promise<void> {
  const watch = new Watch();
  const server = createServer(Calculator, {
    add: async (left: number, right: number) => left + right,
  }) as unknown as Server;
  server.on('error', () => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connection = createConnection('127.0.0.1', (server.address() as AddressInfo).port, {});
  await once(connection, 'connect');
  const execute = async ({ clients }: ClientsOrder): Promise<ClientsReport> => {
    for (let i = 0; i < clients; i++) {
      const client = instrumentClient(createClient(Calculator.Client, connection), {
        name: 'pool',
        connection,
      });
      const sum = await client.add(i, 1);
      if (sum !== i + 1) throw new Error(`${i} + 1 is not ${sum}`);
    }
    await watch.sampleHeap();
    const samples = parseText((await renderMetrics()).body.toString());
    const of = (metric: string, labels = {}): number =>
      sumOf(samples, metric, { thrift_client_name: 'pool', ...labels });
    const { uncaught, faults, heap } = watch;
    return {
      uncaught,
      faults,
      heap,
      requests: of('thrift_client_requests_total'),
      succeeded: of('thrift_client_latency_seconds_count', { thrift_success: 'true' }),
      active: of('thrift_client_active_requests'),
    };
  };
  process.on(
    'message',
    (order: ClientsOrder) => void execute(order).then((answer) => process.send?.(answer)),
  );
  // The parent process is gone.
  process.once('disconnect', () => process.exit(1));
  process.send?.({});
}

void main();
