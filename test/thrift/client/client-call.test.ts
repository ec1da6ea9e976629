import { Registry } from 'prom-client';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';

import {
  configureMetrics,
  instrumentClient,
  resetMetrics,
  type InstrumentClientOptions,
} from '../../../src/index';
import { Runtime } from '../../../src/runtime/runtime';
import { ClientCall } from '../../../src/thrift/client/client-call';
import { CONNECTION_CLOSED, TIMED_OUT } from '../../../src/thrift/client/client-failure';
import {
  ClientMethodMetrics,
  type RequestCells,
} from '../../../src/thrift/client/client-method-metrics';
import { clientMetricsOf } from '../../../src/thrift/client/client-metrics';
import type { ClientProfile } from '../../../src/thrift/client/client-profile';
import { ACTIVE, countsOf, lateRepliesOf, SUCCEEDED } from './client-counts';
import { Library, type AnyClient } from './library';
import { Loopback } from './loopback';
import { clientOf } from './transports';

const onError = vi.fn<(error: unknown, site: string) => void>();
beforeEach(() => {
  // A fault of each site is reported once.
  resetMetrics();
  onError.mockClear();
  configureMetrics({ onError });
});

let clients = 0;
const nextName = (): string => `call-${clients++}`;

function start(options: InstrumentClientOptions): { client: AnyClient; connection: Loopback } {
  const connection = new Loopback(Library);
  const client = instrumentClient(clientOf(connection, Library), { ...options, connection });
  return { client, connection };
}

describe('a fault of this package', () => {
  const fault = new Error('fault of the metrics');

  /** Makes a function of the metrics of a method fail until the test ends. */
  function breakMetrics(key: 'failedRequestsOf' | 'lateRepliesOf' | 'errorsOf'): void {
    const spy = vi.spyOn(ClientMethodMetrics.prototype, key).mockImplementation(() => {
      throw fault;
    });
    onTestFinished(() => spy.mockRestore());
  }

  test('in recording an error is reported, and the caller gets the error', async () => {
    const name = nextName();
    const { client } = start({ name });
    breakMetrics('failedRequestsOf');
    await expect(client['divide']?.(1, 0)).rejects.toThrow('by zero');
    expect(onError.mock.calls).toEqual([[fault, 'client call']]);
    expect(await countsOf(name, 'divide')).toMatchObject({ requests: 1, active: 0 });
  });

  test('in recording a result that counts as failed is reported, and the caller gets the result', async () => {
    const name = nextName();
    const { client } = start({ name, failed: () => true });
    breakMetrics('errorsOf');
    expect(await client['twice']?.(21)).toBe(42);
    expect(onError.mock.calls).toEqual([[fault, 'client call']]);
    expect(await countsOf(name, 'twice')).toMatchObject({ requests: 1, active: 0, failed: 1 });
  });

  test('in counting a late reply is reported, and the caller gets the reply', async () => {
    const { client, connection } = start({ name: nextName() });
    breakMetrics('lateRepliesOf');
    const call = client['clamp']?.(1, 2, 3) as Promise<number>;
    connection.emit('timeout');
    connection.handler.held[0]?.(null, 2);
    expect(await call).toBe(2);
    expect(onError.mock.calls).toEqual([[fault, 'client call']]);
  });
});

describe('the end of a call', () => {
  /** A client in a runtime of its own. */
  function profileIn(runtime: Runtime): ClientProfile {
    runtime.settings.registry = new Registry();
    return clientMetricsOf(runtime).profile('Library', 'own', { constant: {}, names: [] });
  }

  test('is recorded once, as the first that is reported', () => {
    const profile = profileIn(new Runtime());
    const method = profile.method('twice');
    const call = new ClientCall(profile, 1, method, null);
    expect(call.settled).toBe(false);
    call.fail(TIMED_OUT);
    expect(call.settled).toBe(true);
    call.fail(CONNECTION_CLOSED);
    call.succeed(1);
    call.answer(null, 1);
    const failures = [TIMED_OUT, CONNECTION_CLOSED].map((failure) => method.errorsOf(failure, []));
    expect(failures.map(({ value }) => value)).toEqual([1, 0]);
    const { requests, inFlight, succeeded, failed } = method.cells as RequestCells;
    expect([requests.value, inFlight.value]).toEqual([1, 0]);
    expect([succeeded.count(), failed.count()]).toEqual([0, 1]);
  });

  test('has its duration by error type only while something reads that', () => {
    const runtime = new Runtime();
    const profile = profileIn(runtime);
    const method = profile.method('twice');
    new ClientCall(profile, 1, method, null).fail(TIMED_OUT);
    expect(method.cells?.failed.errorTypes).toBeNull();
    runtime.errorTypes.recorded = true;
    new ClientCall(profile, 2, method, null).fail(TIMED_OUT);
    expect([...(method.cells?.failed.errorTypes?.keys() ?? [])]).toEqual(['ETIMEDOUT']);
  });
});

describe('a reply that the client passes on', () => {
  test('after another late one of the same call is not counted again', async () => {
    const name = nextName();
    const { client, connection } = start({ name });
    const call = client['clamp']?.(1, 2, 3) as Promise<number>;
    const { _reqs: callbacks } = client as unknown as { _reqs: Record<number, () => void> };
    const callback = callbacks[1] as () => void;
    connection.emit('timeout');
    connection.handler.held[0]?.(null, 2);
    callback();
    expect(await call).toBe(2);
    expect(await lateRepliesOf(name, 'clamp')).toBe(1);
  });

  test('before the connection reports the end of the call is not late', async () => {
    const name = nextName();
    const { client, connection } = start({ name });
    expect(await client['twice']?.(21)).toBe(42);
    connection.emit('timeout');
    expect(await countsOf(name, 'twice')).toEqual(SUCCEEDED);
    expect(await lateRepliesOf(name, 'twice')).toBe(0);
  });

  test('leaves the other pending calls of the connection', async () => {
    const name = nextName();
    const { client } = start({ name });
    void client['clamp']?.(1, 2, 3);
    expect(await client['twice']?.(21)).toBe(42);
    expect(await countsOf(name, 'clamp')).toEqual(ACTIVE);
  });
});
