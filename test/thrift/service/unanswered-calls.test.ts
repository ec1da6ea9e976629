import { setTimeout as sleep } from 'node:timers/promises';

import { beforeEach, describe, expect, test } from 'vitest';

import { configureMetrics, instrumentService, resetMetrics } from '../../../src/index';
import { loadOutputs } from '../generated';
import { counting, countsOf, oldestOf } from './message-counts';
import { Gate } from './gate';
import { serve } from './serve';
import { BINARY_FRAMED, encode, ONEWAY, REPLY, WIRES } from './wire';

type Answer = (error: unknown, result?: unknown) => void;

const NONE = { active: 0, requests: 1, responses: 0, writes: 0, lost: {} };

beforeEach(() => {
  configureMetrics({ enabled: true });
  resetMetrics();
});

describe.each(loadOutputs())('generated code in $style', (generated) => {
  const service = instrumentService(generated.service);

  class Handler {
    readonly gate = new Gate<number>();

    async twice(number: number) {
      await this.gate.wait(number);
      return 2 * number;
    }

    count(_answer: Answer) {
      throw new RangeError('at once');
    }

    divide(left: number, right: number, answer: Answer) {
      answer(null, left / right);
      throw new RangeError('after its result');
    }

    note(text: string) {
      if (text === 'bad') throw new RangeError('at once');
    }
  }

  describe.each(WIRES)('over $protocol and $transport', (wire) => {
    test('a call whose handler throws synchronously has no reply', async () => {
      const { connect, errors } = await serve(service, new Handler(), wire);
      const client = await connect();

      await client.deliver(encode(wire, { name: 'count' }));

      await client.closed();
      expect(errors).toEqual([expect.objectContaining({ message: 'at once' })]);
      expect(await countsOf('count')).toEqual(counting({ ...NONE, messages: { 'call none': 1 } }));
      expect(await oldestOf('count')).toBe(0);
    });

    test('a call whose handler throws after its result has a reply', async () => {
      const { connect, errors } = await serve(service, new Handler(), wire);
      const client = await connect();

      await client.deliver(
        encode(wire, {
          name: 'divide',
          fields: [
            [1, 6],
            [2, 3],
          ],
        }),
      );

      await client.closed();
      expect(errors).toHaveLength(1);
      expect(await countsOf('divide')).toEqual(
        counting({ messages: { 'call reply': 1 }, active: 0 }),
      );
    });

    test('a oneway message whose handler throws counts as a oneway message', async () => {
      const { connect, errors } = await serve(service, new Handler(), wire);
      const client = await connect();

      await client.deliver(encode(wire, { name: 'note', type: ONEWAY, fields: [[1, 'bad']] }));

      await client.closed();
      expect(errors).toHaveLength(1);
      expect(await countsOf('note')).toEqual(counting({ ...NONE, messages: { 'oneway none': 1 } }));
    });

    test('an unanswered call is active, and its age grows', async () => {
      const handler = new Handler();
      const { connect } = await serve(service, handler, wire);
      const client = await connect();
      const before = performance.now();

      await client.deliver(encode(wire, { name: 'twice', fields: [[1, 2]] }));
      await handler.gate.filled(1);
      const arrived = performance.now();
      await sleep(20);

      expect(await countsOf('twice')).toEqual(counting({ messages: {}, active: 1, requests: 1 }));
      const earliest = performance.now() - arrived;
      const oldest = 1000 * (await oldestOf('twice'));
      expect(oldest).toBeGreaterThanOrEqual(earliest);
      expect(oldest).toBeLessThanOrEqual(performance.now() - before);

      handler.gate.open(2);
      await client.replies(1);
      expect(await countsOf('twice')).toEqual(
        counting({ messages: { 'call reply': 1 }, active: 0 }),
      );
      expect(await oldestOf('twice')).toBe(0);
    });

    test('a call stays active when its client disconnects before the answer', async () => {
      const handler = new Handler();
      const { connect } = await serve(service, handler, wire);
      const client = await connect();
      await client.deliver(encode(wire, { name: 'twice', fields: [[1, 2]] }));

      client.socket.destroy();
      await client.closed();

      expect((await countsOf('twice')).active).toBe(1);
    });
  });

  test('a call in progress during a reset counts its reply and does not lower the number of calls in progress', async () => {
    const handler = new Handler();
    const { connect } = await serve(service, handler, BINARY_FRAMED);
    const client = await connect();
    await client.deliver(encode(BINARY_FRAMED, { name: 'twice', fields: [[1, 2]] }));
    await handler.gate.filled(1);

    resetMetrics();
    expect(await countsOf('twice')).toEqual(counting({ messages: {}, active: 0, requests: 0 }));
    expect(await oldestOf('twice')).toBe(0);
    await client.deliver(encode(BINARY_FRAMED, { name: 'twice', seqid: 2, fields: [[1, 3]] }));
    await handler.gate.filled(2);
    handler.gate.open(2);
    await client.replies(1);

    expect(await countsOf('twice')).toEqual(counting({ messages: { 'call reply': 1 }, active: 1 }));
    handler.gate.open(3);
    await client.replies(2);
    expect(await countsOf('twice')).toEqual(counting({ messages: { 'call reply': 2 }, active: 0 }));
  });

  test('while metrics are disabled, nothing is counted and earlier calls still end', async () => {
    const handler = new Handler();
    const { connect } = await serve(service, handler, BINARY_FRAMED);
    const client = await connect();
    const call = (number: number) =>
      client.deliver(
        encode(BINARY_FRAMED, { name: 'twice', seqid: number, fields: [[1, number]] }),
      );
    await call(1);
    await handler.gate.filled(1);

    configureMetrics({ enabled: false });
    await call(2);
    await client.deliver(encode(BINARY_FRAMED, { name: 'none_such' }));
    await handler.gate.filled(2);
    handler.gate.open(2);
    handler.gate.open(1);

    const answered = [REPLY, REPLY].map((type, i) => ({ name: 'twice', type, seqid: 2 - i }));
    expect((await client.replies(3)).slice(1)).toEqual(answered);
    expect(await countsOf('twice')).toEqual(
      counting({
        messages: { 'call reply': 1 },
        active: 0,
        requests: 1,
        responses: 1,
      }),
    );
    expect((await countsOf('_unknown')).messages).toEqual({});
  });

  test('a call that arrived while metrics were disabled is not counted when it is answered', async () => {
    const handler = new Handler();
    const { connect } = await serve(service, handler, BINARY_FRAMED);
    const client = await connect();
    configureMetrics({ enabled: false });
    await client.deliver(encode(BINARY_FRAMED, { name: 'twice', fields: [[1, 2]] }));
    await handler.gate.filled(1);

    configureMetrics({ enabled: true });
    handler.gate.open(2);
    await client.replies(1);

    expect(await countsOf('twice')).toEqual(counting({ messages: {}, active: 0, responses: 0 }));
  });
});
