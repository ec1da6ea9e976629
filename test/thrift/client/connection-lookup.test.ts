import { expect, test } from 'vitest';

import { instrumentClient } from '../../../src/index';
import { ConnectionPrototypes } from '../../../src/thrift/client/connection-lookup';
import { Answers, Library } from './library';
import { Loopback } from './loopback';
import { clientOf, startTcp, thriftLibrary } from './transports';

const CLASSES = [
  'Connection',
  'StdIOConnection',
  'HttpConnection',
  'WSConnection',
  'XHRConnection',
];

/** The prototypes of Thrift's connection classes. */
const prototypes = CLASSES.flatMap((name) => {
  const { prototype } = (thriftLibrary[name] ?? {}) as { prototype?: { write: () => void } };
  return prototype === undefined ? [] : [prototype];
});

const writes = (): unknown[] => prototypes.map(({ write }) => write);

test('the prototypes of all connection classes are found, each of them once', () => {
  const found = new ConnectionPrototypes().of(new thriftLibrary.TBufferedTransport());
  expect(prototypes.length).toBeGreaterThan(2);
  for (const prototype of prototypes) expect(found).toContain(prototype);
  expect(new Set(found).size).toBe(found.length);
});

test('the prototypes are sought once for all transports of a class', () => {
  const { TBufferedTransport, TFramedTransport } = thriftLibrary;
  const lookup = new ConnectionPrototypes();
  const found = lookup.of(new TBufferedTransport());
  expect(lookup.of(new TBufferedTransport())).toBe(found);
  expect(lookup.of(new TFramedTransport())).not.toBe(found);
});

test('the prototypes are found for a transport without a class', () => {
  const found = new ConnectionPrototypes().of(Object.create(null) as object);
  expect(found).toContain(thriftLibrary.Connection.prototype);
});

test('Thrift’s classes have their own write methods again before a request is written', async () => {
  const before = writes();
  const { connect } = await startTcp(Library, new Answers());
  const connection = connect();
  const client = instrumentClient(clientOf(connection, Library), { name: 'restored at once' });
  let during: unknown[] = [];
  connection.offline_queue.push = function (...requests: Buffer[]) {
    during = writes();
    return Array.prototype.push.apply(this, requests);
  };
  expect(await client['twice']?.(21)).toBe(42);
  expect(during).toEqual(before);
});

test('Thrift’s classes have their own write methods again after a call over another class', async () => {
  const before = writes();
  const client = instrumentClient(clientOf(new Loopback(Library), Library), { name: 'elsewhere' });
  expect(await client['twice']?.(21)).toBe(42);
  expect(writes()).toEqual(before);
});

test('Thrift’s classes have their own write methods again after a call that cannot be sent', async () => {
  const before = writes();
  const { connect } = await startTcp(Library, new Answers());
  const client = instrumentClient(clientOf(connect(), Library), { name: 'not sent' });
  await expect(client['describe']?.(Symbol('no number'))).rejects.toThrow(TypeError);
  expect(writes()).toEqual(before);
});
