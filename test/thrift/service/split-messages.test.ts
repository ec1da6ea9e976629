import { beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { instrumentService, resetMetrics } from '../../../src/index';
import { loadEs6 } from '../generated';
import { counting, countsOf, protocolErrors, type Counts } from './message-counts';
import type { RawClient } from './raw-client';
import { listenUntilTheEnd } from './serve';
import { encode, messageSize, ONEWAY, REPLY, WIRES, type Message } from './wire';

class Handler {
  async divide(left: number, right: number) {
    return left / right;
  }

  ping(answer: (error: null) => void) {
    answer(null);
  }

  async describe(id: number) {
    return `the item ${id}`;
  }

  note() {}
}

const service = instrumentService(loadEs6().service);

interface Sample {
  readonly message: Message;
  readonly method: string;
  readonly messages: Counts['messages'];
  readonly protocolErrors?: Record<string, number>;
}

const samples: Sample[] = [
  {
    message: {
      name: 'divide',
      seqid: 300,
      fields: [
        [1, 600],
        [2, 3],
      ],
    },
    method: 'divide',
    messages: { 'call reply': 1 },
  },
  { message: { name: 'ping' }, method: 'ping', messages: { 'call reply': 1 } },
  {
    message: { name: 'note', type: ONEWAY, fields: [[1, 'a "quoted" [text]']] },
    method: 'note',
    messages: { 'oneway none': 1 },
  },
  {
    message: {
      name: 'none_such',
      fields: [
        [1, 'x'],
        [9, 9],
      ],
    },
    method: '_unknown',
    messages: { 'call exception': 1 },
  },
  {
    message: { name: 'describe', type: REPLY, fields: [[1, 2]] },
    method: 'describe',
    messages: { 'call reply': 1 },
    protocolErrors: { wrong_message_type: 1 },
  },
];

beforeEach(resetMetrics);

describe.each(WIRES)('over $protocol and $transport', (wire) => {
  let client: RawClient;

  beforeAll(async () => {
    client = await listenUntilTheEnd(service, new Handler(), wire);
  });

  test.each(samples)(
    'a message $message.name in two packets counts the same, wherever it is split',
    async (sample) => {
      const sent = encode(wire, sample.message);
      const isAnswered = sample.message.type !== ONEWAY;
      for (let split = 0; split < sent.length; split++) {
        resetMetrics();
        client.forget();

        if (split > 0) await client.deliver(sent.subarray(0, split));
        if (split > 0) {
          expect((await countsOf(sample.method)).messages, `before byte ${split}`).toEqual({});
          expect(await protocolErrors()).toEqual({});
        }
        await client.deliver(sent.subarray(split));
        if (isAnswered) await client.replies(1);

        const answered = isAnswered ? 1 : 0;
        expect(await countsOf(sample.method), `split before byte ${split}`).toEqual({
          messages: sample.messages,
          active: 0,
          requestSize: messageSize(wire, sent),
          requests: 1,
          decodes: 1,
          responseSize: isAnswered ? messageSize(wire, client.received) : 0,
          responses: answered,
          writes: answered,
          lost: {},
        });
        expect(await protocolErrors()).toEqual(sample.protocolErrors ?? {});
      }
    },
  );

  test('a message whose bytes arrive one by one counts once', async () => {
    client.forget();
    const sent = encode(wire, samples[0]!.message);

    for (const byte of sent) await client.deliver(Buffer.from([byte]));
    await client.replies(1);

    expect(await countsOf('divide')).toEqual(
      counting({
        messages: { 'call reply': 1 },
        requestSize: messageSize(wire, sent),
        requests: 1,
      }),
    );
  });
});
