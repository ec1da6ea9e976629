import { once } from 'node:events';
import net from 'node:net';

import { Gauge, Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { currentRuntime } from '../../src/runtime/runtime';
import { configureMetrics, resetMetrics, type MetricsServer } from '../../src/index';
import { LIMITS, type Limits } from '../../src/scrape/deadlines';
import { startServer } from '../../src/endpoint/metrics-server';
import { send } from '../support/send';

const onError = vi.fn<(error: unknown, site: string) => void>();
let server: MetricsServer;

beforeEach(async () => {
  const registry = new Registry();
  onError.mockClear();
  resetMetrics();
  configureMetrics({ registry, onError, processMetrics: false });
  new Gauge({ name: 'first', help: 'A gauge.', registers: [registry] }).set(1);
  new Gauge({ name: 'second', help: 'A gauge.', registers: [registry] }).set(2);
  await start(LIMITS);
});
async function start(limits: Limits): Promise<void> {
  server = await startServer(currentRuntime(), { port: 0, host: '127.0.0.1' }, limits);
}
afterEach(async () => {
  expect((await send(`${server.url}/metrics`)).text).toContain('first 1\n');
  // Mistakes of a peer are not faults of the package.
  expect(onError).not.toHaveBeenCalled();
  await server.close();
});

/** Sends bytes, and resolves with everything the server answers until it hangs up. */
async function sendRaw(...parts: string[]): Promise<string> {
  const socket = net.connect(server.port, '127.0.0.1').setEncoding('utf8');
  let answer = '';
  socket.on('data', (text: string) => (answer += text));
  // The server may hang up before it has read everything.
  socket.on('error', () => {});
  for (const part of parts) socket.write(part);
  await once(socket, 'close');
  return answer;
}

function statusLines(answer: string): string[] {
  return answer.match(/^HTTP\/1\.1 \d+/gm) ?? [];
}

const HOST = 'Host: localhost\r\n';

describe('a malformed Accept header', () => {
  it.each([
    '',
    ';',
    ',,,;;;===',
    'text/plain;version=',
    'application/openmetrics-text;version=99',
    'application/openmetrics-text;q=abc',
    'application/vnd.google.protobuf',
    'application/vnd.google.protobuf;proto=other;encoding=delimited',
    'image/png',
    '*/*;q=0',
    '"',
    'sécret/é',
    'a/b,'.repeat(3000),
  ])('a malformed Accept header gets text: %j', async (accept) => {
    const { status, headers } = await send(`${server.url}/metrics`, { headers: { accept } });
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  });
});

describe('an unknown path', () => {
  it.each(['/metrics/', '//metrics', '/METRICS', '/metrics%00', '/../metrics', '/metrics;x', '/%'])(
    'an unknown path is answered with 404: %s',
    async (path) => {
      const answer = await sendRaw(`GET ${path} HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
      expect(statusLines(answer)).toEqual(['HTTP/1.1 404']);
      expect(answer).toContain('the metrics are at /metrics');
    },
  );
});

describe('a method', () => {
  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND'])(
    'a method other than GET and HEAD is answered with 405: %s',
    async (method) => {
      for (const path of ['/metrics', '/', '/elsewhere']) {
        const { status, headers } = await send(server.url + path, { method });
        expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
      }
    },
  );

  it('an unknown HTTP method is answered with 400', async () => {
    const answer = await sendRaw(`BREW /metrics HTTP/1.1\r\n${HOST}\r\n`);
    expect(statusLines(answer)).toEqual(['HTTP/1.1 400']);
  });

  it('CONNECT ends the connection', async () => {
    const answer = await sendRaw(`CONNECT localhost:80 HTTP/1.1\r\n${HOST}\r\n`);
    expect(answer).toBe('');
  });
});

describe('a body on GET', () => {
  it.each([
    ['small', 'hello'],
    ['large', Buffer.alloc(5_000_000, 'x')],
  ])('a body on GET is ignored: %s', async (_name, body) => {
    const headers = { 'content-length': body.length };
    expect((await send(`${server.url}/metrics`, { body, headers })).status).toBe(200);
    const chunked = { 'transfer-encoding': 'chunked' };
    expect((await send(`${server.url}/metrics`, { body, headers: chunked })).status).toBe(200);
  });

  it('a body on GET does not swallow the next request', async () => {
    const answer = await sendRaw(
      `GET /metrics HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nhello`,
      `GET /metrics HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
      `GET /healthz HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
    );
    expect(statusLines(answer)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 200']);
    expect(answer).toMatch(/\r\n\r\nok\n$/);
  });

  it('a body with a malformed chunk ends the connection', async () => {
    await sendRaw(`GET /metrics HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nzz\r\n`);
  });
});

describe('a flood of headers', () => {
  it.each([
    ['one header of 100 kB', `X-Flood: ${'x'.repeat(100_000)}\r\n`],
    ['20,000 headers', 'a: b\r\n'.repeat(20_000)],
    ['an Authorization header of 100 kB', `Authorization: Basic ${'x'.repeat(100_000)}\r\n`],
  ])('a flood of headers is answered with 431: %s', async (_name, flood) => {
    const answer = await sendRaw(`GET /metrics HTTP/1.1\r\n${HOST}`, flood, '\r\n');
    // The answer may be lost when the rest of the flood meets a closed connection.
    expect(['', 'HTTP/1.1 431']).toContain(statusLines(answer).join());
  });

  it('headers just above the limit of Node are answered with 431', async () => {
    const answer = await sendRaw(`GET /metrics HTTP/1.1\r\n${HOST}X: ${'x'.repeat(16_384)}`);
    expect(statusLines(answer)).toEqual(['HTTP/1.1 431']);
  });

  it('headers within the limit of Node are answered', async () => {
    const flood = 'a:b\r\n'.repeat(3000);
    const answer = await sendRaw(
      `GET /metrics HTTP/1.1\r\n${HOST}Connection: close\r\n${flood}\r\n`,
    );
    expect(statusLines(answer)).toEqual(['HTTP/1.1 200']);
  });
});

describe('a malformed request', () => {
  it.each([
    ['another protocol', '\u0016\u0003\u0001\u0002\u0000\r\n\r\n'],
    ['a request without a host', 'GET /metrics HTTP/1.1\r\n\r\n'],
    [
      'two lengths',
      `GET /metrics HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`,
    ],
  ])('a malformed request is answered with 400: %s', async (_name, request) => {
    expect(statusLines(await sendRaw(request))).toEqual(['HTTP/1.1 400']);
  });

  it.each([
    ['in its headers', `GET /metrics HTTP/1.1\r\n${HOST}`],
    ['in its body', `GET /metrics HTTP/1.1\r\n${HOST}Content-Length: 9\r\n\r\nhello`],
  ])('a request that stops %s ends the connection', async (_name, beginning) => {
    await server.close();
    const soon = { headersTimeout: 50, requestTimeout: 50, connectionsCheckingInterval: 20 };
    await start({ ...LIMITS, ...soon });
    const answer = await sendRaw(beginning);
    expect(answer).not.toBe('');
  });
});

describe('an answer that Node.js would write itself', () => {
  const REQUEST = `GET /metrics HTTP/1.1\r\n`;
  it.each([
    ['a malformed request line', 400, '\r\nnonsense\r\n\r\n'],
    ['an unknown method', 400, `BREW /metrics HTTP/1.1\r\n${HOST}\r\n`],
    ['a missing Host header', 400, `${REQUEST}\r\n`],
    ['an unknown expectation', 417, `${REQUEST}${HOST}Expect: coffee\r\nConnection: close\r\n\r\n`],
    ['too long headers', 431, `${REQUEST}${HOST}X: ${'x'.repeat(16_384)}`],
    [
      'too long chunk extensions',
      413,
      `POST /metrics HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n2;${'x'.repeat(17_000)}`,
    ],
    ['a request that never ends', 408, `${REQUEST}${HOST}`],
  ])('the answer to %s (%i) has the protective headers', async (_name, status, request) => {
    await server.close();
    // Answers of the package itself take longer than that.
    const authTimeout = 10_000;
    const soon = { headersTimeout: 100, requestTimeout: 100, connectionsCheckingInterval: 20 };
    server = await startServer(
      currentRuntime(),
      {
        port: 0,
        host: '127.0.0.1',
        auth: ({ method }) => (method === 'POST' ? new Promise(() => {}) : true),
      },
      { ...LIMITS, ...soon, authTimeout },
    );
    const answer = await sendRaw(request);
    expect(statusLines(answer)).toEqual([`HTTP/1.1 ${status}`]);
    expect(answer).toContain('\r\nX-Content-Type-Options: nosniff\r\n');
    expect(answer).toContain('\r\nCache-Control: no-store\r\n');
    expect(answer).toContain('\r\nCross-Origin-Resource-Policy: same-origin\r\n');
    expect(answer).toContain('\r\nConnection: close\r\n');
  });

  it('garbage after a request does not corrupt the response that is being sent', async () => {
    const registry = new Registry();
    configureMetrics({ registry });
    const help = 'x'.repeat(8_000_000);
    new Gauge({ name: 'first', help, registers: [registry] }).set(1);
    const socket = net.connect(server.port, '127.0.0.1').setEncoding('utf8');
    let answer = '';
    socket.on('error', () => {});
    socket.write(`GET /metrics HTTP/1.1\r\n${HOST}\r\n`);
    await once(socket, 'readable');
    socket.on('data', (text: string) => (answer += text));
    socket.write('garbage\r\n\r\n');
    await once(socket, 'close');
    expect(statusLines(answer)).toEqual(['HTTP/1.1 200']);
  });
});

describe('name[] parameters', () => {
  it.each<[string, string[]]>([
    ['name[]=first', ['first 1']],
    ['name%5B%5D=second&x=y', ['second 2']],
    ['name[]=second&name[]=first&name[]=second', ['first 1', 'second 2']],
    ['name[]=none', []],
    ['name[]=', []],
    ['name=first', ['first 1', 'second 2']],
    ['name[]=%E0%A4%A', []],
    ['%', ['first 1', 'second 2']],
    ['&&&=?#name[]=none', ['first 1', 'second 2']],
    [`name[]=first${'&name[]=x'.repeat(1500)}`, ['first 1']],
  ])('name[] parameters select metrics: %s', async (query, lines) => {
    const answer = await sendRaw(
      `GET /metrics?${query} HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
    );
    expect(statusLines(answer)).toEqual(['HTTP/1.1 200']);
    expect(answer.match(/^(first|second) .*$/gm) ?? []).toEqual(lines);
  });
});
