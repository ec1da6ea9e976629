import https from 'node:https';
import type { Server } from 'node:net';
import tls from 'node:tls';

import { Registry } from 'prom-client';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import {
  configureMetrics,
  instrumentHandler,
  instrumentServer,
  instrumentService,
  resetMetrics,
} from '../../../src/index';
import { enableTracing } from '../../../src/opentelemetry';
import { currentRuntime } from '../../../src/runtime/runtime';
import { certify, type Certificate } from '../../support/certify';
import { listen } from '../../support/listen';
import { thrift } from '../../support/start-thrift';
import { samplesOf } from '../../support/value-of';
import { Answers, Library } from '../client/library';
import { clientOf, closeAfterTest, thriftLibrary } from '../client/transports';
import { BINARY_FRAMED, encode } from '../service/wire';
import { serve, start } from '../service/serve';
import { callersOf } from './caller-counts';
import { encodeNamedCall } from './requests';

thrift.setLogFunc?.(() => {});

let registry: Registry;
beforeEach(() => {
  registry = new Registry();
  configureMetrics({ registry, onError: () => {} });
  resetMetrics();
});

let services = 0;
const nextService = (): string => `Presented${++services}`;
const serviceNamed = (service: string) => instrumentService(Library, { service });
const handlerOf = (service: string) => instrumentHandler(new Answers(), { service });

/** How many contexts were rejected, by reason. */
async function rejectedContexts(): Promise<Record<string, number>> {
  const found = (await samplesOf(registry)).filter(
    ({ name, value }) => name === 'thrift_server_rejected_contexts_total' && value > 0,
  );
  return Object.fromEntries(found.map(({ labels, value }) => [labels['thrift_reason'], value]));
}

describe('the headers of THeaderProtocol', () => {
  const options = { protocol: thriftLibrary.THeaderProtocol, transport: thrift.TFramedTransport };

  /** Makes a call with headers, and returns the counts of its caller. */
  async function send(headers: Record<string, string>) {
    const service = nextService();
    const server = thriftLibrary.createServer(serviceNamed(service), handlerOf(service), options);
    const { port, close } = await listen(server as Server);
    onTestFinished(close);
    const connection = closeAfterTest(thriftLibrary.createConnection('127.0.0.1', port, options));
    const client = clientOf(connection, Library);
    // Thrift's own transport writes them once they are set and `writeHeaders` runs.
    const output = client['output'] as unknown as {
      setWriteHeader(name: string, value: string): void;
      writeHeaders(): void;
      flush(): void;
    };
    for (const [name, value] of Object.entries(headers)) output.setWriteHeader(name, value);
    const { flush } = output;
    output.flush = function () {
      this.writeHeaders();
      return flush.call(this);
    };
    expect(await client['twice']?.(21)).toBe(42);
    return callersOf(registry, service);
  }

  test.each([
    ['identity of fbthrift, with its version', { identity: 'checkout', id_version: '1' }],
    ['User-Agent of baseplate', { 'User-Agent': 'checkout' }],
    ['baggage, before the others', { baggage: 'thrift.caller=checkout', 'User-Agent': 'other' }],
    ['identity, before User-Agent', { identity: 'checkout', id_version: '1', 'User-Agent': 'x' }],
  ])('%s', async (_, headers) => {
    expect(await send(headers)).toEqual({ checkout: [1, 0] });
  });

  test.each([
    ['identity of an unknown version', { identity: 'checkout', id_version: '2' }],
    ['identity without a version', { identity: 'checkout' }],
    ['an empty User-Agent', { 'User-Agent': '' }],
    ['other headers', { a: 'b' }],
  ])('%s: the caller is not known', async (_, headers) => {
    expect(await send(headers)).toEqual({});
  });

  test('of a peer that is not trusted are ignored', async () => {
    onTestFinished(enableTracing({ acceptFrom: false }));
    expect(await send({ 'User-Agent': 'checkout' })).toEqual({});
    expect(await rejectedContexts()).toEqual({ untrusted: 1 });
  });

  test('a request without headers of a peer that is not trusted brings no context to reject', async () => {
    onTestFinished(enableTracing({ acceptFrom: false }));
    expect(await send({})).toEqual({});
    expect(await rejectedContexts()).toEqual({});
  });

  const others = (count: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, '']));
  const named = { 'User-Agent': 'checkout' };
  const rest = 8192 - 'User-Agent'.length - 'checkout'.length - 'k'.length;

  test.each([
    ['100 entries', { ...others(99), ...named }],
    ['8 KiB', { k: 'v'.repeat(rest), ...named }],
  ])('headers of up to %s name the caller', async (_, headers) => {
    onTestFinished(enableTracing());
    expect(await send(headers)).toEqual({ checkout: [1, 0] });
    expect(await rejectedContexts()).toEqual({});
  });

  test.each([
    ['100 entries', { ...others(100), ...named }, 'entries'],
    ['8 KiB', { k: 'v'.repeat(rest + 1), ...named }, 'size'],
  ])('headers of more than %s are rejected as a whole', async (_, headers, reason) => {
    onTestFinished(enableTracing());
    expect(await send(headers)).toEqual({});
    expect(await rejectedContexts()).toEqual({ [reason]: 1 });
  });

  test('a request without headers whose field 8888 does not name the caller is of an unknown one', async () => {
    configureMetrics({ callers: true });
    onTestFinished(() => void (currentRuntime().settings.callers = null));
    const service = nextService();
    const server = thriftLibrary.createServer(serviceNamed(service), handlerOf(service), options);
    const client = await (await start(server as Server, BINARY_FRAMED)).connect();
    await client.deliver(encodeNamedCall(BINARY_FRAMED, 'user=7'));
    await client.replies(1);
    expect(await callersOf(registry, service)).toEqual({ _unknown: [1, 0] });
  });
});

describe('the certificate of the client', () => {
  let authority: Certificate;
  let ofServer: Certificate;
  let known: Certificate;
  let stranger: Certificate;
  beforeAll(async () => {
    authority = await certify('authority');
    ofServer = await certify('localhost', authority);
    known = await certify('checkout', authority);
    stranger = await certify('stranger');
  });

  const requiring = () => ({
    ...ofServer,
    ca: authority.cert,
    requestCert: true,
    // The server decides itself, as one that also serves clients without certificates.
    rejectUnauthorized: false,
  });

  async function call(client: Certificate | null, send?: Buffer) {
    const service = nextService();
    const { transport, protocol } = {
      transport: thrift.TFramedTransport,
      protocol: thrift.TBinaryProtocol,
    };
    const server = instrumentServer(
      thriftLibrary.createServer(serviceNamed(service), handlerOf(service), {
        tls: requiring(),
        transport,
        protocol,
      }) as Server,
    );
    const { port, close } = await listen(server);
    onTestFinished(close);
    const socket = tls.connect({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      ...(client !== null && client),
    });
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
    const request = send ?? encode(BINARY_FRAMED, { name: 'twice', fields: [[1, 21]] });
    for (let i = 0; i < 2; i++) {
      const answered = new Promise((resolve) => void socket.once('data', resolve));
      socket.write(request);
      await answered;
    }
    return callersOf(registry, service);
  }

  test('names the caller if the server has verified it', async () => {
    expect(await call(known)).toEqual({ checkout: [2, 0] });
  });

  test('names nobody if no known authority has signed it', async () => {
    expect(await call(stranger)).toEqual({});
  });

  test('may be missing', async () => {
    expect(await call(null)).toEqual({});
  });

  test('gives way to the name in the request', async () => {
    const named = encodeNamedCall(BINARY_FRAMED, 'thrift.caller=basket');
    expect(await call(known, named)).toEqual({ basket: [2, 0] });
  });

  test('counts where names in requests are not trusted', async () => {
    onTestFinished(enableTracing({ acceptFrom: false }));
    const named = encodeNamedCall(BINARY_FRAMED, 'thrift.caller=basket');
    expect(await call(known, named)).toEqual({ checkout: [2, 0] });
  });

  test('names the caller of every request of an HTTPS connection', async () => {
    const service = nextService();
    const server = instrumentServer(
      thriftLibrary.createWebServer({
        tls: requiring(),
        services: { '/library': { processor: serviceNamed(service), handler: handlerOf(service) } },
      }) as Server,
    );
    const { port, close } = await listen(server);
    onTestFinished(close);
    const agent = new https.Agent({
      keepAlive: true,
      maxSockets: 1,
      rejectUnauthorized: false,
      ...known,
    });
    onTestFinished(() => agent.destroy());
    const connection = thriftLibrary.createHttpConnection('127.0.0.1', port, {
      path: '/library',
      https: true,
      nodeOptions: { agent },
    });
    const client = clientOf(connection, Library);
    expect(await client['twice']?.(21)).toBe(42);
    await expect(client['divide']?.(1, 0)).rejects.toThrow('by zero');
    expect(await callersOf(registry, service)).toEqual({ checkout: [2, 1] });
  });
});

test('a server that is not instrumented does not know certificates', async () => {
  const service = nextService();
  const { connect } = await serve(serviceNamed(service), handlerOf(service), BINARY_FRAMED);
  const client = await connect();
  await client.deliver(encode(BINARY_FRAMED, { name: 'twice', fields: [[1, 21]] }));
  await client.replies(1);
  expect(await callersOf(registry, service)).toEqual({});
});
