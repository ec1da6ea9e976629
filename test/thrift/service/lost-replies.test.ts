import { EventEmitter, once } from 'node:events';
import { setImmediate } from 'node:timers/promises';

import { register } from 'prom-client';
import { beforeEach, describe, expect, test } from 'vitest';

import { instrumentService, resetMetrics } from '../../../src/index';
import { thrift } from '../../support/start-thrift';
import { unhandledRejectionsOf } from '../../support/unhandled-rejections';
import { loadOutputs } from '../generated';
import { counting, countsOf, oldestOf } from './message-counts';
import { serve } from './serve';
import { BINARY_BUFFERED, BINARY_FRAMED, encode, WIRES } from './wire';

thrift.setLogFunc?.(() => {});

beforeEach(resetMetrics);

type Answer = (error: unknown, result?: unknown) => void;

const LOST = { messages: { 'call none': 1 }, active: 0, lost: { unserializable: 1 } };

describe.each(loadOutputs())('generated code in $style', (generated) => {
  const service = instrumentService(generated.service);

  class Handler {
    readonly events = new EventEmitter();

    twice(number: number, answer: Answer) {
      answer(null, 2 * number);
    }

    /** The IDL declares a string as the result. */
    async describe(id: number): Promise<unknown> {
      return id;
    }
  }

  class AnswersAtOnce extends Handler {}
  Object.assign(AnswersAtOnce.prototype, {
    describe: (id: number, answer: Answer) => answer(null, id),
  });

  class AnswersLater extends Handler {}
  Object.assign(AnswersLater.prototype, {
    describe(this: Handler, id: number, answer: Answer) {
      process.nextTick(() => {
        try {
          answer(null, id);
        } catch (error) {
          this.events.emit('thrown', error);
        }
      });
    },
  });

  class AnswersAgainWithAnError extends Handler {}
  Object.assign(AnswersAgainWithAnError.prototype, {
    describe(this: Handler, id: number, answer: Answer) {
      try {
        answer(null, id);
      } catch (error) {
        answer(error);
      }
    },
  });

  describe.each(WIRES)('over $protocol and $transport', (wire) => {
    const request = encode(wire, { name: 'describe', seqid: 5, fields: [[1, 2]] });

    test('a promised result that cannot be written is a lost reply', async () => {
      const { connect } = await serve(service, new Handler(), wire);
      const client = await connect();

      await client.deliver(request);
      await client.more();

      expect(await countsOf('describe')).toEqual(counting({ ...LOST, responses: 0, writes: 0 }));
    });

    test('a result that is called back synchronously and cannot be written is a lost reply', async () => {
      const { connect, errors } = await serve(service, new AnswersAtOnce(), wire);
      const client = await connect();

      await client.deliver(request);

      await client.closed();
      expect(errors).toHaveLength(1);
      expect(await countsOf('describe')).toEqual(counting({ ...LOST, responses: 0, writes: 0 }));
    });

    test('a result that is called back later and cannot be written is a lost reply at the next scrape', async () => {
      const handler = new AnswersLater();
      const { connect } = await serve(service, handler, wire);
      const client = await connect();
      const thrown = once(handler.events, 'thrown');

      await client.deliver(request);
      await thrown;

      expect(await oldestOf('describe')).toBe(0);
      expect(await countsOf('describe')).toEqual(counting({ ...LOST, responses: 0, writes: 0 }));
    });

    test('an error that follows half of a reply is not another reply', async () => {
      const { connect } = await serve(service, new AnswersAgainWithAnError(), wire);
      const client = await connect();

      await client.deliver(request);
      await client.more();

      expect(await countsOf('describe')).toEqual(counting({ ...LOST, responses: 0, writes: 0 }));
    });

    test('of two calls in one packet, the one whose reply fails is lost and the other is answered', async () => {
      const handler = new AnswersLater();
      const { connect } = await serve(service, handler, wire);
      const client = await connect();
      const thrown = once(handler.events, 'thrown');
      const other = encode(wire, { name: 'twice', seqid: 6, fields: [[1, 2]] });

      await client.deliver(Buffer.concat([request, other]));
      await thrown;
      await client.deliver(other);

      expect(await countsOf('describe')).toEqual(counting({ ...LOST, responses: 0, writes: 0 }));
      expect(await countsOf('twice')).toEqual(
        counting({
          messages: { 'call reply': 2 },
          active: 0,
          responses: 2,
          lost: {},
        }),
      );
    });
  });

  test('of two calls with one sequence id, the one whose reply fails is lost and the other is answered', async () => {
    const answers: Answer[] = [];
    const { connect } = await serve(
      service,
      { describe: (_id: number, answer: Answer) => answers.push(answer) },
      BINARY_BUFFERED,
    );
    const client = await connect();
    const describes = encode(BINARY_BUFFERED, { name: 'describe', seqid: 0, fields: [[1, 2]] });
    await client.deliver(Buffer.concat([describes, describes]));

    expect(() => answers[0]!(null, 2)).toThrow('without a string');
    answers[1]!(null, 'text');
    await client.more();

    expect(await countsOf('describe')).toEqual(
      counting({
        messages: { 'call none': 1, 'call reply': 1 },
        active: 0,
        lost: { unserializable: 1 },
      }),
    );
  });

  test.each([
    ['of the same method', 'describe', 6],
    ['with the same sequence id', 'divide', 5],
  ])('after half of a reply, an exception for another call %s counts', async (_, method, seqid) => {
    const answers: Answer[] = [];
    const handler = {
      describe: (_id: number, answer: Answer) => answers.push(answer),
      divide: (_left: number, _right: number, answer: Answer) => answers.push(answer),
    };
    const { connect } = await serve(service, handler, BINARY_BUFFERED);
    const client = await connect();
    const fields: [number, number][] = [
      [1, 2],
      [2, 3],
    ];
    await client.deliver(
      Buffer.concat([
        encode(BINARY_BUFFERED, { name: 'describe', seqid: 5, fields: [[1, 2]] }),
        encode(BINARY_BUFFERED, { name: method, seqid, fields }),
      ]),
    );

    expect(() => answers[0]!(null, 2)).toThrow('without a string');
    answers[1]!(new Error('refused'));
    await client.more();

    const messages = (await countsOf(method)).messages;
    expect(messages['call exception']).toBe(1);
    expect(await countsOf('describe')).toEqual(
      counting({ active: 0, lost: { unserializable: 1 } }),
    );
  });

  test('after half of a reply, an exception for the same call of another connection counts', async () => {
    const answers: Answer[] = [];
    const handler = { describe: (_id: number, answer: Answer) => answers.push(answer) };
    const { connect } = await serve(service, handler, BINARY_BUFFERED);
    const [first, second] = [await connect(), await connect()];
    const describes = encode(BINARY_BUFFERED, { name: 'describe', seqid: 5, fields: [[1, 2]] });
    await first.deliver(describes);
    await second.deliver(describes);

    expect(() => answers[0]!(null, 2)).toThrow('without a string');
    answers[1]!(new Error('refused'));
    await second.replies(1);

    expect(await countsOf('describe')).toEqual(
      counting({
        messages: { 'call none': 1, 'call exception': 1 },
        active: 0,
      }),
    );
  });

  test('of two promises with one sequence id, the one whose reply fails is lost and the other is answered', async () => {
    const results: ((result: unknown) => void)[] = [];
    const { connect } = await serve(
      service,
      { describe: (_id: number) => new Promise((resolve) => results.push(resolve)) },
      BINARY_BUFFERED,
    );
    const client = await connect();
    const describes = encode(BINARY_BUFFERED, { name: 'describe', seqid: 0, fields: [[1, 2]] });
    await client.deliver(Buffer.concat([describes, describes]));

    results[0]!(2);
    await client.more();
    expect(await countsOf('describe')).toEqual(counting({ ...LOST, active: 1 }));
    results[1]!('text');
    await client.more();

    expect(await countsOf('describe')).toEqual(
      counting({
        messages: { 'call none': 1, 'call reply': 1 },
        active: 0,
      }),
    );
  });

  test.each([
    ['thrift_server_messages_total', { thrift_reply: 'none' }, 1],
    ['thrift_server_lost_replies_total', { thrift_reason: 'unserializable' }, 1],
    ['thrift_server_active_messages', {}, 0],
    ['thrift_server_oldest_active_request_seconds', {}, 0],
  ])('reading only %s shows a lost reply', async (name, labels, value) => {
    const handler = new AnswersLater();
    const { connect } = await serve(service, handler, BINARY_BUFFERED);
    const client = await connect();
    const thrown = once(handler.events, 'thrown');

    await client.deliver(encode(BINARY_BUFFERED, { name: 'describe', fields: [[1, 2]] }));
    await thrown;

    const { values } = await register.getSingleMetric(name)!.get();
    const found = values.filter((sample) =>
      Object.entries({ thrift_service: 'Library', thrift_method: 'describe', ...labels }).every(
        ([label, wanted]) => (sample.labels as Record<string, unknown>)[label] === wanted,
      ),
    );
    expect(found.map((sample) => sample.value)).toEqual([value]);
  });

  test('an error whose message is not a string is a lost reply', async () => {
    const handler = new Handler();
    Object.assign(handler, {
      describe: async (_id: number) => {
        throw Object.assign(new Error(), { message: { text: 'not a string' } });
      },
    });
    const leftUnhandled = async (from: typeof service): Promise<string[]> => {
      const { connect } = await serve(from, handler, BINARY_BUFFERED);
      const client = await connect();
      const unhandled = await unhandledRejectionsOf(async () => {
        await client.deliver(encode(BINARY_BUFFERED, { name: 'describe', fields: [[1, 2]] }));
        await setImmediate();
      });
      return unhandled.map(String);
    };
    const bare = await leftUnhandled(generated.service);
    // Whether Q reports an unhandled rejection depends on its version.
    expect(bare.length).toBeGreaterThanOrEqual(generated.promises === 'native' ? 1 : 0);

    expect(await leftUnhandled(service)).toEqual(bare);

    expect(await countsOf('describe')).toEqual(counting(LOST));
  });

  test('bytes of a failed reply do not count as part of the next reply', async () => {
    const handler = new AnswersLater();
    const answers: Answer[] = [];
    Object.assign(handler, { twice: (_: number, answer: Answer) => answers.push(answer) });
    const { connect } = await serve(service, handler, BINARY_BUFFERED);
    const client = await connect();
    const twice = encode(BINARY_BUFFERED, { name: 'twice', seqid: 6, fields: [[1, 2]] });
    await client.deliver(twice);
    answers[0]!(null, 4);
    await client.replies(1);
    const alone = client.received.length;
    resetMetrics();

    // Calls of one packet write to the same transport.
    const thrown = once(handler.events, 'thrown');
    const describes = encode(BINARY_BUFFERED, { name: 'describe', seqid: 5, fields: [[1, 2]] });
    await client.deliver(Buffer.concat([describes, twice]));
    await thrown;
    answers[1]!(null, 4);
    await client.more();

    expect(client.received.length).toBeGreaterThan(2 * alone);
    expect(await countsOf('describe')).toEqual(counting(LOST));
    expect(await countsOf('twice')).toEqual(counting({ responses: 1, responseSize: alone }));
  });

  test('a flush without a message on another connection does not complete half of a reply', async () => {
    const answers: Answer[] = [];
    const { Processor } = service as unknown as { Processor: new (handler: object) => Processor };
    const processor = new Processor({
      describe: (_id: number, answer: Answer) => answers.push(answer),
      ping: (answer: Answer) => answer(null),
    });
    const [first, second] = [1, 2].map(() => protocolOn(Buffer.alloc(0)));
    const describes = encode(BINARY_FRAMED, { name: 'describe', fields: [[1, 2]] });
    processor.process(protocolOn(describes), first!);
    processor.process(protocolOn(encode(BINARY_FRAMED, { name: 'ping' })), second!);

    expect(() => answers[0]!(null, 2)).toThrow('without a string');
    second!.flush();

    expect(await countsOf('describe')).toEqual(counting({ ...LOST, responses: 0, writes: 0 }));
  });
});

interface Processor {
  process(input: object, output: object): void;
}

/** Thrift's protocol on a frame, whose output is dropped. */
function protocolOn(frame: Buffer): InstanceType<typeof thrift.TBinaryProtocol> {
  const { TBinaryProtocol, TFramedTransport } = thrift;
  return new TBinaryProtocol(new TFramedTransport(frame.subarray(4), () => {}));
}
