import { register } from 'prom-client';
import { describe, expect, test, vi } from 'vitest';

import { currentRuntime } from '../../../src/runtime/runtime';
import {
  configureMetrics,
  instrumentClient,
  resetMetrics,
  type InstrumentClientOptions,
} from '../../../src/index';
import { observeClient } from '../../../src/thrift/client/instrument-client';
import { errorOf } from '../../support/error-of';
import { samplesOf, valueOf } from '../../support/value-of';
import { ACTIVE, countsOf, failedWith, queueOf, SUCCEEDED } from './client-counts';
import { Answers, Library, loadEs5, Shelf, type AnyClient } from './library';
import { Loopback } from './loopback';
import { clientOf, startTcp, thriftLibrary } from './transports';

const es5 = loadEs5();

/** A client whose connection writes nothing. */
function unconnected(service: object): AnyClient {
  const transport = thriftLibrary.TBufferedTransport;
  const protocol = thriftLibrary.TBinaryProtocol;
  return clientOf({ transport, protocol, write: () => {} } as never, service);
}

const METHODS = [
  'ping',
  'count',
  'close',
  'twice',
  'divide',
  'clamp',
  'genreOf',
  'store',
  'describe',
  'note',
  'find',
  'clear',
];

test('instrumentClient returns the same client object', () => {
  const client = unconnected(Library);
  expect(instrumentClient(client)).toBe(client);
});

test('an instrumented client keeps its generated methods', () => {
  for (const service of [Library, es5]) {
    const bare = unconnected(service);
    const client = instrumentClient(unconnected(service), { name: 'methods' });
    for (const method of METHODS) expect(client[method]).toBe(bare[method]);
    expect(Object.keys(client)).toEqual(Object.keys(bare));
    for (const method of METHODS) {
      for (const key of [`send_${method}`, `recv_${method}`]) {
        expect(client[key]?.length).toBe(bare[key]?.length);
        expect(client[key]?.name).toBe(bare[key]?.name);
      }
    }
  }
});

test.each([
  ['ES6', Library],
  ['ES5', es5],
])('all series of an %s client are 0 before its first call', async (style, generated) => {
  const name = `zero ${style}`;
  instrumentClient(unconnected(generated), { name });
  const samples = (await samplesOf(register)).filter(
    (sample) => sample.labels.thrift_client_name === name && !sample.name.endsWith('_bucket'),
  );
  expect(samples.filter(({ value }) => value !== 0)).toEqual([]);
  const found = samples.map(({ name: metric, labels }) =>
    [
      metric,
      labels.thrift_service,
      labels.thrift_method,
      labels.thrift_success,
      labels.thrift_exception_type,
      labels.thrift_exception_kind,
    ]
      .filter((value) => value !== undefined)
      .join(' '),
  );
  const expected = METHODS.flatMap((method) => [
    `thrift_client_requests_total Library ${method}`,
    `thrift_client_active_requests Library ${method}`,
    `thrift_client_oldest_active_request_seconds Library ${method}`,
    `thrift_client_late_replies_total Library ${method}`,
    `thrift_client_latency_seconds_sum Library ${method} true`,
    `thrift_client_latency_seconds_sum Library ${method} false`,
    `thrift_client_latency_seconds_count Library ${method} true`,
    `thrift_client_latency_seconds_count Library ${method} false`,
    `thrift_client_errors_total Library ${method} TApplicationException application`,
    `thrift_client_errors_total Library ${method} ConnectionClosed transport`,
    `thrift_client_errors_total Library ${method} ETIMEDOUT timeout`,
    ...['declared', 'application', 'transport', 'timeout', 'result'].map(
      (kind) => `thrift_client_failed_requests_total Library ${method} ${kind}`,
    ),
  ]);
  expected.push('thrift_client_reconnects_total', 'thrift_client_offline_queue_length');
  expect(found.toSorted()).toEqual(expected.toSorted());
});

test('the client name defaults to the service name', async () => {
  instrumentClient(unconnected(Shelf));
  expect(await countsOf('Shelf', 'find', 'Shelf')).toMatchObject({ requests: 0 });
});

test('a subclass of a generated client keeps the service name', async () => {
  const { Client } = Library as unknown as { Client: new (...args: unknown[]) => object };
  class Billing extends Client {}
  instrumentClient(unconnected(Billing), { name: 'extended' });
  expect(await countsOf('extended', 'twice')).toMatchObject({ requests: 0 });
});

test('instrumenting a client again has no effect', async () => {
  const { connect } = await startTcp(Library, new Answers());
  const client = clientOf(connect(), Library);
  instrumentClient(client, { name: 'once' });
  const { send_twice: send, recv_twice: receive } = client;
  instrumentClient(client, { name: 'other' });
  expect([client.send_twice, client.recv_twice]).toEqual([send, receive]);
  await client.twice?.(1);
  expect(await countsOf('once', 'twice')).toEqual(SUCCEEDED);
  await expect(countsOf('other', 'twice')).rejects.toThrow('0 of thrift_client_requests_total');
});

test('an explicit name replaces the default name of the service', async () => {
  const { connect } = await startTcp(Library, new Answers());
  const connection = connect();
  const client = observeClient(currentRuntime(), clientOf(connection, Library), connection, {});
  await client.ping?.();
  instrumentClient(client, { name: 'given' });
  await client.ping?.();
  expect(await countsOf('Library', 'ping')).toEqual(SUCCEEDED);
  expect(await countsOf('given', 'ping')).toEqual(SUCCEEDED);
});

test.each([
  ['undefined', undefined],
  ['a function', () => {}],
  ['a service module', Library],
  ['a client class', Library.Client],
  ['an object that only has the methods', { twice() {}, send_twice() {} }],
])('instrumentClient rejects %s', (_, client) => {
  const { code, message } = errorOf(() => instrumentClient(client as object));
  expect(code).toBe('TM_ERR_OPTION_INVALID');
  expect(message).toMatch(
    /^instrumentClient: the client is .*\. Pass a client that thrift\.createClient returned/,
  );
});

test.each([
  ['frozen', Object.freeze(unconnected(Library))],
  ['sealed', Object.seal(unconnected(Library))],
  ['not extensible', Object.preventExtensions(unconnected(Library))],
])('instrumentClient rejects a client that is %s', (_, client) => {
  const { code, message } = errorOf(() => instrumentClient(client));
  expect(code).toBe('TM_ERR_OPTION_INVALID');
  expect(message).toMatch(
    /^instrumentClient: the client is frozen, sealed or not extensible.*\. Instrument it before/,
  );
});

test('instrumentClient rejects a frozen connection, and leaves the client as it was', () => {
  const connection = Object.freeze({ write: () => {} });
  const client = unconnected(Library);
  const { code, message } = errorOf(() => instrumentClient(client, { connection }));
  expect(code).toBe('TM_ERR_OPTION_INVALID');
  expect(message).toMatch(/^instrumentClient: the connection is frozen.*\. Instrument it before/);
  expect(Object.getOwnPropertySymbols(client)).toEqual([]);
});

test.each([
  [{ name: '' }, 'TM_ERR_OPTION_INVALID', /option 'name' is ''. Expected a non-empty string/],
  [{ name: 1 }, 'TM_ERR_OPTION_INVALID', /option 'name' is 1/],
  [
    { connection: {} },
    'TM_ERR_OPTION_INVALID',
    /option 'connection' is an object. Expected a connection/,
  ],
  [
    { nam: 'x' },
    'TM_ERR_OPTION_UNKNOWN',
    /option 'nam' is unknown. Did you mean 'name'\? Allowed options: name, connection/,
  ],
  [null, 'TM_ERR_OPTION_INVALID', /options are null/],
  [{ connection: 'localhost' }, 'TM_ERR_OPTION_INVALID', /option 'connection' is 'localhost'/],
  [{ connection: { write: true } }, 'TM_ERR_OPTION_INVALID', /option 'connection' is an object/],
])('instrumentClient rejects the options %o', (options, code, message) => {
  const client = unconnected(Library);
  const error = errorOf(() => instrumentClient(client, options as never));
  expect(error.code).toBe(code);
  expect(error.message).toMatch(message);
  expect(Object.hasOwn(client, 'send_twice')).toBe(false);
});

test('a service method whose name starts with send_ is measured under its own name', async () => {
  class MailClient {
    output = {};
    pClass = Object;
    _seqid = 0;
    _reqs = {};
    seqid = () => this._seqid;
    new_seqid = () => ++this._seqid;
    send_mail() {}
    send_send_mail() {}
    recv_send_mail() {}
  }
  instrumentClient(new MailClient(), { name: 'mail' });
  expect(await countsOf('mail', 'send_mail', '_unknown')).toMatchObject({ requests: 0 });
  await expect(countsOf('mail', 'mail', '_unknown')).rejects.toThrow('0 of');
});

test('the oldest call in progress is reported with its age', async () => {
  const handler = new Answers();
  const { connect } = await startTcp(Library, handler);
  const client = instrumentClient(clientOf(connect(), Library), { name: 'oldest' });
  const oldest = () =>
    valueOf(register, 'thrift_client_oldest_active_request_seconds', {
      thrift_client_name: 'oldest',
      thrift_method: 'clamp',
    });
  const arrival = handler.arrival();
  const before = performance.now();
  const call = client.clamp?.(1, 2, 3) as Promise<number>;
  await arrival;
  const seconds = (await oldest()) as number;
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual((performance.now() - before) / 1000);
  handler.held[0]?.(null, 1);
  await call;
  expect(await oldest()).toBe(0);
});

test('a call in flight during resetMetrics still counts when it ends, and takes no gauge below 0', async () => {
  const handler = new Answers();
  const { connect, kill } = await startTcp(Library, handler);
  const connection = connect();
  const client = instrumentClient(clientOf(connection, Library), { name: 'reset' });
  const arrivals = Promise.all([handler.arrival(), handler.arrival()]);
  const call = client.clamp?.(1, 2, 3) as Promise<number>;
  void client.clamp?.(4, 5, 6);
  await arrivals;
  resetMetrics();
  expect(await countsOf('reset', 'clamp')).toEqual({ ...ACTIVE, requests: 0, active: 0 });
  handler.held[0]?.(null, 2);
  await call;
  expect(await countsOf('reset', 'clamp')).toEqual({ ...SUCCEEDED, requests: 0 });
  const closed = new Promise((resolve) => void connection.once('close', resolve));
  await kill();
  await closed;
  expect(await countsOf('reset', 'clamp')).toEqual({
    ...failedWith('transport ConnectionClosed'),
    requests: 0,
    succeeded: 1,
  });
});

test('resetMetrics sets the queue gauge to 0, and queued calls that are sent later leave it at 0', async () => {
  const { connect } = await startTcp(Library, new Answers());
  const connection = connect();
  const client = instrumentClient(clientOf(connection, Library), { name: 'reset-queue' });
  const first = client.ping?.();
  expect(await queueOf('reset-queue')).toBe(1);
  resetMetrics();
  expect(await queueOf('reset-queue')).toBe(0);
  await first;
  expect(await queueOf('reset-queue')).toBe(0);
});

test('after resetMetrics, the queue gauge counts only calls that are queued later', async () => {
  const { connect } = await startTcp(Library, new Answers());
  const client = instrumentClient(clientOf(connect(), Library), { name: 'reset-queue-again' });
  const first = client.ping?.();
  resetMetrics();
  const second = client.ping?.();
  expect(await queueOf('reset-queue-again')).toBe(1);
  await Promise.all([first, second]);
  expect(await queueOf('reset-queue-again')).toBe(0);
});

test('while metrics are disabled, no new calls are recorded and earlier calls still end', async () => {
  const handler = new Answers();
  const { connect } = await startTcp(Library, handler);
  const client = instrumentClient(clientOf(connect(), Library), { name: 'disabled' });
  const arrival = handler.arrival();
  const call = client.clamp?.(1, 2, 3) as Promise<number>;
  await arrival;
  configureMetrics({ enabled: false });
  try {
    expect(await client.twice?.(1)).toBe(2);
    expect(await countsOf('disabled', 'twice')).toEqual({ ...ACTIVE, requests: 0, active: 0 });
    handler.held[0]?.(null, 2);
    await call;
    expect(await countsOf('disabled', 'clamp')).toEqual(SUCCEEDED);
  } finally {
    configureMetrics({ enabled: true });
  }
  expect(await client.twice?.(1)).toBe(2);
  expect(await countsOf('disabled', 'twice')).toEqual(SUCCEEDED);
});

test('a client instrumented while metrics are disabled is measured once they are enabled', async () => {
  const { connect } = await startTcp(Library, new Answers());
  configureMetrics({ enabled: false });
  const client = instrumentClient(clientOf(connect(), Library), { name: 'later' });
  await client.twice?.(1);
  configureMetrics({ enabled: true });
  await client.twice?.(1);
  expect(await countsOf('later', 'twice')).toEqual(SUCCEEDED);
});

test('a cleared registry gets the metrics back with the next client', async () => {
  instrumentClient(unconnected(Library), { name: 'cleared' });
  register.clear();
  instrumentClient(unconnected(Library), { name: 'cleared' });
  expect(await countsOf('cleared', 'twice')).toMatchObject({ requests: 0 });
});

test('error types past maxSeriesPerMetric are counted as _other', async () => {
  const connection = {
    transport: thriftLibrary.TBufferedTransport,
    protocol: thriftLibrary.TBinaryProtocol,
    write: () => {
      throw Object.assign(new Error('made up'), { code: `E${codes++}` });
    },
  };
  let codes = 0;
  const client = instrumentClient(clientOf(connection as never, Library), {
    name: 'bounded',
    connection,
  });
  const { size } = new Set(
    (await samplesOf(register))
      .filter(({ name }) => name === 'thrift_client_errors_total')
      .map(({ labels }) => JSON.stringify(labels)),
  );
  configureMetrics({ maxSeriesPerMetric: size + 1, onError: () => {} });
  for (let i = 0; i < 3; i++) await client.ping?.().catch(() => {});
  configureMetrics({ maxSeriesPerMetric: 2000 });
  expect((await countsOf('bounded', 'ping')).errors).toEqual({
    'transport E0': 1,
    'transport _other': 2,
  });
});

test('an unreadable error is counted as _unknown and reaches the caller unchanged', async () => {
  const hostile: unknown = new Proxy(new Error('hostile'), {
    get: () => {
      throw new Error('unreadable');
    },
    getPrototypeOf: () => {
      throw new Error('unreadable');
    },
  });
  const connection = {
    transport: thriftLibrary.TBufferedTransport,
    protocol: thriftLibrary.TBinaryProtocol,
    write: () => {
      throw hostile;
    },
  };
  configureMetrics({ onError: () => {} });
  const client = instrumentClient(clientOf(connection as never, Library), {
    name: 'hostile',
    connection,
  });
  const caught = await client.ping?.().catch((error: unknown) => [error]);
  expect(caught[0] === hostile).toBe(true);
  expect((await countsOf('hostile', 'ping')).errors).toEqual({ 'transport _unknown': 1 });
});

test('an error type past the limit is counted by itself once the limit is raised', async () => {
  const { client } = loopback({ name: 'raised' });
  configureMetrics({ maxSeriesPerMetric: 1, onError: () => {} });
  await client.find?.(1).catch(() => {});
  configureMetrics({ maxSeriesPerMetric: 2000 });
  await client.find?.(1).catch(() => {});
  expect((await countsOf('raised', 'find')).errors).toEqual({
    'declared _other': 1,
    'declared Missing': 1,
  });
});

/** An instrumented client whose calls are answered in this process. */
function loopback(options: InstrumentClientOptions = {}): {
  client: AnyClient;
  connection: Loopback;
} {
  const connection = new Loopback(Library);
  const client = instrumentClient(clientOf(connection, Library), { ...options, connection });
  return { client, connection };
}

/** The requests and errors of a client that are not 0, as `metric method tier type value`. */
async function countedOf(name: string): Promise<string[]> {
  const samples = (await samplesOf(register)).filter(
    (sample) =>
      /_(?:requests|errors)_total$/.test(sample.name) &&
      sample.name !== 'thrift_client_failed_requests_total' &&
      sample.labels.thrift_client_name === name &&
      sample.value > 0,
  );
  return samples.map(({ name: metric, labels, value }) =>
    [
      metric.replace('thrift_client_', ''),
      labels.thrift_method,
      labels['tier'],
      labels.thrift_exception_type,
      value,
    ]
      .filter((part) => part !== undefined)
      .join(' '),
  );
}

describe('a client that is instrumented again', () => {
  test('keeps the name that it got first, also if it had none before', async () => {
    const { client } = loopback();
    instrumentClient(client, { name: 'first name' });
    instrumentClient(client, { name: 'second name' });
    await client.ping?.();
    expect(await countsOf('first name', 'ping')).toEqual(SUCCEEDED);
  });

  test('can get a name after it got labels, which it keeps', async () => {
    const { client } = loopback();
    instrumentClient(client, { labels: { tier: 'gold' } });
    instrumentClient(client, { name: 'named after labels' });
    await client.ping?.();
    expect(await countedOf('named after labels')).toEqual(['requests_total ping gold 1']);
  });

  test('can get labels after it got a name, which it keeps', async () => {
    const { client } = loopback({ name: 'labels after name' });
    instrumentClient(client, { labels: { tier: 'gold' } });
    instrumentClient(client, { name: 'another name' });
    await client.ping?.();
    expect(await countedOf('labels after name')).toEqual(['requests_total ping gold 1']);
  });

  test('keeps labels that are functions of the call', async () => {
    const { client } = loopback({ name: 'first functions', labels: { tier: () => 'gold' } });
    instrumentClient(client, { labels: { tier: () => 'silver' } });
    await client.ping?.();
    expect(await countedOf('first functions')).toEqual(['requests_total ping gold 1']);
  });

  test('keeps labels that are functions of the call when it gets the option failed', async () => {
    const { client } = loopback({ name: 'failed after labels', labels: { tier: () => 'gold' } });
    instrumentClient(client, { failed: () => 'Bad' });
    await client.ping?.();
    expect(await countedOf('failed after labels')).toEqual([
      'requests_total ping gold 1',
      'errors_total ping gold Bad 1',
    ]);
  });

  test('keeps the option failed when it gets labels', async () => {
    const { client } = loopback({ name: 'labels after failed', failed: () => 'Bad' });
    instrumentClient(client, { labels: { tier: () => 'gold' } });
    await client.ping?.();
    expect(await countedOf('labels after failed')).toEqual([
      'requests_total ping gold 1',
      'errors_total ping gold Bad 1',
    ]);
  });

  test('is found by the connection that it gets', async () => {
    const connection = new Loopback(Library);
    const client = instrumentClient(clientOf(connection, Library), { name: 'connected later' });
    instrumentClient(client, { connection });
    void client.clamp?.(1, 2, 3);
    connection.emit('close');
    expect(await countsOf('connected later', 'clamp')).toEqual(
      failedWith('transport ConnectionClosed'),
    );
  });
});

test('a client with labels only is never asked whether a result counts as failed', async () => {
  const onError = vi.fn<(error: unknown, site: string) => void>();
  configureMetrics({ onError });
  const { client } = loopback({ name: 'labels only', labels: { tier: () => 'gold' } });
  expect(await client.twice?.(21)).toBe(42);
  expect(onError).not.toHaveBeenCalled();
  expect(await countedOf('labels only')).toEqual(['requests_total twice gold 1']);
});

test('the order of the labels in the options does not matter', async () => {
  const name = 'any order';
  const labels = { tier: 'gold', area: 'north', tenant: () => 'acme', kind: () => 'batch' };
  const { client: first } = loopback({ name, labels });
  const reversed = Object.fromEntries(Object.entries(labels).toReversed());
  const { client: second } = loopback({ name, labels: reversed });
  await first.ping?.();
  await second.ping?.();
  const requests = (await samplesOf(register)).filter(
    (sample) =>
      sample.name === 'thrift_client_requests_total' && sample.labels.thrift_client_name === name,
  );
  expect(
    requests.map(({ labels: found, value }) => [
      found.tier,
      found.area,
      found.tenant,
      found.kind,
      value,
    ]),
  ).toEqual([['gold', 'north', 'acme', 'batch', 2]]);
});

test('the connection null is like no connection', async () => {
  const connection = new Loopback(Library);
  const client = clientOf(connection, Library);
  instrumentClient(client, { name: 'null connection', connection: null as never });
  expect(await client.twice?.(21)).toBe(42);
  expect(await countsOf('null connection', 'twice')).toEqual(SUCCEEDED);
});
