import { createRequire } from 'node:module';

import { register } from 'prom-client';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import {
  instrumentClient,
  instrumentHandler,
  instrumentServer,
  instrumentService,
  resetMetrics,
} from '../../src/index';
import { thrift as library, type Service } from '../support/start-thrift';
import { samplesOf } from '../support/value-of';
import {
  MULTIPLEXED_NAME,
  startEndpoint,
  type Connection,
  type Layers,
  type Wire,
} from './start-endpoint';

const thrift = library as typeof library & {
  Multiplexer: new () => { createClient(name: string, service: Service, to: Connection): object };
};

const load = createRequire(__filename);
const Library = load('../thrift/gen-nodejs/Library.js') as Service;
const { Refused } = load('../thrift/gen-nodejs/library_types.js') as {
  Refused: new (fields: { why: string }) => Error;
};

interface Client {
  ping(): Promise<void>;
  divide(left: number, right: number): Promise<number>;
  describe(id: number): Promise<string>;
  note(text: string): Promise<void>;
}

const WIRES: readonly Wire[] = ['tcp', 'tls', 'unix', 'http', 'https', 'websocket'];
const LAYERS: readonly Layers[] = (['buffered', 'framed'] as const).flatMap((transport) =>
  (['binary', 'compact', 'json'] as const).map((protocol) => ({ transport, protocol })),
);
const CASES = WIRES.flatMap((wire) =>
  LAYERS.flatMap((layers) => [false, true].map((multiplexed) => ({ wire, layers, multiplexed }))),
);

beforeEach(() => resetMetrics());

describe.each(CASES)(
  '$wire, $layers.transport, $layers.protocol, multiplexed: $multiplexed',
  ({ wire, layers, multiplexed }) => {
    test('the metrics of the client and of the server match the calls', async () => {
      let hear: (text: string) => void = () => {};
      const noted = new Promise<string>((resolve) => (hear = resolve));
      const handler = instrumentHandler(
        {
          async ping() {},
          async divide(left: number, right: number) {
            if (right === 0) throw new Refused({ why: 'by zero' });
            return left / right;
          },
          async describe(_id: number) {
            throw new RangeError('nothing to say');
          },
          note: (text: string) => hear(text),
        },
        { service: 'Library' },
      );
      const service = instrumentService(Library);
      const endpoint = await startEndpoint(
        wire,
        layers,
        multiplexed,
        service,
        handler,
        instrumentServer,
      );
      const connection = await endpoint.connect();
      connection.on('error', () => {});
      onTestFinished(async () => {
        connection.destroy?.();
        connection.close?.();
        await endpoint.close();
      });
      const client = instrumentClient(createClient(connection, multiplexed), { name: 'matrix' });

      await client.ping();
      expect(await client.divide(6, 2)).toBe(3);
      await expect(client.divide(1, 0)).rejects.toMatchObject({ why: 'by zero' });
      await expect(client.describe(1)).rejects.toMatchObject({ message: 'nothing to say' });
      await client.note('heard');
      expect(await noted).toBe('heard');
      // Over HTTP a oneway call has no answer; the next call is another request.
      await client.ping();

      expect(await countsOf('thrift_server_messages_total', 'thrift_reply')).toEqual({
        'ping reply': 2,
        'divide reply': 2,
        'describe exception': 1,
        'note none': 1,
      });
      expect(await countsOf('thrift_server_requests_total')).toEqual({
        ping: 2,
        divide: 2,
        describe: 1,
        note: 1,
      });
      expect(await countsOf('thrift_server_errors_total', 'thrift_exception_kind')).toEqual({
        'divide declared': 1,
        'describe undeclared': 1,
      });
      expect(await countsOf('thrift_client_requests_total')).toEqual({
        ping: 2,
        divide: 2,
        describe: 1,
        note: 1,
      });
      expect(await countsOf('thrift_client_errors_total', 'thrift_exception_kind')).toEqual({
        'divide declared': 1,
        'describe application': 1,
      });
      expect(await countsOf('thrift_client_latency_seconds_count', 'thrift_success')).toEqual({
        'ping true': 2,
        'divide true': 1,
        'divide false': 1,
        'describe false': 1,
        'note true': 1,
      });
      expect(await countsOf('thrift_server_active_messages')).toEqual({});
      expect(await countsOf('thrift_client_active_requests')).toEqual({});
      expect(await countsOf('thrift_server_protocol_errors_total', 'thrift_reason')).toEqual({});
      expect(await transportsOf('thrift_server_connections_total')).toContain(wire);
    });
  },
);

function createClient(connection: Connection, multiplexed: boolean): Client {
  return (
    multiplexed
      ? new thrift.Multiplexer().createClient(MULTIPLEXED_NAME, Library, connection)
      : thrift.createClient(Library as never, connection as never)
  ) as Client;
}

/** Values other than 0, by method and another label. */
async function countsOf(name: string, label?: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const sample of await samplesOf(register)) {
    if (sample.name !== name || sample.value === 0) continue;
    const method = String(sample.labels['thrift_method'] ?? '');
    const key = label === undefined ? method : `${method} ${sample.labels[label]}`;
    counts[key] = (counts[key] ?? 0) + sample.value;
  }
  return counts;
}

async function transportsOf(name: string): Promise<unknown[]> {
  return (await samplesOf(register))
    .filter((sample) => sample.name === name && sample.value > 0)
    .map(({ labels }) => labels['thrift_transport']);
}
