import { EventEmitter } from 'node:events';

import { beforeEach, describe, expect, test, vi } from 'vitest';

import { configureMetrics, instrumentClient, resetMetrics } from '../../../src/index';
import { addressOf } from '../../../src/thrift/client/connection';
import { ACTIVE, countsOf, failedWith, queueOf, SUCCEEDED } from './client-counts';
import { Library } from './library';
import { Loopback } from './loopback';
import { clientOf, thriftLibrary } from './transports';

test.each([
  ['a host and a port', { host: 'example.org', port: 9090 }, 'example.org', 9090],
  ['a port that is a text', { host: '::1', port: '9090' }, '::1', 9090],
  ['a host without a port', { host: 'example.org' }, 'example.org', undefined],
  ['a port that is null', { host: 'example.org', port: null }, 'example.org', undefined],
  ['a port that is not a number', { host: 'example.org', port: 'http' }, 'example.org', undefined],
  ['a host and a path', { host: 'example.org', port: 80, path: '/rpc' }, 'example.org', 80],
  ['the path of a Unix socket', { path: '/run/socket' }, '/run/socket', undefined],
])('the address of a connection is read from %s', (_, fields, address, port) => {
  expect(addressOf(fields)).toEqual({ address, port });
});

test.each([
  ['nothing', {}],
  ['a host that is not a text', { host: 1, port: 2 }],
  ['a path that is not a text', { path: 1 }],
])('a connection with %s has no address', (_, fields) => {
  expect(addressOf(fields)).toBeUndefined();
});

test.each([
  ['offline_queue', []],
  ['connection', new EventEmitter()],
  ['nodeOptions', {}],
  ['https', true],
  ['send_pending', []],
  ['isOpen', () => false],
])(
  'a connection of the program that has a field %s is not taken for one of Thrift',
  async (field, value) => {
    const name = `with ${field}`;
    const connection = Object.assign(new Loopback(Library), { [field]: value });
    const client = instrumentClient(clientOf(connection, Library), { name, connection });
    connection.emit('connect');
    connection.emit('open');
    void client['clamp']?.(1, 2, 3);
    expect(await countsOf(name, 'clamp')).toEqual(ACTIVE);
    expect(await queueOf(name)).toBe(0);
    connection.emit('timeout');
    expect(await countsOf(name, 'clamp')).toEqual(failedWith('timeout ETIMEDOUT'));
    void client['clear']?.();
    connection.emit('close');
    expect(await countsOf(name, 'clear')).toEqual(failedWith('transport ConnectionClosed'));
  },
);

test('an error event without an error fails none of several calls', async () => {
  const name = 'no error';
  const connection = new Loopback(Library);
  const client = instrumentClient(clientOf(connection, Library), { name, connection });
  connection.on('error', () => {});
  void client['clamp']?.(1, 2, 3);
  void client['clamp']?.(1, 2, 3);
  connection.emit('error', undefined);
  expect(await countsOf(name, 'clamp')).toEqual({ ...ACTIVE, requests: 2, active: 2 });
});

describe('a connection whose state or events cannot be read', () => {
  const onError = vi.fn<(error: unknown, site: string) => void>();
  beforeEach(() => {
    // A fault of each site is reported once.
    resetMetrics();
    onError.mockClear();
    configureMetrics({ onError });
  });

  const fault = new Error('unreadable');
  const unreadable = (): never => {
    throw fault;
  };
  const error = new Proxy(new Error('x'), { get: unreadable, getPrototypeOf: unreadable });

  test('fails its only pending call without a type', async () => {
    const name = 'unreadable error';
    const connection = new Loopback(Library);
    const client = instrumentClient(clientOf(connection, Library), { name, connection });
    const seen: unknown[] = [];
    connection.on('error', (each) => seen.push(each));
    void client['clamp']?.(1, 2, 3);
    connection.emit('error', error);
    expect(seen[0] === error).toBe(true);
    expect(onError.mock.calls).toEqual([[fault, 'client error']]);
    expect(await countsOf(name, 'clamp')).toEqual(failedWith('transport _unknown'));
  });

  test('passes an event on to its listeners, and the fault is reported', () => {
    const connection = thriftLibrary.createHttpConnection('127.0.0.1', 1, {});
    instrumentClient(clientOf(connection, Library), { name: 'unreadable event', connection });
    const seen: unknown[] = [];
    connection.on('error', (each: unknown) => seen.push(each));
    connection.emit('error', error);
    expect(seen[0] === error).toBe(true);
    expect(onError.mock.calls).toEqual([[fault, 'client connection']]);
  });

  test('writes a request, and the fault is reported', async () => {
    const name = 'unreadable state';
    const connection = Object.assign(new Loopback(Library), {
      offline_queue: [],
      connection: Object.defineProperty({}, 'destroyed', { get: unreadable }),
    });
    const client = instrumentClient(clientOf(connection, Library), { name, connection });
    expect(await client['twice']?.(21)).toBe(42);
    expect(onError.mock.calls).toEqual([[fault, 'client connection']]);
    expect(await countsOf(name, 'twice')).toEqual(SUCCEEDED);
  });
});
