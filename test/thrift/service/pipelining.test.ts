import { beforeEach, describe, expect, test } from 'vitest';

import { instrumentService, resetMetrics } from '../../../src/index';
import { thrift } from '../../support/start-thrift';
import { loadOutputs } from '../generated';
import { counting, countsOf, oldestOf, protocolErrors } from './message-counts';
import { Gate } from './gate';
import { serve } from './serve';
import { encode, EXCEPTION, messageSize, ONEWAY, REPLY, WIRES } from './wire';

// Silences the warnings of compact protocols about sequence ids.
thrift.setLogFunc?.(() => {});

beforeEach(resetMetrics);

const sum = (numbers: number[]): number => numbers.reduce((left, right) => left + right, 0);

describe.each(loadOutputs())('generated code in $style', (generated) => {
  const { Refused } = generated.types;
  const service = instrumentService(generated.service);

  class Handler {
    readonly gate = new Gate<number>();

    async divide(left: number, right: number) {
      await this.gate.wait(right);
      if (right === 0) throw new Refused({ why: 'by 0' });
      if (right < 0) throw new RangeError('negative');
      return left / right;
    }

    twice(number: number, answer: (error: null, result: number) => void) {
      answer(null, 2 * number);
    }

    note() {}
  }

  describe.each(WIRES)('over $protocol and $transport', (wire) => {
    test('several messages in one packet are counted individually', async () => {
      const { connect } = await serve(service, new Handler(), wire);
      const client = await connect();
      const twice = [1, 20, 300].map((number) =>
        encode(wire, { name: 'twice', seqid: number, fields: [[1, number]] }),
      );
      const note = encode(wire, { name: 'note', type: ONEWAY, fields: [[1, 'x']] });
      const unknown = encode(wire, { name: 'none_such', seqid: 5 });

      await client.deliver(Buffer.concat([twice[0]!, note, twice[1]!, unknown, twice[2]!]));

      expect((await client.replies(4)).map(({ seqid }) => seqid)).toEqual([1, 20, 5, 300]);
      expect(await countsOf('twice')).toEqual(
        counting({
          messages: { 'call reply': 3 },
          active: 0,
          requestSize: sum(twice.map((sent) => messageSize(wire, sent))),
          requests: 3,
          responses: 3,
          writes: 3,
        }),
      );
      expect((await countsOf('note')).messages).toEqual({ 'oneway none': 1 });
      expect((await countsOf('_unknown')).messages).toEqual({ 'call exception': 1 });
      expect(await protocolErrors()).toEqual({});
    });

    test('the last of several messages can arrive in two packets', async () => {
      const { connect } = await serve(service, new Handler(), wire);
      const client = await connect();
      const [first, second] = [1, 2].map((seqid) =>
        encode(wire, { name: 'twice', seqid, fields: [[1, seqid]] }),
      ) as [Buffer, Buffer];

      await client.deliver(Buffer.concat([first, second.subarray(0, 9)]));
      expect((await countsOf('twice')).messages).toEqual({ 'call reply': 1 });
      await client.deliver(second.subarray(9));

      await client.replies(2);
      expect(await countsOf('twice')).toEqual(
        counting({
          messages: { 'call reply': 2 },
          requestSize: messageSize(wire, first) + messageSize(wire, second),
          requests: 2,
        }),
      );
      expect(await protocolErrors()).toEqual({});
    });

    test('calls that arrive together are counted as they are answered, in any order', async () => {
      const handler = new Handler();
      const { connect } = await serve(service, handler, wire);
      const client = await connect();
      await client.deliver(
        Buffer.concat(
          [2, -1, 0, 3].map((right) =>
            encode(wire, {
              name: 'divide',
              seqid: 10 + right,
              fields: [
                [1, 6],
                [2, right],
              ],
            }),
          ),
        ),
      );
      await handler.gate.filled(4);
      expect(await countsOf('divide')).toEqual(counting({ messages: {}, active: 4, requests: 4 }));

      handler.gate.open(3);
      await client.replies(1);
      expect(await countsOf('divide')).toEqual(
        counting({ messages: { 'call reply': 1 }, active: 3 }),
      );
      handler.gate.open(0);
      await client.replies(2);
      expect(await countsOf('divide')).toEqual(
        counting({ messages: { 'call reply': 2 }, active: 2 }),
      );
      handler.gate.open(-1);
      await client.replies(3);
      handler.gate.open(2);

      expect(await client.replies(4)).toEqual([
        { name: 'divide', type: REPLY, seqid: 13 },
        { name: 'divide', type: REPLY, seqid: 10 },
        { name: 'divide', type: EXCEPTION, seqid: 9 },
        { name: 'divide', type: REPLY, seqid: 12 },
      ]);
      const framing = wire.transport === 'TFramedTransport' ? 4 * 4 : 0;
      expect(await countsOf('divide')).toEqual(
        counting({
          messages: { 'call reply': 3, 'call exception': 1 },
          active: 0,
          responseSize: client.received.length - framing,
          responses: 4,
          lost: {},
        }),
      );
    });

    test('a call that makes its handler answer an earlier one leaves those in between waiting', async () => {
      const answers: (() => void)[] = [];
      const twice = (number: number, answer: (error: null, result: number) => void) => {
        if (number === 3) answers[1]!();
        answers[number] = () => answer(null, number);
      };
      const { connect } = await serve(service, { twice }, wire);
      const client = await connect();
      await client.deliver(
        Buffer.concat(
          [1, 2, 3, 4].map((seqid) => encode(wire, { name: 'twice', seqid, fields: [[1, seqid]] })),
        ),
      );
      expect(await client.replies(1)).toMatchObject([{ seqid: 1 }]);
      for (const number of [4, 2, 3]) answers[number]!();
      await client.replies(4);

      expect(await countsOf('twice')).toEqual(
        counting({
          messages: { 'call reply': 4 },
          active: 0,
          responses: 4,
        }),
      );
      expect(await oldestOf('twice')).toBe(0);
    });

    test('calls of two methods with the same sequence id count under their own methods', async () => {
      const handler = new Handler();
      const answers: (() => void)[] = [];
      const twice = (number: number, answer: (error: null, result: number) => void) =>
        answers.push(() => answer(null, 2 * number));
      const { connect } = await serve(service, Object.assign(handler, { twice }), wire);
      const client = await connect();
      await client.deliver(
        Buffer.concat([
          encode(wire, {
            name: 'divide',
            seqid: 0,
            fields: [
              [1, 6],
              [2, 3],
            ],
          }),
          encode(wire, { name: 'twice', seqid: 0, fields: [[1, 6]] }),
        ]),
      );
      await handler.gate.filled(1);

      answers[0]!();
      await client.replies(1);

      expect(await countsOf('twice')).toEqual(
        counting({ messages: { 'call reply': 1 }, active: 0 }),
      );
      expect(await countsOf('divide')).toEqual(counting({ messages: {}, active: 1 }));
    });

    test('the reported age is that of the unanswered call', async () => {
      const answers: (() => void)[] = [];
      const twice = (number: number, answer: (error: null, result: number) => void) => {
        const until = performance.now() + 20;
        while (performance.now() < until);
        answers[number] = () => answer(null, number);
      };
      const { connect } = await serve(service, { twice }, wire);
      const client = await connect();
      const before = performance.now();
      await client.deliver(
        Buffer.concat(
          [1, 2].map((seqid) => encode(wire, { name: 'twice', seqid, fields: [[1, seqid]] })),
        ),
      );

      answers[2]!();
      await client.replies(1);
      const both = 1000 * (await oldestOf('twice'));
      answers[1]!();
      await client.replies(2);

      // The second call started after the handler was done with the first.
      expect(both).toBeGreaterThanOrEqual(40);
      expect(both).toBeLessThanOrEqual(performance.now() - before);
      expect(await oldestOf('twice')).toBe(0);
    });

    test('calls with the same sequence id are counted individually', async () => {
      const handler = new Handler();
      const { connect } = await serve(service, handler, wire);
      const client = await connect();
      await client.deliver(
        Buffer.concat(
          [1, 2, 3].map((right) =>
            encode(wire, {
              name: 'divide',
              seqid: 0,
              fields: [
                [1, 6],
                [2, right],
              ],
            }),
          ),
        ),
      );
      await handler.gate.filled(3);

      for (const [answered, right] of [2, 3, 1].entries()) {
        expect((await countsOf('divide')).active).toBe(3 - answered);
        handler.gate.open(right);
        await client.replies(answered + 1);
      }

      expect(await countsOf('divide')).toEqual(
        counting({ messages: { 'call reply': 3 }, active: 0 }),
      );
      expect(await oldestOf('divide')).toBe(0);
    });
  });
});
