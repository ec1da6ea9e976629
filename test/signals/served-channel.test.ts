import { channel } from 'node:diagnostics_channel';

import { describe, expect, onTestFinished, test, vi } from 'vitest';

import {
  configureMetrics,
  instrumentHandler,
  instrumentServer,
  instrumentService,
} from '../../src/index';
import { thrift } from '../support/start-thrift';
import { Answers, Library, loadEs5 } from '../thrift/client/library';
import { clientOf, startTcp, startHttp, startWebSocket } from '../thrift/client/transports';
import { counting, countsOf } from '../thrift/service/message-counts';
import { published } from './published';

thrift.setLogFunc?.(() => {});

describe.each([
  ['TCP', startTcp],
  ['HTTP', startHttp],
  ['WebSocket', startWebSocket],
])('over %s', (_, start) => {
  test.each([
    ['ES6', Library],
    ['ES5', loadEs5()],
  ])(
    'a call that arrives is published once, with peer and sizes, by %s code',
    async (__, service) => {
      const handler = instrumentHandler(new Answers(), { service: 'Library' });
      const { server, port, connect } = await start(instrumentService(service), handler, {
        transport: thrift.TFramedTransport,
        protocol: thrift.TBinaryProtocol,
      });
      instrumentServer(server);
      const calls = published('server');
      const client = clientOf(connect(), Library);
      expect(await client['twice']?.(21)).toBe(42);
      await calls.ended(1);
      expect(calls.messages).toEqual([
        expect.objectContaining({
          service: 'Library',
          method: 'twice',
          args: [21],
          result: 42,
          outcome: 'success',
          isOneway: false,
          peer: { address: '127.0.0.1', port: expect.any(Number) as number },
          server: { address: '127.0.0.1', port },
          // Message: 4 bytes of version, 4 + 5 of the name, 4 of the id; then a field of 3 + 4 bytes, and the stop.
          requestSize: 25,
          responseSize: 25,
        }),
      ]);
    },
  );
});

test('a oneway call is published as such, without a size of a reply', async () => {
  const onError = vi.fn();
  configureMetrics({ onError });
  onTestFinished(() => configureMetrics({ onError: () => {} }));
  const answers = new Answers();
  const handler = instrumentHandler(answers, { service: 'Library' });
  const { connect } = await startTcp(instrumentService(Library), handler);
  const calls = published('server');
  const arrived = answers.arrival();
  await clientOf(connect(), Library)['note']?.('text');
  await arrived;
  await calls.ended(1);
  expect(calls.messages[0]).toMatchObject({
    method: 'note',
    isOneway: true,
    args: ['text'],
    responseSize: undefined,
    outcome: 'success',
  });
  // The server is not instrumented and the caller is not known, which must not be reported.
  expect(onError).not.toHaveBeenCalled();
});

test('a subscriber that freezes the message of a call does not keep the call in progress', async () => {
  configureMetrics({ onError: () => {} });
  const handler = instrumentHandler(new Answers(), { service: 'Library' });
  const { connect } = await startTcp(instrumentService(Library, { service: 'Frozen' }), handler);
  const freeze = (message: unknown): void => void Object.freeze(message);
  const start = channel('tracing:thrift.server.call:start');
  start.subscribe(freeze);
  onTestFinished(() => {
    start.unsubscribe(freeze);
  });
  expect(await clientOf(connect(), Library)['twice']?.(21)).toBe(42);
  expect(await countsOf('twice', 'Frozen')).toEqual(
    counting({
      messages: { 'call reply': 1 },
      active: 0,
      responses: 1,
    }),
  );
});

test('a handler whose service is not instrumented publishes its calls without peer and sizes', async () => {
  const handler = instrumentHandler(new Answers(), { service: 'Library' });
  const { connect } = await startTcp(Library, handler);
  const calls = published('server');
  expect(await clientOf(connect(), Library)['twice']?.(1)).toBe(2);
  expect(calls.messages).toHaveLength(1);
  expect(calls.messages[0]).toMatchObject({ peer: undefined, requestSize: undefined });
});

test('a service whose handler is not instrumented publishes nothing', async () => {
  const { connect } = await startTcp(instrumentService(Library), new Answers());
  const calls = published('server');
  expect(await clientOf(connect(), Library)['twice']?.(1)).toBe(2);
  expect(calls.events).toEqual([]);
});
