import { EventEmitter } from 'node:events';

import { expect, onTestFinished, test } from 'vitest';

import { configureMetrics, instrumentClient } from '../../../src/index';
import { published } from '../../signals/published';
import { ACTIVE, countsOf, failedWith } from './client-counts';
import { Answers, Library, loadEs5 } from './library';
import { clientOf, startTcp, thriftLibrary, type AnyConnection } from './transports';

test('a connection of a custom class is measured when it is passed as an option', async () => {
  class Loopback extends EventEmitter {
    readonly transport = thriftLibrary.TBufferedTransport;
    readonly protocol = thriftLibrary.TBinaryProtocol;
    write(): void {}
  }
  const connection = new Loopback() as unknown as AnyConnection;
  const client = instrumentClient(clientOf(connection, Library), { name: 'own-class', connection });
  void client.ping?.();
  void client.twice?.(1);
  connection.on('error', () => {});
  connection.emit('error', new Error('whose?'));
  expect(await countsOf('own-class', 'ping')).toEqual(ACTIVE);
  connection.emit('close');
  expect(await countsOf('own-class', 'ping')).toEqual(failedWith('transport ConnectionClosed'));
  void client.clamp?.(1, 2, 3);
  connection.emit('error', Object.assign(new Error('its own'), { code: 'EPIPE' }));
  expect(await countsOf('own-class', 'clamp')).toEqual(failedWith('transport EPIPE'));
  void client.count?.();
  connection.emit('timeout');
  expect(await countsOf('own-class', 'count')).toEqual(failedWith('timeout ETIMEDOUT'));
});

test('a call over a connection whose address cannot be read ends once, also while calls are published', async () => {
  class Secretive extends EventEmitter {
    readonly transport = thriftLibrary.TBufferedTransport;
    readonly protocol = thriftLibrary.TBinaryProtocol;
    get host(): string {
      throw new Error('no address');
    }
    write(): void {}
  }
  const sites: string[] = [];
  configureMetrics({ onError: (_error, site) => void sites.push(site) });
  onTestFinished(() => configureMetrics({ onError: () => {} }));
  const connection = new Secretive() as unknown as AnyConnection;
  const client = instrumentClient(clientOf(connection, Library), { name: 'secretive', connection });
  const calls = published('client');
  void client.ping?.();
  connection.emit('close');
  expect(await countsOf('secretive', 'ping')).toEqual(failedWith('transport ConnectionClosed'));
  expect(calls.messages).toMatchObject([{ outcome: 'transport', server: undefined }]);
  expect(sites).toContain('client connection');
});

test('a connection of a custom class works unobserved when it is not passed as an option', async () => {
  const written: Buffer[] = [];
  const connection = {
    transport: thriftLibrary.TBufferedTransport,
    protocol: thriftLibrary.TBinaryProtocol,
    write: (data: Buffer) => void written.push(data),
  };
  const client = instrumentClient(clientOf(connection as never, Library), { name: 'not-given' });
  void client.ping?.();
  void client.ping?.();
  expect(written).toHaveLength(2);
  expect(await countsOf('not-given', 'ping')).toEqual({ ...ACTIVE, requests: 2, active: 2 });
});

test('a connection that a callback writes to is not mistaken for the connection of the client', async () => {
  const { connect } = await startTcp(Library, new Answers());
  const es5 = loadEs5();
  const other = connect();
  const otherClient = clientOf(other, es5);
  const connection = {
    transport: thriftLibrary.TBufferedTransport,
    protocol: thriftLibrary.TBinaryProtocol,
    write: () => {},
  };
  const client = instrumentClient(clientOf(connection as never, es5), { name: 'meanwhile' });
  // Thrift invokes the callback of a oneway method during the call.
  const answer = new Promise((resolve) => {
    client.note?.('text', () => otherClient.twice?.(2, (_: null, twice: number) => resolve(twice)));
  });
  expect(Object.hasOwn(other, 'emit')).toBe(false);
  expect(await answer).toBe(4);
});

test('a write that throws fails the call with kind transport and the same error', async () => {
  const thrown = new Error('no write');
  const connection = {
    transport: thriftLibrary.TBufferedTransport,
    protocol: thriftLibrary.TBinaryProtocol,
    write: () => {
      throw thrown;
    },
  };
  const client = instrumentClient(clientOf(connection as never, Library), {
    name: 'write-throws',
    connection,
  });
  await expect(client.ping?.()).rejects.toBe(thrown);
  expect(await countsOf('write-throws', 'ping')).toEqual(failedWith('transport Error'));
});
