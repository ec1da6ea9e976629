import { register } from 'prom-client';
import { beforeEach, describe, expect, test } from 'vitest';

import { instrumentService, resetMetrics } from '../../../src/index';
import { thrift, type Service } from '../../support/start-thrift';
import { samplesOf } from '../../support/value-of';
import { loadOutputs } from '../generated';
import { countsIn, counting, countsOf, protocolErrors } from './message-counts';
import { serve } from './serve';
import {
  BINARY_BUFFERED,
  BINARY_FRAMED,
  encode,
  EXCEPTION,
  messageSize,
  ONEWAY,
  WIRES,
  type Wire,
} from './wire';

type Protocol = InstanceType<typeof thrift.TJSONProtocol>;

class Handler {
  ping(answer: (error: null) => void) {
    answer(null);
  }

  async twice(number: number) {
    return 2 * number;
  }

  async find() {
    return null;
  }

  note() {}
}

const NOTHING = {
  messages: {},
  active: 0,
  requestSize: 0,
  requests: 0,
  decodes: 0,
  responseSize: 0,
  responses: 0,
  writes: 0,
  lost: {},
};

const COMPACT_FRAMED: Wire = { protocol: 'TCompactProtocol', transport: 'TFramedTransport' };
const JSON_FRAMED: Wire = { protocol: 'TJSONProtocol', transport: 'TFramedTransport' };
const JSON_BUFFERED: Wire = { protocol: 'TJSONProtocol', transport: 'TBufferedTransport' };

beforeEach(resetMetrics);

function frame(content: Buffer | string): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(content.length);
  return Buffer.concat([length, Buffer.from(content)]);
}

/** Wraps the content as the transport of the wire requires. */
function addTransport({ transport }: Wire, content: Buffer | string): Buffer {
  return transport === 'TFramedTransport' ? frame(content) : Buffer.from(content);
}

/** A message that is correct except for its version. */
function withOtherVersion(wire: Wire): Buffer {
  const sent = encode(wire, { name: 'twice', fields: [[1, 2]] });
  const start = sent.length - messageSize(wire, sent);
  if (wire.protocol === 'TBinaryProtocol') sent[start + 1] = 0x02;
  if (wire.protocol === 'TCompactProtocol') sent[start + 1]! ^= 0x02;
  if (wire.protocol === 'TJSONProtocol') sent[start + 1] = '2'.charCodeAt(0);
  return sent;
}

describe.each(loadOutputs())('generated code in $style', (generated) => {
  const service = instrumentService(generated.service);

  describe.each(WIRES)('over $protocol and $transport', (wire) => {
    test('a message of another version counts as bad_version and under no method', async () => {
      const { connect, errors } = await serve(service, new Handler(), wire);
      const client = await connect();

      await client.deliver(withOtherVersion(wire));

      await client.closed();
      expect(errors).toHaveLength(1);
      expect(await protocolErrors()).toEqual({ bad_version: 1 });
      expect(await countsOf('twice')).toEqual(NOTHING);
      expect(await countsOf('_unknown')).toEqual(NOTHING);
    });

    test.each([2, EXCEPTION, 7])(
      'a message of type %i counts as wrong_message_type and is answered like a call',
      async (type) => {
        const { connect } = await serve(service, new Handler(), wire);
        const client = await connect();

        await client.deliver(encode(wire, { name: 'twice', type, fields: [[1, 2]] }));
        await client.replies(1);

        expect(await protocolErrors()).toEqual({ wrong_message_type: 1 });
        expect((await countsOf('twice')).messages).toEqual({ 'call reply': 1 });
      },
    );

    test('a message for an unknown method counts under its own type', async () => {
      const { connect } = await serve(service, new Handler(), wire);
      const client = await connect();

      for (const type of [1, ONEWAY, 2]) {
        await client.deliver(encode(wire, { name: 'none_such', type }));
      }
      await client.replies(3);

      expect(await countsOf('_unknown')).toEqual(
        counting({
          messages: { 'call exception': 2, 'oneway exception': 1 },
          active: 0,
          requests: 3,
          responses: 3,
        }),
      );
      expect(await protocolErrors()).toEqual({ wrong_message_type: 1 });
    });

    test('a call of a method named like a property of every object counts as _unknown', async () => {
      const { connect } = await serve(service, new Handler(), wire);
      const client = await connect();

      for (const name of ['constructor', '__proto__', 'toString', '']) {
        await client.deliver(encode(wire, { name }));
      }
      await client.replies(4);

      expect((await countsOf('_unknown')).messages).toEqual({ 'call exception': 4 });
    });

    test('a message without its end counts as cut off in a frame, and as pending without frames', async () => {
      const { connect, errors } = await serve(service, new Handler(), wire);
      const client = await connect();
      const whole = encode(wire, { name: 'twice', fields: [[1, 2]] });
      const content = whole.subarray(whole.length - messageSize(wire, whole), -1);

      await client.deliver(addTransport(wire, content));

      const isFramed = wire.transport === 'TFramedTransport';
      expect(await protocolErrors()).toEqual(isFramed ? { cut_off_struct: 1 } : {});
      expect(await countsOf('twice')).toEqual(NOTHING);
      expect(errors).toEqual([]);
    });
  });

  const i32 = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    return bytes;
  };
  const twiceWithField = (...field: number[]): Buffer =>
    Buffer.concat([i32(-0x7ffeffff), i32(5), Buffer.from('twice'), i32(1), Buffer.from(field)]);

  test.each([
    ['a field of an unknown type', BINARY_FRAMED, twiceWithField(99, 0, 9, 0)],
    ['a string of negative length', BINARY_FRAMED, twiceWithField(11, 0, 9, 255, 255, 255, 254, 0)],
    ['a name of negative length', BINARY_FRAMED, Buffer.concat([i32(-0x7ffeffff), i32(-9)])],
    [
      'an endless number',
      COMPACT_FRAMED,
      Buffer.concat([Buffer.from([0x82, 0x21]), Buffer.alloc(12, 255)]),
    ],
    ['JSON that is not an array', JSON_FRAMED, '{"a":1}'],
    ['invalid JSON', JSON_FRAMED, '[,,]'],
    ['an HTTP request to a JSON server without frames', JSON_BUFFERED, 'GET / HTTP/1.1\r\n'],
    ['a JSON field of an unknown type', JSON_FRAMED, '[1,"twice",1,1,{"9":{"xyz":1}}]'],
    [
      'excessive nesting',
      BINARY_FRAMED,
      twiceWithField(...Array.from({ length: 300 }, (_, i) => [12, 0, 9][i % 3]!)),
    ],
  ])('%s counts as garbage', async (_, wire, content) => {
    const { connect } = await serve(service, new Handler(), wire);
    const client = await connect();

    await client.deliver(addTransport(wire, content));

    expect(await protocolErrors()).toEqual({ garbage: 1 });
    expect(await countsOf('twice')).toEqual(NOTHING);
    expect(await countsOf('_unknown')).toEqual(NOTHING);
  });

  test('an empty frame is not counted', async () => {
    const { connect } = await serve(service, new Handler(), BINARY_FRAMED);
    const client = await connect();

    await client.deliver(frame(''));
    await client.deliver(encode(BINARY_FRAMED, { name: 'ping' }));
    await client.replies(1);

    expect(await protocolErrors()).toEqual({});
    expect((await countsOf('ping')).messages).toEqual({ 'call reply': 1 });
  });

  test('a message without a version counts under its method', async () => {
    const { connect } = await serve(service, new Handler(), BINARY_FRAMED);
    const client = await connect();
    const content = Buffer.concat([i32(4), Buffer.from('ping\x01'), i32(1), Buffer.from([0])]);

    await client.deliver(frame(content));
    await client.replies(1);

    expect(await countsOf('ping')).toEqual(
      counting({
        messages: { 'call reply': 1 },
        requestSize: content.length,
      }),
    );
  });

  test('a method name that is not a string counts under its text', async () => {
    const { connect } = await serve(service, new Handler(), JSON_FRAMED);
    const client = await connect();

    await client.deliver(frame('[1,["ping"],1,1,{}]'));
    await client.deliver(frame('[1,{"a":1},1,1,{}]'));
    await client.replies(2);

    expect((await countsOf('ping')).messages).toEqual({ 'call reply': 1 });
    expect((await countsOf('_unknown')).messages).toEqual({ 'call exception': 1 });
  });

  test('any number of unknown method names share one series', async () => {
    const { connect } = await serve(service, new Handler(), BINARY_BUFFERED);
    const client = await connect();
    const before = (await samplesOf(register)).length;

    for (let sent = 0; sent < 20_000; sent += 500) {
      const packet = Array.from({ length: 500 }, (_, i) =>
        encode(BINARY_BUFFERED, { name: `name_${sent + i}` }),
      );
      await client.deliver(Buffer.concat(packet));
    }

    const samples = await samplesOf(register);
    expect(samples).toHaveLength(before);
    expect(countsIn(samples, '_unknown').messages).toEqual({ 'call exception': 20_000 });
    expect(JSON.stringify(samples)).not.toContain('name_');
  });
});

test('a method name that has no text counts as _unknown', async () => {
  // Generated code fails on such a name, and a processor of the program need not.
  class AnyProcessor {
    constructor(readonly _handler: { names: unknown[] }) {}

    process(input: Protocol): void {
      const { fname } = input.readMessageBegin();
      this._handler.names.push(fname);
      input.skip(thrift.Thrift.Type.STRUCT);
      input.readMessageEnd();
    }

    process_ping(_seqid: number, input: Protocol): void {
      input.readMessageEnd();
    }
  }
  const service = instrumentService({ Processor: AnyProcessor }, { service: 'Nameless' });
  const handler = { names: [] as unknown[] };
  const { connect, errors } = await serve(service as unknown as Service, handler, JSON_FRAMED);
  const client = await connect();

  await client.deliver(frame('[1,{"toString":1},1,1,{}]'));

  expect(errors).toEqual([]);
  expect(handler.names).toEqual([{ toString: 1 }]);
  expect(await countsOf('_unknown', 'Nameless')).toEqual(counting({ requests: 1, decodes: 1 }));
});
