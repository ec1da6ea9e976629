import { once } from 'node:events';

import { register } from 'prom-client';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { configureMetrics, instrumentClient, type Call } from '../../../src/index';
import { unhandledRejectionsOf } from '../../support/unhandled-rejections';
import { samplesOf, valueOf } from '../../support/value-of';
import { countsOf, failedWith, SUCCEEDED } from './client-counts';
import { Answers, Library, loadEs5, type AnyClient } from './library';
import { clientOf, startHttp, startTcp, startWebSocket, type Start } from './transports';

const es5 = loadEs5();

type MakeCall = (client: AnyClient, method: string, ...args: unknown[]) => Promise<unknown>;

const promised: MakeCall = async (client, method, ...args) => client[method]?.(...args);
const calledBack: MakeCall = (client, method, ...args) =>
  new Promise((resolve, reject) => {
    client[method]?.(...args, (error: unknown, result: unknown) =>
      error ? reject(error) : resolve(result),
    );
  });

const STYLES: readonly [string, object, MakeCall][] = [
  ['ES6 with promises', Library, promised],
  ['ES5 with promises', es5, promised],
  ['ES5 with callbacks', es5, calledBack],
];

const TRANSPORTS: readonly [string, Start][] = [
  ['TCP', startTcp],
  ['HTTP', startHttp],
  ['WebSocket', startWebSocket],
];

/** Results above 40 count as failed. */
const above40 = ({ result }: Call): boolean | string => (result > 40 ? 'above 40' : false);

const onError = vi.fn<(error: unknown, site: string) => void>();
beforeAll(() => configureMetrics({ onError }));
beforeEach(() => onError.mockClear());

let clients = 0;
const nextName = (): string => `failed-${clients++}`;

describe.each(TRANSPORTS)('over %s', (_, start) => {
  test.each(STYLES)(
    'a reply that counts as failed has kind result for a client in %s',
    async (__, service, call) => {
      const name = nextName();
      const failed = vi.fn(above40);
      const { connect } = await start(Library, new Answers());
      const client = instrumentClient(clientOf(connect(), service), { name, failed });

      expect(await call(client, 'twice', 21)).toBe(42);
      expect(await countsOf(name, 'twice')).toEqual(failedWith('result above 40'));
      expect(await call(client, 'twice', 1)).toBe(2);
      expect(await countsOf(name, 'twice')).toEqual({
        ...failedWith('result above 40'),
        requests: 2,
        succeeded: 1,
      });
      expect(failed.mock.calls).toEqual([
        [expect.objectContaining({ args: [21], method: 'twice', service: 'Library', result: 42 })],
        [expect.objectContaining({ args: [1], method: 'twice', service: 'Library', result: 2 })],
      ]);
      expect(onError).not.toHaveBeenCalled();
    },
  );

  test.each(STYLES)(
    'errors of a client in %s keep their kinds, and the function is not asked about them',
    async (__, service, call) => {
      const name = nextName();
      const failed = vi.fn(() => true);
      const { connect } = await start(Library, new Answers());
      const client = instrumentClient(clientOf(connect(), service), { name, failed });

      await expect(call(client, 'find', 7)).rejects.toMatchObject({ id: 7 });
      expect(await countsOf(name, 'find')).toEqual(failedWith('declared Missing'));
      await expect(call(client, 'twice', -1)).rejects.toMatchObject({ why: 'negative' });
      expect(await countsOf(name, 'twice')).toEqual(failedWith('declared Refused'));
      await expect(call(client, 'divide', 1, 0)).rejects.toMatchObject({ message: 'by zero' });
      const application = failedWith('application TApplicationException');
      expect(await countsOf(name, 'divide')).toEqual(application);
      await expect(call(client, 'count')).rejects.toBe('count failed: unknown result');
      expect(await countsOf(name, 'count')).toEqual(application);
      expect(failed).not.toHaveBeenCalled();
    },
  );

  test.each(STYLES)(
    'a oneway call of a client in %s has no result, so it does not count as failed',
    async (__, service, call) => {
      const name = nextName();
      const failed = vi.fn(({ result }: Call) => result.status === 'bad');
      const { connect } = await start(Library, new Answers());
      const client = instrumentClient(clientOf(connect(), service), { name, failed });
      await call(client, 'note', 'text');
      expect(await countsOf(name, 'note')).toEqual(SUCCEEDED);
      expect(onError).not.toHaveBeenCalled();
    },
  );

  test('a call whose connection closes keeps kind transport, and failed is not asked about it', async () => {
    const name = nextName();
    const failed = vi.fn(() => true);
    const handler = new Answers();
    const { connect, kill } = await start(Library, handler);
    const connection = connect();
    connection.on('error', () => {});
    const client = instrumentClient(clientOf(connection, Library), { name, failed });
    const arrival = handler.arrival();
    client.clamp?.(1, 2, 3).catch(() => {});
    await arrival;
    const end = Promise.race([once(connection, 'close'), once(connection, 'error')]);
    await kill();
    await end.catch(() => {});
    const { errors, active } = await countsOf(name, 'clamp');
    expect(Object.entries(errors)).toEqual([[expect.stringMatching(/^transport \w+$/), 1]]);
    expect(active).toBe(0);
    expect(failed).not.toHaveBeenCalled();
  });
});

const resultSeries = (name: string): Promise<number | undefined> =>
  valueOf(register, 'thrift_client_errors_total', {
    thrift_client_name: name,
    thrift_method: 'twice',
    thrift_exception_kind: 'result',
    thrift_exception_type: 'result',
  });

test('the series of kind result exists at 0 only for a client with the option failed', async () => {
  const [plain, judged] = [nextName(), nextName()];
  const { connect } = await startTcp(Library, new Answers());
  instrumentClient(clientOf(connect(), Library), { name: plain });
  instrumentClient(clientOf(connect(), Library), { name: judged, failed: () => true });
  expect(await resultSeries(plain)).toBeUndefined();
  expect(await resultSeries(judged)).toBe(0);
});

test('a client that gets its name later has the series of kind result under that name', async () => {
  const name = nextName();
  const { connect } = await startTcp(Library, new Answers());
  const client = instrumentClient(clientOf(connect(), Library), { failed: () => true });
  expect(await resultSeries('Library')).toBe(0);
  instrumentClient(client, { name });
  expect(await resultSeries(name)).toBe(0);
  expect(await client.twice?.(1)).toBe(2);
  expect(await countsOf(name, 'twice')).toEqual(failedWith('result result'));
});

test('a client that is instrumented twice keeps its first function failed and asks it once', async () => {
  const name = nextName();
  const [first, second] = [vi.fn(() => 'FIRST'), vi.fn(() => 'SECOND')];
  const { connect } = await startTcp(Library, new Answers());
  const client = instrumentClient(clientOf(connect(), Library), { name, failed: first });
  expect(instrumentClient(client, { failed: second })).toBe(client);
  expect(instrumentClient(client)).toBe(client);
  expect(await client.twice?.(1)).toBe(2);
  expect(await countsOf(name, 'twice')).toEqual(failedWith('result FIRST'));
  expect(first).toHaveBeenCalledTimes(1);
  expect(second).not.toHaveBeenCalled();
});

test('a client that was instrumented without the option failed can get it later', async () => {
  const name = nextName();
  const { connect } = await startTcp(Library, new Answers());
  const client = instrumentClient(clientOf(connect(), Library), { name });
  expect(await client.twice?.(1)).toBe(2);
  instrumentClient(client, { failed: () => true });
  expect(await resultSeries(name)).toBe(0);
  expect(await client.twice?.(1)).toBe(2);
  expect(await countsOf(name, 'twice')).toEqual({
    requests: 2,
    active: 0,
    succeeded: 1,
    failed: 1,
    errors: { 'result result': 1 },
  });
});

test('the caller gets the same result, struct or not, whatever the function failed does to the call', async () => {
  const name = nextName();
  const { connect } = await startTcp(Library, new Answers());
  let judged: unknown;
  const client = instrumentClient(clientOf(connect(), Library), {
    name,
    failed: (call) => {
      judged = call.result;
      Object.assign(call, { result: 'tampered', args: [] });
      return true;
    },
  });
  const result = await client.twice?.(8);
  expect(result).toBe(16);
  expect(judged).toBe(16);
});

test.each([
  [
    'throws',
    (): boolean => {
      throw new Error('fault');
    },
  ],
  ['returns a number', () => 1 as unknown as boolean],
  ['returns a promise that rejects', (() => Promise.reject(new Error('x'))) as never],
])('a function that %s is a fault, and the call succeeds', async (_, failed) => {
  const name = nextName();
  const { connect } = await startTcp(Library, new Answers());
  const client = instrumentClient(clientOf(connect(), Library), { name, failed });
  const unhandled = await unhandledRejectionsOf(async () => {
    expect(await client.twice?.(1)).toBe(2);
  });
  expect(unhandled).toEqual([]);
  expect(await countsOf(name, 'twice')).toEqual(SUCCEEDED);
});

test('a fault of the function failed is counted and reported with its site', async () => {
  const { connect } = await startTcp(Library, new Answers());
  const fault = new Error('fault of a client');
  const before = await faults();
  const client = instrumentClient(clientOf(connect(), Library), {
    name: nextName(),
    failed: () => {
      throw fault;
    },
  });
  await client.twice?.(1);
  expect((await faults()) - before).toBe(1);
});

async function faults(): Promise<number> {
  return (await samplesOf(register))
    .filter(({ name }) => name === 'thrift_metrics_internal_errors_total')
    .reduce((sum, { value }) => sum + value, 0);
}

test('the time that the function failed takes is not part of the latency', async () => {
  const name = nextName();
  const { connect } = await startTcp(Library, new Answers());
  const client = instrumentClient(clientOf(connect(), Library), {
    name,
    failed: () => {
      const end = performance.now() + 500;
      while (performance.now() < end);
      return true;
    },
  });
  expect(await client.twice?.(1)).toBe(2);
  const labels = { thrift_client_name: name, thrift_method: 'twice', thrift_success: 'false' };
  const seconds = await valueOf(register, 'thrift_client_latency_seconds_sum', labels);
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThan(0.5);
});

test('while metrics are disabled, the function failed is not asked', async () => {
  const failed = vi.fn(() => true);
  const { connect } = await startTcp(Library, new Answers());
  const client = instrumentClient(clientOf(connect(), Library), { name: nextName(), failed });
  configureMetrics({ enabled: false });
  try {
    expect(await client.twice?.(1)).toBe(2);
  } finally {
    configureMetrics({ enabled: true });
  }
  expect(failed).not.toHaveBeenCalled();
});

test.each([true, 'INVALID', null, {}])(
  'instrumentClient rejects the option failed: %j',
  async (failed) => {
    const { connect } = await startTcp(Library, new Answers());
    const client = clientOf(connect(), Library);
    const keys = Reflect.ownKeys(client);
    expect(() => instrumentClient(client, { failed } as object)).toThrow(
      /^instrumentClient: option 'failed' .* Expected a function/,
    );
    expect(Reflect.ownKeys(client)).toEqual(keys);
  },
);
