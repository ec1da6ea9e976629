import type { IncomingMessage } from 'node:http';

import { expect, test } from 'vitest';

import { revealsDetails, type Exposure } from '../../src/endpoint/reveals-details';

const from = (headers: IncomingMessage['headers']): IncomingMessage =>
  ({ headers }) as IncomingMessage;

const LOCAL = from({ host: 'localhost:8000' });

test.each<[string, Exposure, boolean]>([
  ['a server on all interfaces', { auth: undefined, host: undefined }, false],
  ['a server on all IPv4 interfaces', { auth: undefined, host: '0.0.0.0' }, false],
  ['a server on all IPv6 interfaces', { auth: undefined, host: '::' }, false],
  ['a server on an address of a network', { auth: undefined, host: '10.0.0.7' }, false],
  [
    'a server whose name begins as a loopback address',
    { auth: undefined, host: '127.0.0.1.evil.test' },
    false,
  ],
  ['a server on localhost', { auth: undefined, host: 'LocalHost' }, true],
  ['a server on a loopback address', { auth: undefined, host: '127.1.2.3' }, true],
  ['a server on the loopback address of IPv6', { auth: undefined, host: '::1' }, true],
  ['a server on all interfaces with a token', { auth: { token: 'x' }, host: undefined }, true],
  ['a server with a password', { auth: { username: 'a', password: 'b' }, host: '0.0.0.0' }, true],
  ['a server with a function', { auth: () => true, host: undefined }, true],
])('%s reveals details only to readers who are known', (_title, exposure, reveals) => {
  expect(revealsDetails(exposure, LOCAL)).toBe(reveals);
});

test.each<[string, IncomingMessage['headers'], boolean]>([
  ['names a loopback address', { host: '127.0.0.1' }, true],
  ['names the loopback address of IPv6', { host: '[::1]:8000' }, true],
  ['names another host, as after DNS rebinding', { host: 'evil.test:8000' }, false],
  ['names a host that begins as a loopback address', { host: 'localhost.evil.test' }, false],
  ['names no host', {}, false],
  ['came through a proxy', { host: 'localhost', 'x-forwarded-for': '203.0.113.9' }, false],
  [
    'came through a proxy of the standard',
    { host: 'localhost', forwarded: 'for=203.0.113.9' },
    false,
  ],
  ['came through a gateway', { host: 'localhost', via: '1.1 gate' }, false],
])('a server on loopback answers a request that %s accordingly', (_title, headers, reveals) => {
  expect(revealsDetails({ auth: undefined, host: '127.0.0.1' }, from(headers))).toBe(reveals);
});

test('a server with auth reveals details through a proxy', () => {
  const proxied = from({ host: 'metrics.test', 'x-forwarded-for': '203.0.113.9' });
  expect(revealsDetails({ auth: { token: 'x' }, host: undefined }, proxied)).toBe(true);
});
