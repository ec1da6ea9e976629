import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { instrumentClient } from '../../../src/index';
import { countsOf, failedWith, SUCCEEDED } from './client-counts';
import { Answers, Library, type AnyClient } from './library';
import { closeAfterTest, startHttp, startTcp, startWebSocket, thriftLibrary } from './transports';

const root = join(__dirname, '../../..');
let folder = '';
// oxlint-disable-next-line typescript/no-explicit-any -- functions and options that @types/thrift does not know
let copy: any;
let CopiedLibrary: object;

/** Copies Thrift and the generated code to a folder in the repository, where their dependencies resolve. */
beforeAll(() => {
  mkdirSync(join(root, 'build'), { recursive: true });
  folder = mkdtempSync(join(root, 'build/thrift-copy-'));
  cpSync(join(root, 'node_modules/thrift'), join(folder, 'node_modules/thrift'), {
    recursive: true,
  });
  cpSync(join(root, 'test/thrift/gen-nodejs'), join(folder, 'gen-nodejs'), { recursive: true });
  copy = require(join(folder, 'node_modules/thrift'));
  CopiedLibrary = require(join(folder, 'gen-nodejs/Library.js')) as object;
});

afterAll(() => rmSync(folder, { recursive: true }));

test('two copies of Thrift are loaded', () => {
  expect(copy.Connection).not.toBe(thriftLibrary.Connection);
});

describe('connections of another copy of Thrift', () => {
  test('a TCP connection of another copy of Thrift is measured', async () => {
    const handler = new Answers();
    const { port, kill } = await startTcp(Library, handler);
    const connection = closeAfterTest(copy.createConnection('127.0.0.1', port, {}));
    const client: AnyClient = copy.createClient(CopiedLibrary, connection);
    instrumentClient(client, { name: 'copy-tcp' });
    await expect(client.find?.(7)).rejects.toMatchObject({ id: 7 });
    expect(await countsOf('copy-tcp', 'find')).toEqual(failedWith('declared Missing'));
    const closed = new Promise((resolve) => void connection.once('close', resolve));
    const arrival = handler.arrival();
    void client.clamp?.(1, 2, 3);
    await arrival;
    await kill();
    await closed;
    expect(await countsOf('copy-tcp', 'clamp')).toEqual(failedWith('transport ConnectionClosed'));
  });

  test('an HTTP connection of another copy of Thrift is measured', async () => {
    const { port, kill } = await startHttp(Library, new Answers());
    const connection = copy.createHttpConnection('127.0.0.1', port, {
      path: '/library',
      headers: { Connection: 'close' },
    });
    const client: AnyClient = copy.createClient(CopiedLibrary, connection);
    instrumentClient(client, { name: 'copy-http' });
    expect(await client.twice?.(2)).toBe(4);
    expect(await countsOf('copy-http', 'twice')).toEqual(SUCCEEDED);
    await kill();
    const failed = new Promise((resolve) => void connection.once('error', resolve));
    void client.ping?.();
    await failed;
    expect(await countsOf('copy-http', 'ping')).toEqual(failedWith('transport ECONNREFUSED'));
  });

  test('a WebSocket connection of another copy of Thrift is measured', async () => {
    const handler = new Answers();
    const { port, kill } = await startWebSocket(Library, handler);
    const connection = closeAfterTest(
      copy.createWSConnection('127.0.0.1', port, {
        path: '/library',
        transport: copy.TBufferedTransport,
        protocol: copy.TBinaryProtocol,
      }),
    );
    connection.open();
    const client: AnyClient = copy.createClient(CopiedLibrary, connection);
    instrumentClient(client, { name: 'copy-ws' });
    expect(await client.twice?.(2)).toBe(4);
    const closed = new Promise((resolve) => void connection.once('close', resolve));
    const arrival = handler.arrival();
    void client.clamp?.(1, 2, 3);
    await arrival;
    await kill();
    await closed;
    expect(await countsOf('copy-ws', 'clamp')).toEqual(failedWith('transport ConnectionClosed'));
  });

  test('a connection of another copy of Thrift with a transport of the first copy is measured', async () => {
    const handler = new Answers();
    const { port, kill } = await startTcp(Library, handler);
    const { TBufferedTransport: transport, TBinaryProtocol: protocol } = thriftLibrary;
    const connection = closeAfterTest(
      copy.createConnection('127.0.0.1', port, { transport, protocol }),
    );
    const client: AnyClient = copy.createClient(Library, connection);
    instrumentClient(client, { name: 'copy-mixed' });
    // Replies end with an error of one copy, which the connection of the other copy does not recognize.
    connection.on('error', () => {});
    const arrival = handler.arrival();
    void client.clamp?.(1, 2, 3);
    await arrival;
    const closed = new Promise((resolve) => void connection.once('close', resolve));
    await kill();
    await closed;
    expect(await countsOf('copy-mixed', 'clamp')).toEqual(failedWith('transport ConnectionClosed'));
  });
});

test('both copies of Thrift get their original write methods back', () => {
  for (const { Connection, HttpConnection, WSConnection } of [thriftLibrary, copy]) {
    for (const { prototype } of [Connection, HttpConnection, WSConnection]) {
      expect(prototype.write.toString()).toMatch(/^function \(data\)/);
    }
  }
});
