import { beforeEach, describe, expect, test } from 'vitest';

import { instrumentService, resetMetrics } from '../../../src/index';
import { thrift } from '../../support/start-thrift';
import { loadOutputs } from '../generated';
import { counting, countsOf, protocolErrors } from './message-counts';
import { Gate } from './gate';
import { multiplexing, start } from './serve';
import {
  BINARY_BUFFERED,
  encode,
  EXCEPTION,
  messageSize,
  ONEWAY,
  REPLY,
  wireOptions,
  WIRES,
  type Wire,
} from './wire';

type Module = { readonly Processor: new (handler: object) => object };
type Processor = { process(input: object, output: object): void };
type Multiplexer = Processor & InstanceType<typeof multiplexing.MultiplexedProcessor>;

class Handler {
  readonly gate = new Gate<number>();
  readonly notes: string[] = [];

  async twice(number: number) {
    await this.gate.wait(number);
    return 2 * number;
  }

  ping(answer: (error: null) => void) {
    answer(null);
  }

  note(text: string) {
    this.notes.push(text);
  }
}

// Silences the warnings of compact protocols about sequence ids.
thrift.setLogFunc?.(() => {});

beforeEach(resetMetrics);

describe.each(loadOutputs())('generated code in $style', (generated) => {
  const module = generated.service as unknown as Module;

  async function serve(wire: Wire) {
    const handlers = { First: new Handler(), Second: new Handler() };
    const processor = new multiplexing.MultiplexedProcessor();
    for (const [name, handler] of Object.entries(handlers)) {
      const { Processor } = instrumentService(module, { service: name });
      processor.registerProcessor(name, new Processor(handler));
    }
    const server = multiplexing.createMultiplexServer(processor, wireOptions(wire));
    const served = await start(server, wire);
    return { ...handlers, ...served, client: await served.connect() };
  }

  describe.each(WIRES)('over $protocol and $transport', (wire) => {
    test('each service counts its own messages under its given name', async () => {
      const { client } = await serve(wire);
      const first = encode(wire, { name: 'First:ping', seqid: 1 });
      const second = encode(wire, { name: 'Second:ping', seqid: 2 });

      await client.deliver(Buffer.concat([first, second, second]));

      expect(await client.replies(3)).toEqual(
        [1, 2, 2].map((seqid) => ({ name: 'ping', type: REPLY, seqid })),
      );
      expect(await countsOf('ping', 'First')).toEqual(
        counting({
          messages: { 'call reply': 1 },
          requestSize: messageSize(wire, first),
          requests: 1,
          responses: 1,
        }),
      );
      expect(await countsOf('ping', 'Second')).toEqual(
        counting({
          messages: { 'call reply': 2 },
          requestSize: 2 * messageSize(wire, second),
          requests: 2,
          responses: 2,
        }),
      );
    });

    test('calls of both services in one packet can be answered in any order', async () => {
      const { First, Second, client } = await serve(wire);
      await client.deliver(
        Buffer.concat([
          encode(wire, { name: 'First:twice', seqid: 1, fields: [[1, 1]] }),
          encode(wire, { name: 'Second:twice', seqid: 2, fields: [[1, 2]] }),
          encode(wire, { name: 'First:twice', seqid: 3, fields: [[1, 3]] }),
        ]),
      );
      await First.gate.filled(2);
      await Second.gate.filled(1);

      First.gate.open(3);
      await client.replies(1);
      Second.gate.open(2);
      await client.replies(2);

      expect(await countsOf('twice', 'First')).toEqual(
        counting({
          messages: { 'call reply': 1 },
          active: 1,
        }),
      );
      expect(await countsOf('twice', 'Second')).toEqual(
        counting({
          messages: { 'call reply': 1 },
          active: 0,
        }),
      );
      First.gate.open(1);
      await client.replies(3);
      expect((await countsOf('twice', 'First')).active).toBe(0);
    });

    test('each message of a frame counts with its own size', async () => {
      const { client } = await serve(wire);
      const messages = ['First:ping', 'Second:note', 'First:ping'].map((name) => {
        const sent = encode(wire, { name });
        return sent.subarray(sent.length - messageSize(wire, sent));
      });
      const content = Buffer.concat(messages);
      const frame = Buffer.alloc(wire.transport === 'TFramedTransport' ? 4 : 0);
      if (frame.length > 0) frame.writeInt32BE(content.length);

      await client.deliver(Buffer.concat([frame, content]));
      await client.replies(2);

      const [ping, note] = messages.map(({ length }) => length);
      expect((await countsOf('ping', 'First')).requestSize).toBe(2 * ping!);
      expect((await countsOf('note', 'Second')).requestSize).toBe(note);
    });

    test('a multiplexed message counts the same wherever it is split', async () => {
      const { client, Second } = await serve(wire);
      const sent = encode(wire, {
        name: 'Second:note',
        type: ONEWAY,
        fields: [[1, 'wherever']],
      });

      for (let split = 1; split < sent.length; split++) {
        resetMetrics();
        await client.deliver(sent.subarray(0, split));
        expect((await countsOf('note', 'Second')).requests).toBe(0);
        await client.deliver(sent.subarray(split));
        expect(await countsOf('note', 'Second'), `before byte ${split}`).toEqual(
          counting({
            messages: { 'oneway none': 1 },
            requestSize: messageSize(wire, sent),
            requests: 1,
            decodes: 1,
          }),
        );
      }

      expect(Second.notes).toHaveLength(sent.length - 1);
      expect(await protocolErrors()).toEqual({});
    });

    test('an unknown method counts as _unknown of the addressed service', async () => {
      const { client } = await serve(wire);

      await client.deliver(encode(wire, { name: 'Second:none_such', seqid: 4 }));

      expect(await client.replies(1)).toEqual([{ name: 'none_such', type: EXCEPTION, seqid: 4 }]);
      expect((await countsOf('_unknown', 'First')).messages).toEqual({});
      expect((await countsOf('_unknown', 'Second')).messages).toEqual({ 'call exception': 1 });
    });
  });

  test('a processor and a multiplexer that share a protocol object count each message once', async () => {
    const one = new (instrumentService(module, { service: 'First' }).Processor)(new Handler());
    const other = new (instrumentService(module, { service: 'Second' }).Processor)(new Handler());
    const multiplexer = new multiplexing.MultiplexedProcessor() as Multiplexer;
    multiplexer.registerProcessor('Second', other);
    let messages = 0;
    const dispatcher: Processor = {
      process: (input, output) =>
        (messages++ === 0 ? (one as Processor) : multiplexer).process(input, output),
    };
    const server = multiplexing.createMultiplexServer(dispatcher, wireOptions(BINARY_BUFFERED));
    const { connect, errors } = await start(server, BINARY_BUFFERED);
    const client = await connect();
    const plain = encode(BINARY_BUFFERED, { name: 'ping' });
    const named = encode(BINARY_BUFFERED, { name: 'Second:ping' });

    await client.deliver(Buffer.concat([plain, named, named]));
    await client.replies(3);

    expect(errors).toEqual([]);
    expect(await countsOf('ping', 'First')).toEqual(
      counting({
        messages: { 'call reply': 1 },
        requests: 1,
        requestSize: plain.length,
      }),
    );
    expect(await countsOf('ping', 'Second')).toEqual(
      counting({
        messages: { 'call reply': 2 },
        requests: 2,
        responses: 2,
      }),
    );
  });

  test('a protocol object that inherits from an observed one is observed once', async () => {
    const processor = new (instrumentService(module, { service: 'First' }).Processor)(
      new Handler(),
    );
    let messages = 0;
    const wrapping: Processor = {
      process: (input, output) =>
        (processor as Processor).process(
          messages++ === 0 ? input : (Object.create(input) as object),
          output,
        ),
    };
    const server = multiplexing.createMultiplexServer(wrapping, wireOptions(BINARY_BUFFERED));
    const { connect, errors } = await start(server, BINARY_BUFFERED);
    const client = await connect();
    const ping = encode(BINARY_BUFFERED, { name: 'ping' });

    await client.deliver(Buffer.concat([ping, ping, ping]));
    await client.replies(3);

    expect(errors).toEqual([]);
    expect(await countsOf('ping', 'First')).toEqual(
      counting({
        messages: { 'call reply': 3 },
        active: 0,
        requests: 3,
        requestSize: 3 * ping.length,
        decodes: 3,
        responses: 3,
      }),
    );
  });
});
