import { beforeEach, describe, expect, test } from 'vitest';

import { instrumentService, resetMetrics } from '../../../src/index';
import { loadOutputs } from '../generated';
import { countsOf, protocolErrors } from './message-counts';
import { serve } from './serve';
import { encode, EXCEPTION, messageSize, ONEWAY, REPLY, WIRES } from './wire';

beforeEach(resetMetrics);

describe.each(loadOutputs())('generated code in $style', (generated) => {
  const { Refused } = generated.types;
  const service = instrumentService(generated.service);

  class PromiseHandler {
    notes: string[] = [];

    async divide(left: number, right: number) {
      if (right === 0) throw new Refused({ why: 'by 0' });
      if (right < 0) throw new RangeError('negative');
      return left / right;
    }

    note(text: string) {
      this.notes.push(text);
    }
  }

  class CallbackHandler extends PromiseHandler {
    override async divide(): Promise<never> {
      throw new Error('replaced');
    }
  }
  Object.assign(CallbackHandler.prototype, {
    divide(left: number, right: number, answer: (error: unknown, result?: number) => void) {
      setImmediate(() => {
        if (right === 0) answer(new Refused({ why: 'by 0' }));
        else if (right < 0) answer(new RangeError('negative'));
        else answer(null, left / right);
      });
    },
  });

  describe.each(WIRES)('over $protocol and $transport', (wire) => {
    describe.each([PromiseHandler, CallbackHandler])('with a %o', (Handler) => {
      test.each([
        ['a result counts as a reply', 3, REPLY, 'call reply'],
        ['a declared exception counts as a reply', 0, REPLY, 'call reply'],
        ['an undeclared error counts as an exception', -1, EXCEPTION, 'call exception'],
      ])('%s', async (_, right, type, counted) => {
        const { connect, errors } = await serve(service, new Handler(), wire);
        const client = await connect();
        const sent = encode(wire, {
          name: 'divide',
          seqid: 7,
          fields: [
            [1, 6],
            [2, right],
          ],
        });

        await client.deliver(sent);

        expect(await client.replies(1)).toEqual([{ name: 'divide', type, seqid: 7 }]);
        expect(await countsOf('divide')).toEqual({
          messages: { [counted]: 1 },
          active: 0,
          requestSize: messageSize(wire, sent),
          requests: 1,
          decodes: 1,
          responseSize: messageSize(wire, client.received),
          responses: 1,
          writes: 1,
          lost: {},
        });
        expect(await protocolErrors()).toEqual({});
        expect(errors).toEqual([]);
      });
    });

    test('a oneway message has no reply', async () => {
      const handler = new PromiseHandler();
      const { connect } = await serve(service, handler, wire);
      const client = await connect();
      const sent = encode(wire, { name: 'note', type: ONEWAY, fields: [[1, 'hello']] });

      await client.deliver(sent);

      expect(handler.notes).toEqual(['hello']);
      expect(client.received).toHaveLength(0);
      expect(await countsOf('note')).toEqual({
        messages: { 'oneway none': 1 },
        active: 0,
        requestSize: messageSize(wire, sent),
        requests: 1,
        decodes: 1,
        responseSize: 0,
        responses: 0,
        writes: 0,
        lost: {},
      });
    });

    test('an unknown method counts as _unknown and is answered with an exception', async () => {
      const { connect } = await serve(service, new PromiseHandler(), wire);
      const client = await connect();
      const sent = encode(wire, { name: 'nonsense', seqid: 3, fields: [[1, 'x']] });

      await client.deliver(sent);

      expect(await client.replies(1)).toEqual([{ name: 'nonsense', type: EXCEPTION, seqid: 3 }]);
      expect(await countsOf('_unknown')).toEqual({
        messages: { 'call exception': 1 },
        active: 0,
        requestSize: messageSize(wire, sent),
        requests: 1,
        decodes: 1,
        responseSize: messageSize(wire, client.received),
        responses: 1,
        writes: 1,
        lost: {},
      });
    });
  });
});
