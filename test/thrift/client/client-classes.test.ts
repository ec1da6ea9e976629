import { expect, test } from 'vitest';

import { instrumentClient } from '../../../src/index';
import { countsOf, failedWith, SUCCEEDED } from './client-counts';
import { emitted } from './emitted';
import { Answers, Library, loadEs5, type AnyClient } from './library';
import { clientOf, startHttp, startTcp, thriftLibrary, type AnyConnection } from './transports';

type ClientClass = new (output: object, protocol: object) => AnyClient;

const generated = Library.Client as ClientClass;

/** Lists the keys of a loop over an object, which include inherited ones. */
function keysInLoop(object: object): string[] {
  const keys: string[] = [];
  // oxlint-disable-next-line guard-for-in -- inherited keys count
  for (const key in object) keys.push(key);
  return keys;
}

test.each<[string, object]>([
  ['ES6', Library],
  ['ES5', loadEs5()],
])(
  'an instrumented %s client has the same keys, names and prototypes as before',
  async (_, service) => {
    const { connect } = await startTcp(Library, new Answers());
    const before = clientOf(connect(), service);
    const { prototype } = (service as { Client: { prototype: object } }).Client;
    const names = Object.getOwnPropertyNames(prototype);
    const inLoop = keysInLoop(before);
    const client = instrumentClient(clientOf(connect(), service), { name: 'same keys' });
    expect(Object.getPrototypeOf(client)).toBe(prototype);
    expect(Object.getOwnPropertyNames(client)).toEqual(Object.getOwnPropertyNames(before));
    expect(Object.getOwnPropertyNames(prototype)).toEqual(names);
    expect(keysInLoop(client)).toEqual(inLoop);
  },
);

test('clients of the same class that are not instrumented are not measured', async () => {
  const { connect } = await startTcp(Library, new Answers());
  instrumentClient(clientOf(connect(), Library), { name: 'measured' });
  const bare = clientOf(connect(), Library);
  expect(await bare.twice?.(2)).toBe(4);
  await expect(bare.divide?.(1, 0)).rejects.toThrow('by zero');
  expect(await countsOf('measured', 'twice')).toMatchObject({ requests: 0 });
});

test('clients of the same class count under their own names', async () => {
  const { connect } = await startTcp(Library, new Answers());
  const [first, second] = ['first of two', 'second of two'].map((name) =>
    instrumentClient(clientOf(connect(), Library), { name }),
  ) as [AnyClient, AnyClient];
  await first.twice?.(1);
  await second.twice?.(1);
  await second.find?.(1).catch(() => {});
  expect(await countsOf('first of two', 'twice')).toEqual(SUCCEEDED);
  expect(await countsOf('second of two', 'twice')).toEqual(SUCCEEDED);
  expect(await countsOf('second of two', 'find')).toEqual(failedWith('declared Missing'));
});

test('a class that overrides a send function and calls the generated one counts once', async () => {
  const sent: string[] = [];
  class Logging extends generated {
    send_twice(number: number): unknown {
      sent.push('twice');
      return (generated.prototype as AnyClient).send_twice?.call(this, number);
    }
  }
  const { connect } = await startTcp(Library, new Answers());
  // The generated class is measured first.
  instrumentClient(clientOf(connect(), Library), { name: 'not logging' });
  const client = instrumentClient(clientOf(connect(), Logging), { name: 'logging' });
  expect(await client.twice?.(2)).toBe(4);
  expect(sent).toEqual(['twice']);
  expect(await countsOf('logging', 'twice')).toEqual(SUCCEEDED);
});

test('a client whose class is frozen is measured', async () => {
  class Frozen extends generated {
    send_twice(number: number): unknown {
      return (generated.prototype as AnyClient).send_twice?.call(this, number);
    }
  }
  Object.freeze(Frozen.prototype);
  const { connect } = await startTcp(Library, new Answers());
  const client = instrumentClient(clientOf(connect(), Frozen), { name: 'frozen class' });
  expect(await client.twice?.(2)).toBe(4);
  expect(await countsOf('frozen class', 'twice')).toEqual(SUCCEEDED);
});

test('a send function that the program has put on the client is measured', async () => {
  const { connect } = await startTcp(Library, new Answers());
  const client = clientOf(connect(), Library);
  const sent: number[] = [];
  const send = client.send_twice as (number: number) => void;
  client.send_twice = function (number: number) {
    sent.push(number);
    return send.call(this, number);
  };
  instrumentClient(client, { name: 'own function' });
  expect(await client.twice?.(2)).toBe(4);
  expect(sent).toEqual([2]);
  expect(await countsOf('own function', 'twice')).toEqual(SUCCEEDED);
});

test.each<[string, (client: AnyClient) => AnyClient]>([
  ['a proxy of', (client) => new Proxy(client, {})],
  ['an object that inherits from', (client) => Object.create(client) as AnyClient],
])('calls through %s an instrumented client are measured', async (title, wrap) => {
  const { connect } = await startTcp(Library, new Answers());
  const client = instrumentClient(clientOf(connect(), Library), { name: title });
  expect(await wrap(client).twice?.(2)).toBe(4);
  expect(await countsOf(title, 'twice')).toEqual(SUCCEEDED);
});

test('a client that is created for each call on an HTTP connection is measured', async () => {
  const { connect, kill } = await startHttp(Library, new Answers());
  const connection = connect({ headers: { Connection: 'close' } });
  const call = async (number: number): Promise<unknown> =>
    instrumentClient(clientOf(connection, Library), { name: 'http pool' }).twice?.(number);
  for (let i = 0; i < 5; i++) expect(await call(i)).toBe(2 * i);
  await kill();
  const failed = emitted(connection, 'error');
  void call(1);
  await failed;
  expect(await countsOf('http pool', 'twice')).toEqual({
    requests: 6,
    active: 0,
    succeeded: 5,
    failed: 1,
    errors: { 'transport ECONNREFUSED': 1 },
  });
});

test.each([
  ['the first call', false],
  ['a later call', true],
])('%s fails with the connection that the client was moved to', async (title, isLater) => {
  const name = `moved: ${title}`;
  const handler = new Answers();
  const [first, second] = [await startTcp(Library, handler), await startTcp(Library, handler)];
  const [before, after] = [first.connect(), second.connect()];
  const client = instrumentClient(clientOf(before, Library), { name, connection: before });
  expect(await client.twice?.(1)).toBe(2);
  moveTo(client, after);
  if (isLater) expect(await client.twice?.(2)).toBe(4);
  const arrival = handler.arrival();
  void client.clamp?.(1, 2, 3);
  await arrival;
  const closed = emitted(after, 'close');
  await second.kill();
  await closed;
  expect(await countsOf(name, 'twice')).toMatchObject({ succeeded: isLater ? 2 : 1 });
  expect(await countsOf(name, 'clamp')).toEqual(failedWith('transport ConnectionClosed'));
});

/** Gives a client another connection, as `createClient` does. */
function moveTo(client: AnyClient, connection: AnyConnection): void {
  const output = new thriftLibrary.TBufferedTransport(undefined, (data: Buffer, id: number) =>
    (connection as { write(data: Buffer, id: number): void }).write(data, id),
  );
  Object.assign(client, { output });
  Object.assign(output, { client });
  Object.assign(connection, { client });
}

test('a call on a connection that the program has ended fails', async () => {
  const { connect } = await startTcp(Library, new Answers());
  const connection = connect();
  const client = instrumentClient(clientOf(connection, Library), { name: 'ended before' });
  await client.ping?.();
  const closed = emitted(connection, 'close');
  connection.on('error', () => {});
  connection.end();
  void client.twice?.(1);
  await closed;
  void client.divide?.(1, 1);
  const { errors, active } = await countsOf('ended before', 'twice');
  expect([active, Object.keys(errors)]).toEqual([0, [expect.stringMatching(/^transport /)]]);
  expect(await countsOf('ended before', 'divide')).toEqual(
    failedWith('transport ConnectionClosed'),
  );
});
