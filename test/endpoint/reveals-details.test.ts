import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { connect, type AddressInfo, type ListenOptions } from 'node:net';
import { text } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { Auth } from '../../src/endpoint/auth';
import { revealsDetails } from '../../src/endpoint/reveals-details';

/** Sends a request to a server that listens there, and returns whether its answer may show details. */
async function reveals(
  listen: ListenOptions,
  headers: http.OutgoingHttpHeaders = {},
  auth?: Auth,
): Promise<boolean> {
  const server = http.createServer((request, response) => {
    response.end(String(revealsDetails(auth, request)));
  });
  server.listen(listen.path === undefined ? { port: 0, ...listen } : listen);
  await once(server, 'listening');
  const address = server.address() as AddressInfo | string;
  const target = typeof address === 'string' ? { socketPath: address } : { port: address.port };
  const host = listen.host === '::1' ? '::1' : '127.0.0.1';
  const request = http.get({
    ...(typeof address === 'string' ? {} : { host }),
    ...target,
    headers: { host: 'localhost', ...headers },
  });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  const [body] = (await once(response, 'data')) as [Buffer];
  server.close();
  return String(body) === 'true';
}

const LOOPBACK = { host: '127.0.0.1' };

test.each<[string, ListenOptions, boolean]>([
  ['on all interfaces', {}, false],
  ['on all IPv4 interfaces', { host: '0.0.0.0' }, false],
  ['on localhost', { host: 'localhost' }, true],
  ['on a loopback address', LOOPBACK, true],
  ['on the loopback address of IPv6', { host: '::1' }, true],
])('a server %s without auth reveals details to this machine: %o', async (_, listen, expected) => {
  expect(await reveals(listen)).toBe(expected);
});

test('a server on a Unix socket reveals details', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tm-'));
  const path = join(folder, 'socket');
  expect(await reveals({ path })).toBe(true);
  rmSync(folder, { recursive: true });
});

test.each<[string, http.OutgoingHttpHeaders, boolean]>([
  ['names a loopback address', { host: '127.0.0.1' }, true],
  ['names a loopback address with a port', { host: '127.1.2.3:8000' }, true],
  ['names the loopback address of IPv6', { host: '[::1]:8000' }, true],
  ['names localhost in capitals', { host: 'LocalHost:8000' }, true],
  ['names another host, as after DNS rebinding', { host: 'evil.test:8000' }, false],
  ['names a host that begins as localhost', { host: 'localhost.evil.test' }, false],
  ['names a host that begins as a loopback address', { host: '127.0.0.1.evil.test' }, false],
  ['came through a proxy', { 'x-forwarded-for': '203.0.113.9' }, false],
  ['came through a proxy that names the protocol only', { 'x-forwarded-proto': 'https' }, false],
  ['came through the sidecar of a mesh', { 'x-envoy-attempt-count': '1' }, false],
  ['came through nginx', { 'x-real-ip': '203.0.113.9' }, false],
  ['came through a proxy of the standard', { forwarded: 'for=203.0.113.9' }, false],
  ['came through a gateway', { via: '1.1 gate' }, false],
])('a request to loopback that %s: %o', async (_title, headers, expected) => {
  expect(await reveals(LOOPBACK, headers)).toBe(expected);
});

test('a request in HTTP/1.0 came through a proxy', async () => {
  const server = http.createServer((request, response) => {
    response.end(`reveals: ${revealsDetails(undefined, request)}`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const ask = async (version: string): Promise<string> => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.end(`GET / HTTP/${version}\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
    return text(socket);
  };
  expect(await ask('1.0')).toMatch(/reveals: false/);
  expect(await ask('1.1')).toMatch(/reveals: true/);
  server.close();
});

test.each<[string, Auth]>([
  ['a token', { token: 'x' }],
  ['a password', { username: 'a', password: 'b' }],
  ['a function', () => true],
])('with %s, details are revealed on all interfaces and through a proxy', async (_title, auth) => {
  expect(await reveals({}, { host: 'metrics.test', via: '1.1 gate' }, auth)).toBe(true);
});
