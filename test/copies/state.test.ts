import { register } from 'prom-client';
import { beforeEach, describe, expect, test } from 'vitest';

import { errorOf } from '../support/error-of';
import { valueOf } from '../support/value-of';
import { loadPackages } from './packages';

const { first, second } = loadPackages('copies');

const PROTOBUF =
  'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';
const LATENCY = 'thrift_server_latency_seconds';

beforeEach(() => {
  first.resetMetrics();
  first.configureMetrics({ onError: () => {} });
});

test('turning native histograms off in one copy leaves a histogram alone that is declared native in the other', async () => {
  class NativeHandler {
    @first.Timed({ native: true }) run(): void {}
  }
  const handler = new NativeHandler();
  for (let i = 0; i < 5; i++) handler.run();
  const labels = { thrift_service: 'Native', thrift_success: 'true' };
  const before = (await first.renderMetrics({ accept: PROTOBUF, names: [LATENCY] })).body;

  second.configureMetrics({ nativeHistograms: false });

  expect(await valueOf(register, `${LATENCY}_count`, labels)).toBe(5);
  const after = (await first.renderMetrics({ accept: PROTOBUF, names: [LATENCY] })).body;
  expect(after).toEqual(before);
});

describe('a method with decorators of both copies', () => {
  test('a pending call has waited only since it began', async () => {
    @second.ThriftService('Pending')
    class PendingHandler {
      @first.InFlight wait(answer: Promise<void>): Promise<void> {
        return answer;
      }
    }
    let end = (): void => {};
    const call = new PendingHandler().wait(new Promise((resolve) => void (end = resolve)));
    const labels = { thrift_service: 'Pending' };
    const oldest = 'thrift_server_oldest_active_request_seconds';
    expect(await valueOf(register, oldest, labels)).toBeLessThan(30);
    end();
    await call;
    expect(await valueOf(register, oldest, labels)).toBe(0);
  });

  test('every metric is recorded once', async () => {
    @first.Instrumented
    @second.Instrumented
    class TwiceHandler {
      @first.Counted @second.Timed run(): void {}

      @second.Instrumented async later(): Promise<void> {}
    }
    const handler = second.instrumentHandler(first.instrumentHandler(new TwiceHandler()));
    handler.run();
    await handler.later();
    for (const thrift_method of ['run', 'later']) {
      const labels = { thrift_service: 'Twice', thrift_method };
      const requests = await valueOf(register, 'thrift_server_requests_total', labels);
      const calls = await valueOf(register, `${LATENCY}_count`, {
        ...labels,
        thrift_success: 'true',
      });
      expect({ thrift_method, requests, calls }).toEqual({ thrift_method, requests: 1, calls: 1 });
    }
  });
});

describe('a thenable that methods of both copies return', () => {
  test('callers that share a promise also share the derived promise', async () => {
    const shared = Promise.resolve('memoized');
    class SharedHandler {
      @first.Timed one(): Promise<string> {
        return shared;
      }

      @second.Timed other(): Promise<string> {
        return shared;
      }
    }
    const handler = new SharedHandler();
    const promise = handler.one();
    expect(handler.other()).toBe(promise);
    await promise;
    for (const thrift_method of ['one', 'other']) {
      const labels = { thrift_service: 'Shared', thrift_method, thrift_success: 'true' };
      expect(await valueOf(register, `${LATENCY}_count`, labels)).toBe(1);
    }
  });

  test('the then of a frozen thenable is called once for all methods that return it', () => {
    let queries = 0;
    const query = Object.freeze({
      then(): void {
        queries++;
      },
    });
    class QueryHandler {
      @first.Timed one(): unknown {
        return query;
      }

      @second.Timed other(): unknown {
        return query;
      }
    }
    const handler = new QueryHandler();
    expect(handler.one()).toBe(query);
    expect(handler.other()).toBe(query);
    expect(queries).toBe(1);
  });
});

describe('ThriftMetricsError', () => {
  let error: unknown;
  beforeEach(() => {
    error = errorOf(() => first.configureMetrics({ prefix: '1 x' }));
  });

  test('instanceof recognizes an error of another copy', () => {
    expect(error).toBeInstanceOf(first.ThriftMetricsError);
    expect(error).toBeInstanceOf(second.ThriftMetricsError);
  });

  test.each([
    ['another error', new Error('x')],
    ['an object with a code', { name: 'ThriftMetricsError', code: 'TM_ERR_METRIC_NAME' }],
    ['null', null],
    ['a string', 'x'],
  ])('instanceof does not recognize %s', (_title, value) => {
    expect(value).not.toBeInstanceOf(first.ThriftMetricsError);
  });

  test('instanceof a subclass recognizes only instances of the subclass', () => {
    class OwnError extends first.ThriftMetricsError {}
    const own = new OwnError('TM_ERR_TLS', 'x');
    expect(error).not.toBeInstanceOf(OwnError);
    expect(own).toBeInstanceOf(OwnError);
    expect(own).toBeInstanceOf(second.ThriftMetricsError);
  });
});
