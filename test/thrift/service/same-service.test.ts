import { describe, expect, test } from 'vitest';

import { instrumentService } from '../../../src/index';
import { thrift, type Service } from '../../support/start-thrift';
import { unhandledRejectionsOf } from '../../support/unhandled-rejections';
import { loadOutputs, type Types } from '../generated';
import { serve } from './serve';
import { encode, ONEWAY, WIRES, type Message, type Wire } from './wire';

thrift.setLogFunc?.(() => {});

type Answer = (error: unknown, result?: unknown) => void;

function handlers({ Refused, Item }: Types): Record<string, object> {
  const ping = (answer: Answer): void => answer(null);
  return {
    promises: {
      ping,
      divide: async (left: number, right: number) => {
        if (right === 0) throw new Refused({ why: 'by 0' });
        if (right < 0) throw new RangeError('negative');
        return left / right;
      },
      find: async (id: number) => new Item({ id, title: 'x'.repeat(id) }),
      describe: async (id: number) => id,
      note: async () => {},
      count: () => {
        throw new RangeError('at once');
      },
    },
    callbacks: {
      ping,
      divide: (left: number, right: number, answer: Answer) => {
        if (right === 0) answer(new Refused({ why: 'by 0' }));
        else if (right < 0) answer(new RangeError('negative'));
        else answer(null, left / right);
      },
      find: (id: number, answer: Answer) => answer(null, new Item({ id, title: 'x'.repeat(id) })),
      describe: (id: number, answer: Answer) => answer(null, id),
      note: () => {},
      count: (_answer: Answer) => {
        throw new RangeError('at once');
      },
    },
  };
}

const messages: Record<string, Message> = {
  'a result': {
    name: 'divide',
    seqid: 9,
    fields: [
      [1, 6],
      [2, 3],
    ],
  },
  'a declared exception': {
    name: 'divide',
    fields: [
      [1, 6],
      [2, 0],
    ],
  },
  'an undeclared error': {
    name: 'divide',
    fields: [
      [1, 6],
      [2, -1],
    ],
  },
  'a long result': { name: 'find', fields: [[1, 3000]] },
  'a method that the service does not have': { name: 'none_such', fields: [[1, 'x']] },
  'a oneway message': { name: 'note', type: ONEWAY, fields: [[1, 'x']] },
  'a message that is not a call': {
    name: 'divide',
    type: 2,
    fields: [
      [1, 6],
      [2, 3],
    ],
  },
  'a result that cannot be written': { name: 'describe', fields: [[1, 6]] },
  'a throw': { name: 'count' },
};

/** Everything that a client and the server's program see of a message with a `ping` before and after it. */
async function transcriptOf(service: Service, handler: object, wire: Wire, message: Message) {
  const { connect, errors } = await serve(service, handler, wire);
  const client = await connect();
  const ping = encode(wire, { name: 'ping', seqid: 70 });
  const unhandled = await unhandledRejectionsOf(async () => {
    await client.deliver(Buffer.concat([ping, encode(wire, message)]));
    // Another connection takes several turns, in which the server hangs up on the first one or keeps it.
    const other = await connect();
    await other.deliver(ping);
    await other.replies(1);
    if (client.peer.writableEnded) return client.closed();
    const before = client.received.length;
    await client.deliver(ping);
    // Its answer comes last, and is as long as the one to the other client.
    while (client.received.length < before + other.received.length) await client.more();
  });
  return {
    received: client.received.toString('latin1'),
    hasHungUp: client.peer.writableEnded,
    errors: errors.map(String),
    unhandled: unhandled.map(String),
  };
}

describe.each(loadOutputs())('generated code in $style', ({ service, types }) => {
  describe.each(Object.entries(handlers(types)))('a handler with %s', (_, handler) => {
    describe.each(WIRES)('over $protocol and $transport', (wire) => {
      test.each(Object.entries(messages))(
        'an instrumented service handles %s byte for byte like a plain one',
        async (__, message) => {
          const bare = await transcriptOf(service, handler, wire, message);
          expect(bare.received).not.toBe('');

          const measured = await transcriptOf(instrumentService(service), handler, wire, message);

          expect(measured).toEqual(bare);
        },
      );
    });
  });
});
