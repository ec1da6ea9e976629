import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';

import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import { Instrumented, instrumentClient, instrumentService, resetMetrics } from '../../src/index';
import { startThrift, thrift, type Service } from '../support/start-thrift';
import { unhandledRejectionsOf } from '../support/unhandled-rejections';
import {
  countsOf as clientCountsOf,
  failedWith as clientFailedWith,
  SUCCEEDED as CLIENT_SUCCEEDED,
} from './client/client-counts';
import type { Client } from './gen-nodejs/Forest.js';
import type * as types from './gen-nodejs/forest_types.js';
import { countsOf, failedWith, SUCCEEDED } from './handler-counts';
import { newestOutputs } from './outputs';
import { countsOf as messageCountsOf, protocolErrors } from './service/message-counts';
import { serve } from './service/serve';
import { BINARY_FRAMED, encode } from './service/wire';

// What only the output of 0.24 has: identifiers, and a limit of how deep structs may contain each other.

const ID = '00112233-4455-4677-8899-aabbccddeeff';
const OTHER_ID = 'ffeeddcc-bbaa-4988-8766-554433221100';
/** More than Thrift's limit of 64. */
const TOO_DEEP = 70;

beforeEach(resetMetrics);

test('only a thrift that limits nesting works with output of compiler 0.24', () => {
  const limits = 'incrementRecursionDepth' in thrift.TBinaryProtocol.prototype;
  expect(newestOutputs.length > 0).toBe(limits);
});

describe.each(newestOutputs)('generated code in $style', ({ style, folder }) => {
  const module = require(`${folder}/Forest.js`) as Service & { Client: never };
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
      return id;
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

  async function start(isMeasured: boolean): Promise<Client> {
    const server = isMeasured
      ? await startThrift(instrumentService(module, { service }), new Measured())
      : await startThrift(module, new Bare());
    const connection = thrift.createConnection('127.0.0.1', server.port, {});
    onTestFinished(async () => {
      connection.destroy();
      await server.close();
    });
    await once(connection, 'connect');
    const client: Client = thrift.createClient(module.Client, connection);
    return isMeasured ? instrumentClient(client, { name: style }) : client;
  }

  const clientCounts = (method: string) => clientCountsOf(style, method, 'Forest');

  test('identifiers and nested structs arrive unchanged', async () => {
    const client = await start(true);

    const tree = treeOf(20);
    expect(await client.plant(tree)).toEqual(tree);
    expect(await client.rename(OTHER_ID)).toBe(OTHER_ID);

    for (const method of ['plant', 'rename']) {
      expect(await countsOf(method, service)).toEqual(SUCCEEDED);
      expect(await clientCounts(method)).toEqual(CLIENT_SUCCEEDED);
    }
  });

  test('a declared exception with an identifier is recognized by the processor, even when thrown at once', async () => {
    const client = await start(true);

    await expect(client.rename(ID)).rejects.toMatchObject({ id: ID });

    expect(await countsOf('rename', service)).toEqual(failedWith('declared Felled'));
    expect(await clientCounts('rename')).toEqual(clientFailedWith('declared Felled'));
    expect((await messageCountsOf('rename', service)).messages).toEqual({ 'call reply': 1 });
  });

  test('a request that nests too deep fails in the client as without metrics', async () => {
    const bare = await start(false);
    const expected: unknown = await bare.plant(treeOf(TOO_DEEP)).catch((error: unknown) => error);
    expect(expected).toMatchObject({ message: 'Maximum recursion depth exceeded' });

    const client = await start(true);
    await expect(client.plant(treeOf(TOO_DEEP))).rejects.toEqual(expected);

    expect(await clientCounts('plant')).toEqual(clientFailedWith('application TProtocolException'));
  });

  /** Everything that a client and the server's program see of a message. */
  async function transcriptOf(isMeasured: boolean, request: Buffer) {
    const served = isMeasured ? instrumentService(module, { service }) : module;
    const handler = isMeasured ? new Measured() : new Bare();
    const { connect, errors } = await serve(served, handler, BINARY_FRAMED);
    const client = await connect();
    const unhandled = await unhandledRejectionsOf(async () => {
      await client.deliver(request);
      await setImmediate();
    });
    return {
      received: client.received.toString('latin1'),
      hasHungUp: client.peer.writableEnded,
      errors: errors.map(String),
      unhandled: unhandled.map(String),
    };
  }

  test('a request that nests too deep is refused as without metrics, and counts as garbage', async () => {
    const bare = await transcriptOf(false, requestWith(treeOf(TOO_DEEP)));
    expect(bare).toMatchObject({ received: '', hasHungUp: true });
    expect(bare.errors).toEqual([expect.stringContaining('Maximum recursion depth exceeded')]);

    expect(await transcriptOf(true, requestWith(treeOf(TOO_DEEP)))).toEqual(bare);

    expect(await protocolErrors()).toEqual({ garbage: 1 });
    expect((await countsOf('plant', service)).requests).toBe(0);
  });

  test('a result that nests too deep is a lost reply', async () => {
    const request = encode(BINARY_FRAMED, { name: 'plant' });
    const bare = await transcriptOf(false, request);

    expect(await transcriptOf(true, request)).toEqual(bare);

    expect(await countsOf('plant', service)).toEqual(SUCCEEDED);
    expect(await messageCountsOf('plant', service)).toMatchObject({
      messages: { 'call none': 1 },
      active: 0,
      responses: 0,
      lost: { unserializable: 1 },
    });
    expect(await protocolErrors()).toEqual({});
  });
});

/** A request of `plant`, written without a limit. */
function requestWith(tree: types.Tree): Buffer {
  const { TBinaryProtocol, TFramedTransport, Thrift } = thrift;
  const written: Buffer[] = [];
  const transport = new TFramedTransport(undefined, (bytes) => void written.push(bytes!));
  const output = Object.assign(new TBinaryProtocol(transport), {
    incrementRecursionDepth() {},
    decrementRecursionDepth() {},
  });
  output.writeMessageBegin('plant', Thrift.MessageType.CALL, 1);
  output.writeFieldBegin('tree', Thrift.Type.STRUCT, 1);
  (tree as unknown as Record<symbol, (output: object) => void>)[Symbol.for('write')]?.(output);
  output.writeFieldStop();
  output.writeMessageEnd();
  output.flush();
  return Buffer.concat(written);
}
