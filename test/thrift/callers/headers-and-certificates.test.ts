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
import { multiplexing, serve, start } from '../service/serve';
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

/** The members of Thrift's own transport that set headers, which it writes when `writeHeaders` runs. */
interface HeaderOutput {
  setWriteHeader(name: string, value: string): void;
  clearWriteHeaders(): void;
  writeHeaders(): void;
  flush(): void;
}

/** A generated processor, with a protocol whose transport has read headers. */
interface Processor {
  process(input: { readonly trans: { getReadHeaders(): object } }, output: object): void;
}

type Headers = Readonly<Record<string, string>>;

/** Makes a call with each of these sets of headers over one connection to a server. */
async function callWith(
  port: number,
  options: object,
  sent: readonly Headers[],
  createClient: typeof clientOf = clientOf,
): Promise<void> {
  const connection = closeAfterTest(thriftLibrary.createConnection('127.0.0.1', port, options));
  const client = createClient(connection, Library);
  const output = client['output'] as unknown as HeaderOutput;
  const { flush } = output;
  output.flush = function () {
    this.writeHeaders();
    return flush.call(this);
  };
  for (const headers of sent) {
    output.clearWriteHeaders();
    for (const [name, value] of Object.entries(headers)) output.setWriteHeader(name, value);
    // oxlint-disable-next-line no-await-in-loop -- the calls follow one another
    expect(await client['twice']?.(21)).toBe(42);
  }
}

describe('the headers of THeaderProtocol', () => {
  const options = { protocol: thriftLibrary.THeaderProtocol, transport: thrift.TFramedTransport };

  /** Makes a call with headers, and returns the counts of its caller. */
  async function send(headers: Headers) {
    const service = nextService();
    const server = thriftLibrary.createServer(serviceNamed(service), handlerOf(service), options);
    const { port, close } = await listen(server as Server);
    onTestFinished(close);
    await callWith(port, options, [headers]);
    return callersOf(registry, service);
  }

  test.each([
    ['identity of fbthrift, with its version', { identity: 'checkout', id_version: '1' }],
    ['User-Agent of baseplate', { 'User-Agent': 'checkout' }],
    ['baggage, before the others', { baggage: 'thrift.caller=checkout', 'User-Agent': 'other' }],
    ['identity, before User-Agent', { identity: 'checkout', id_version: '1', 'User-Agent': 'x' }],
  ])('the caller is named by %s', async (_, headers) => {
    expect(await send(headers)).toEqual({ checkout: [1, 0] });
  });

  test.each([
    ['identity of an unknown version', { identity: 'checkout', id_version: '2' }],
    ['identity without a version', { identity: 'checkout' }],
    ['an empty User-Agent', { 'User-Agent': '' }],
    ['other headers', { a: 'b' }],
  ])('the caller is not known with %s', async (_, headers) => {
    expect(await send(headers)).toEqual({});
  });

  test('the headers of a peer that is not trusted do not name the caller', async () => {
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

describe('over a buffered transport, which keeps the headers of earlier messages', () => {
  const options = {
    protocol: thriftLibrary.THeaderProtocol,
    transport: thrift.TBufferedTransport,
  };
  // Answers at once: Thrift forgets before a later answer that the request had headers.
  const handler = {
    twice: (number: number, answer: (error: null, result: number) => void) =>
      answer(null, 2 * number),
  };
  const sent = [{ 'User-Agent': 'checkout' }, { a: 'b' }, {}, { 'User-Agent': 'basket' }];

  const createProcessor = (service: string): Processor => {
    const code = serviceNamed(service) as unknown as { Processor: new (of: object) => Processor };
    return new code.Processor(handler);
  };

  const multiplexed: typeof clientOf = (connection, service) =>
    new thriftLibrary.Multiplexer().createClient('library', service, connection);

  test.each([
    ['a processor', createProcessor, clientOf],
    [
      'a MultiplexedProcessor',
      (service: string) => {
        const processor = new multiplexing.MultiplexedProcessor();
        processor.registerProcessor('library', createProcessor(service));
        return processor;
      },
      multiplexed,
    ],
  ])(
    'behind %s, a message without a name is not counted for the caller of the message before',
    async (_, create, createClient) => {
      const service = nextService();
      const server = multiplexing.createMultiplexServer(create(service), options);
      const { port, close } = await listen(server);
      onTestFinished(close);
      await callWith(port, options, sent, createClient);
      expect(await callersOf(registry, service)).toEqual({
        checkout: [1, undefined],
        basket: [1, undefined],
      });
    },
  );

  test('the program still finds all headers that the transport has kept', async () => {
    const service = nextService();
    const kept: unknown[] = [];
    const processor = createProcessor(service);
    const { process } = processor;
    processor.process = function (input, output) {
      process.call(this, input, output);
      kept.push({ ...input.trans.getReadHeaders() });
    };
    const server = multiplexing.createMultiplexServer(processor, options);
    const { port, close } = await listen(server);
    onTestFinished(close);
    await callWith(port, options, sent.slice(0, 2));
    expect(kept).toEqual([{ 'User-Agent': 'checkout' }, { 'User-Agent': 'checkout', a: 'b' }]);
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

  test('a certificate that the server has verified names the caller', async () => {
    expect(await call(known)).toEqual({ checkout: [2, 0] });
  });

  test('a certificate that no known authority has signed names no caller', async () => {
    expect(await call(stranger)).toEqual({});
  });

  test('without a certificate, the caller is not known', async () => {
    expect(await call(null)).toEqual({});
  });

  test('the name in the request comes before that in the certificate', async () => {
    const named = encodeNamedCall(BINARY_FRAMED, 'thrift.caller=basket');
    expect(await call(known, named)).toEqual({ basket: [2, 0] });
  });

  test('the certificate names the caller where names in requests are not trusted', async () => {
    onTestFinished(enableTracing({ acceptFrom: false }));
    const named = encodeNamedCall(BINARY_FRAMED, 'thrift.caller=basket');
    expect(await call(known, named)).toEqual({ checkout: [2, 0] });
  });

  test('a certificate names the caller of every request of an HTTPS connection', async () => {
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
