import { once } from 'node:events';

import { describe, expect, test } from 'vitest';

import { instrumentClient } from '../../../src/index';
import { thrift } from '../../support/start-thrift';
import { ACTIVE, countsOf, failedWith, SUCCEEDED } from './client-counts';
import { Answers, Library, loadEs5, type AnyClient } from './library';
import { clientOf, startTcp, STARTS } from './transports';

const es5 = loadEs5();

const styles: readonly [
  string,
  object,
  (client: AnyClient, method: string, ...args: unknown[]) => Promise<unknown>,
][] = [
  ['ES6 with promises', Library, async (client, method, ...args) => client[method]?.(...args)],
  ['ES5 with promises', es5, async (client, method, ...args) => client[method]?.(...args)],
  [
    'ES5 with callbacks',
    es5,
    (client, method, ...args) =>
      new Promise((resolve, reject) => {
        client[method]?.(...args, (error: unknown, result: unknown) =>
          error ? reject(error) : resolve(result),
        );
      }),
  ],
];

let clients = 0;

describe.each(STARTS)('over %s', (_, start) => {
  test.each(styles)('calls of a client in %s are counted by outcome', async (__, service, call) => {
    const name = `outcomes-${clients++}`;
    const { connect } = await start(Library, new Answers());
    const client = instrumentClient(clientOf(connect(), service), { name });

    expect(await call(client, 'twice', 21)).toBe(42);
    expect(await countsOf(name, 'twice')).toEqual(SUCCEEDED);

    await expect(call(client, 'find', 7)).rejects.toMatchObject({ id: 7 });
    expect(await countsOf(name, 'find')).toEqual(failedWith('declared Missing'));

    await expect(call(client, 'divide', 1, 0)).rejects.toMatchObject({ message: 'by zero' });
    expect(await countsOf(name, 'divide')).toEqual(failedWith('application TApplicationException'));

    await expect(call(client, 'count')).rejects.toBe('count failed: unknown result');
    expect(await countsOf(name, 'count')).toEqual(failedWith('application TApplicationException'));

    await call(client, 'note', 'text');
    expect(await countsOf(name, 'note')).toEqual(SUCCEEDED);
  });

  test('a call is active until its reply arrives', async () => {
    const name = `outcomes-${clients++}`;
    const handler = new Answers();
    const { connect } = await start(Library, handler);
    const client = instrumentClient(clientOf(connect(), Library), { name });
    const arrival = handler.arrival();
    const call = client.clamp?.(1, 2, 3) as Promise<number>;
    expect(await countsOf(name, 'clamp')).toEqual(ACTIVE);
    await arrival;
    expect(await countsOf(name, 'clamp')).toEqual(ACTIVE);
    handler.held[0]?.(null, 2);
    expect(await call).toBe(2);
    expect(await countsOf(name, 'clamp')).toEqual(SUCCEEDED);
  });

  test('arguments that cannot be written fail the call immediately with the thrown error', async () => {
    const name = `outcomes-${clients++}`;
    const { connect } = await start(Library, new Answers());
    const bare = clientOf(connect(), Library);
    const client = instrumentClient(clientOf(connect(), Library), { name });
    const thrown = await bare.describe?.(Symbol('no number')).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(TypeError);
    await expect(client.describe?.(Symbol('no number'))).rejects.toThrow((thrown as Error).message);
    expect(await countsOf(name, 'describe')).toEqual(failedWith('application TypeError'));
  });
});

test('an ES5 client throws at its caller when arguments cannot be written', async () => {
  const { connect } = await startTcp(Library, new Answers());
  const client = instrumentClient(clientOf(connect(), es5), { name: 'throws' });
  const answer = (): void => {
    throw new Error('called back');
  };
  expect(() => client.describe?.(Symbol('no number'), answer)).toThrow(TypeError);
  expect(await countsOf('throws', 'describe')).toEqual(failedWith('application TypeError'));
});

test('an argument whose constructor throws fails the call', async () => {
  const { connect } = await startTcp(Library, new Answers());
  const client = instrumentClient(clientOf(connect(), Library), { name: 'constructor' });
  const hostile = {
    get id(): number {
      throw new RangeError('hostile');
    },
  };
  await expect(client.genreOf?.(hostile)).rejects.toThrow('hostile');
  expect(await countsOf('constructor', 'genreOf')).toEqual(failedWith('application RangeError'));
});

test('a call of a method that the server does not know fails with kind application', async () => {
  const Shelf = require('../gen-nodejs/Shelf.js') as Parameters<typeof startTcp>[0];
  const { connect } = await startTcp(Shelf, {});
  const client = instrumentClient(clientOf(connect(), Library), { name: 'unknown-method' });
  await expect(client.twice?.(1)).rejects.toMatchObject({ message: 'Unknown function twice' });
  expect(await countsOf('unknown-method', 'twice')).toEqual(
    failedWith('application TApplicationException'),
  );
});

test('calls of inherited methods are counted for the service that is called', async () => {
  const { connect } = await startTcp(Library, new Answers());
  for (const [style, service] of [
    ['es6', Library],
    ['es5', es5],
  ] as const) {
    const client = instrumentClient(clientOf(connect(), service), { name: `inherited-${style}` });
    await expect(client.find?.(3)).rejects.toMatchObject({ id: 3 });
    expect(await countsOf(`inherited-${style}`, 'find', 'Library')).toEqual(
      failedWith('declared Missing'),
    );
  }
});

test('calls are measured over every Thrift protocol and transport', async () => {
  const { TBufferedTransport, TFramedTransport } = thrift;
  const { TBinaryProtocol, TCompactProtocol, TJSONProtocol } = thrift;
  for (const transport of [TBufferedTransport, TFramedTransport]) {
    for (const protocol of [TBinaryProtocol, TCompactProtocol, TJSONProtocol]) {
      const name = `${transport.name} ${protocol.name}`;
      const { connect } = await startTcp(Library, new Answers(), { transport, protocol });
      const client = instrumentClient(clientOf(connect(), Library), { name });
      expect(await client.twice?.(2)).toBe(4);
      expect(await countsOf(name, 'twice')).toEqual(SUCCEEDED);
    }
  }
});

test('concurrent calls on one connection are measured separately', async () => {
  const handler = new Answers();
  const { connect } = await startTcp(Library, handler);
  const client = instrumentClient(clientOf(connect(), Library), { name: 'many' });
  const arrivals = Promise.all([handler.arrival(), handler.arrival(), handler.arrival()]);
  const calls = [1, 2, 3].map((number) => client.clamp?.(number, 0, 9) as Promise<number>);
  await arrivals;
  const [first, second, third] = handler.held;
  second?.(null, 2);
  expect(await calls[1]).toBe(2);
  third?.(new Error('no'));
  await expect(calls[2]).rejects.toThrow('no');
  expect(await countsOf('many', 'clamp')).toEqual({
    requests: 3,
    active: 1,
    succeeded: 1,
    failed: 1,
    errors: { 'application TApplicationException': 1 },
  });
  first?.(null, 1);
  expect(await calls[0]).toBe(1);
});

test('calls over a program’s standard input and output are measured', async () => {
  const connection = (
    thrift as unknown as { createStdIOConnection(command: string): NodeJS.EventEmitter }
  ).createStdIOConnection(`${process.execPath} ${__dirname}/programs/stdio-server.cjs`);
  const client = instrumentClient(clientOf(connection as never, Library), { name: 'stdio' });
  expect(await client.twice?.(4)).toBe(8);
  expect(await countsOf('stdio', 'twice')).toEqual(SUCCEEDED);
  const closed = once(connection, 'close');
  void client.clamp?.(1, 2, 3);
  await closed;
  expect(await countsOf('stdio', 'clamp')).toEqual(failedWith('transport ConnectionClosed'));
});
