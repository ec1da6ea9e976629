import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';

import { register } from 'prom-client';
import { beforeEach, describe, expect, test } from 'vitest';

import {
  type Call,
  Counted,
  Instrumented,
  instrumentClient,
  instrumentService,
  resetMetrics,
} from '../../src/index';
import { thrift, type Service } from '../support/start-thrift';
import { unhandledRejectionsOf } from '../support/unhandled-rejections';
import { valueOf } from '../support/value-of';
import {
  countsOf as clientCountsOf,
  failedWith as clientFailedWith,
  SUCCEEDED as CLIENT_SUCCEEDED,
} from './client/client-counts';
import { clientOf, startTcp, type AnyConnection } from './client/transports';
import type { Client } from './gen-nodejs/Forest.js';
import type * as types from './gen-nodejs/forest_types.js';
import { countsOf, failedWith, SUCCEEDED } from './handler-counts';
import { newestOutputs } from './outputs';
import { countsOf as messageCountsOf, protocolErrors } from './service/message-counts';
import { serve } from './service/serve';
import { BINARY_FRAMED, WIRES, wireOptions, type Wire } from './service/wire';

// What only the output of 0.24 has: identifiers, and a limit of how deep structs may contain each other.

const ID = '00112233-4455-4677-8899-aabbccddeeff';
const OTHER_ID = 'ffeeddcc-bbaa-4988-8766-554433221100';
const UNWRITABLE_ID = '99999999-9999-4999-8999-999999999999';
/** More than Thrift's limit of 64. */
const TOO_DEEP = 70;

/** Missing from @types/thrift. */
const { UUID } = thrift.Thrift.Type as unknown as {
  readonly UUID: typeof thrift.Thrift.Type.STRING;
};

thrift.setLogFunc?.(() => {});

beforeEach(resetMetrics);

test('only a thrift that limits nesting works with output of compiler 0.24', () => {
  const limits = 'incrementRecursionDepth' in thrift.TBinaryProtocol.prototype;
  expect(newestOutputs.length > 0).toBe(limits);
});

/** Writes structs of any depth, as a peer in another language may. */
class UnlimitedProtocol extends thrift.TBinaryProtocol {
  incrementRecursionDepth(): void {}
  decrementRecursionDepth(): void {}
}

describe.each(newestOutputs)('generated code in $style', ({ style, folder }) => {
  const module = require(`${folder}/Forest.js`) as Service & { Client: object };
  const { Tree, Felled } = require(`${folder}/forest_types.js`) as typeof types;
  const service = `Forest in ${style}`;

  const treeOf = (depth: number): types.Tree =>
    new Tree({ id: ID, branches: depth > 1 ? [treeOf(depth - 1)] : [] });

  class Bare {
    async plant(tree: types.Tree | null): Promise<types.Tree> {
      return tree ?? treeOf(TOO_DEEP);
    }

    rename(id: string): string {
      if (id === ID) throw new Felled({ id });
      return id === UNWRITABLE_ID ? 'no UUID' : id;
    }
  }

  @Instrumented({ service })
  class Measured extends Bare {
    override plant(tree: types.Tree | null): Promise<types.Tree> {
      return super.plant(tree);
    }

    override rename(id: string): string {
      return super.rename(id);
    }
  }

  const bare = { module, handler: new Bare() };
  const measured = { module: instrumentService(module, { service }), handler: new Measured() };

  interface Connected {
    readonly client: Client;
    readonly connection: AnyConnection;
  }

  async function connectTo(
    served: typeof bare,
    wire: Wire = BINARY_FRAMED,
    protocol?: object,
  ): Promise<Connected> {
    const options = wireOptions(wire);
    const { connect } = await startTcp(
      served.module,
      served.handler,
      protocol === undefined ? options : { ...options, protocol },
    );
    const connection = connect(options);
    await once(connection, 'connect');
    const client = clientOf(connection, module);
    const used = served === measured ? instrumentClient(client, { name: style }) : client;
    return { client: used as unknown as Client, connection };
  }

  const clientCounts = (method: string) => clientCountsOf(style, method, 'Forest');

  test.each(WIRES)(
    'identifiers and nested structs arrive unchanged: $protocol, $transport',
    async (wire) => {
      const { client } = await connectTo(measured, wire);

      const tree = treeOf(20);
      expect(await client.plant(tree)).toEqual(tree);
      expect(await client.rename(OTHER_ID)).toBe(OTHER_ID);

      for (const method of ['plant', 'rename']) {
        expect(await countsOf(method, service)).toEqual(SUCCEEDED);
        expect(await clientCounts(method)).toEqual(CLIENT_SUCCEEDED);
        expect(await messageCountsOf(method, service)).toMatchObject({
          messages: { 'call reply': 1 },
          requests: 1,
          responses: 1,
          lost: {},
        });
      }
    },
  );

  test('a label function reads the identifier of a struct', async () => {
    const name = `forest_planted_${style.toLowerCase()}_total`;
    class Labelled extends Bare {
      @Counted(name, { labels: { id: ({ args: [tree] }: Call<[types.Tree]>) => String(tree.id) } })
      override plant(tree: types.Tree): Promise<types.Tree> {
        return super.plant(tree);
      }
    }
    const { client } = await connectTo({ module, handler: new Labelled() });

    await client.plant(treeOf(2));

    expect(await valueOf(register, name, { id: ID })).toBe(1);
  });

  test('a declared exception with an identifier is recognized by the processor, even when thrown at once', async () => {
    const { client } = await connectTo(measured);

    await expect(client.rename(ID)).rejects.toMatchObject({ id: ID });

    expect(await countsOf('rename', service)).toEqual(failedWith('declared Felled'));
    expect(await clientCounts('rename')).toEqual(clientFailedWith('declared Felled'));
    expect((await messageCountsOf('rename', service)).messages).toEqual({ 'call reply': 1 });
  });

  describe('arguments that cannot be written', () => {
    test.each([
      ['a struct that nests too deep', 'plant', treeOf(TOO_DEEP), 'TProtocolException'],
      ['a text that is not a UUID', 'rename', 'no UUID', 'TypeError'],
    ] as const)(
      '%s fails in the client as without metrics',
      async (_, method, argument, exception) => {
        const failureIn = async (served: typeof bare): Promise<unknown> => {
          const { client } = await connectTo(served);
          const call = client[method] as (argument: unknown) => Promise<unknown>;
          return Promise.resolve()
            .then(() => call.call(client, argument))
            .catch((error: unknown) => error);
        };
        const expected = await failureIn(bare);
        expect(expected).toMatchObject({ name: exception });

        expect(await failureIn(measured)).toEqual(expected);

        expect(await clientCounts(method)).toEqual(clientFailedWith(`application ${exception}`));
      },
    );
  });

  test('a reply that nests too deep for the client ends the call as without metrics', async () => {
    const endIn = async (served: typeof bare): Promise<unknown> => {
      const { client, connection } = await connectTo(served, BINARY_FRAMED, UnlimitedProtocol);
      const settled = client.plant(null as never).then(
        () => 'resolved',
        (error: unknown) => ['rejected', String(error)],
      );
      const failed = once(connection, 'error').then(([error]) => ['error event', String(error)]);
      return Promise.race([settled, failed]);
    };
    const expected = await endIn(bare);
    expect(expected).toEqual([
      expect.any(String),
      expect.stringContaining('Maximum recursion depth exceeded'),
    ]);

    expect(await endIn(measured)).toEqual(expected);

    expect((await messageCountsOf('plant', service)).messages).toEqual({ 'call reply': 1 });
    expect(await clientCounts('plant')).toMatchObject({ requests: 1, active: 0, failed: 1 });
  });

  /** Everything that a client and the server's program see of these requests. */
  async function transcriptOf(served: typeof bare, requests: readonly Buffer[]) {
    const { connect, errors } = await serve(served.module, served.handler, BINARY_FRAMED);
    const client = await connect();
    const unhandled = await unhandledRejectionsOf(async () => {
      for (const request of requests) {
        // oxlint-disable-next-line no-await-in-loop -- one packet each
        await client.deliver(request);
        // oxlint-disable-next-line no-await-in-loop -- its promises settle
        await setImmediate();
      }
    });
    return {
      received: client.received.toString('latin1'),
      hasHungUp: client.peer.writableEnded,
      errors: errors.map(String),
      unhandled: unhandled.map(String),
    };
  }

  test('a request that nests too deep is refused as without metrics, and counts as garbage', async () => {
    const requests = [planting(treeOf(TOO_DEEP))];
    const plain = await transcriptOf(bare, requests);
    expect(plain).toMatchObject({ received: '', hasHungUp: true });
    expect(plain.errors).toEqual([expect.stringContaining('Maximum recursion depth exceeded')]);

    expect(await transcriptOf(measured, requests)).toEqual(plain);

    expect(await protocolErrors()).toEqual({ garbage: 1 });
    expect((await countsOf('plant', service)).requests).toBe(0);
  });

  test.each([
    ['a result that nests too deep', 'plant', planting(null)],
    ['a result that is not a UUID', 'rename', renaming(UNWRITABLE_ID)],
  ])('%s is a lost reply, and the next call is answered', async (_, method, request) => {
    const next = planting(treeOf(2));
    const plain = await transcriptOf(bare, [request, next]);

    expect(await transcriptOf(measured, [request, next])).toEqual(plain);

    expect(await countsOf(method, service)).toMatchObject({ failed: 0, inFlight: 0 });
    expect(await messageCountsOf(method, service)).toMatchObject({
      active: 0,
      lost: { unserializable: 1 },
    });
    const answered = method === 'plant' ? { 'call none': 1, 'call reply': 1 } : { 'call none': 1 };
    expect((await messageCountsOf(method, service)).messages).toEqual(answered);
    expect((await messageCountsOf('plant', service)).messages).toMatchObject({ 'call reply': 1 });
    expect(await protocolErrors()).toEqual({});
  });
});

type Writable = Record<symbol, (output: object) => void>;

function planting(tree: types.Tree | null): Buffer {
  return requestOf('plant', (output) => {
    if (tree === null) return;
    output.writeFieldBegin('tree', thrift.Thrift.Type.STRUCT, 1);
    (tree as unknown as Writable)[Symbol.for('write')]?.(output);
  });
}

function renaming(id: string): Buffer {
  return requestOf('rename', (output) => {
    output.writeFieldBegin('id', UUID, 1);
    output.writeUuid(id);
  });
}

/** A framed request, whose structs nest without a limit. */
function requestOf(
  method: string,
  writeFields: (output: UnlimitedProtocol & { writeUuid(id: string): void }) => void,
): Buffer {
  const written: Buffer[] = [];
  const transport = new thrift.TFramedTransport(undefined, (bytes) => void written.push(bytes!));
  const output = new UnlimitedProtocol(transport);
  output.writeMessageBegin(method, thrift.Thrift.MessageType.CALL, 1);
  writeFields(output as never);
  output.writeFieldStop();
  output.writeMessageEnd();
  output.flush();
  return Buffer.concat(written);
}
