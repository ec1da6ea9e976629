import { register } from 'prom-client';
import { afterEach, expect, test, vi } from 'vitest';

import {
  configureMetrics,
  Counted,
  InFlight,
  Instrumented,
  resetMetrics,
  Timed,
} from '../../../src/index';
import { readCalls } from '../../../src/runtime/calls/read-calls';
import { currentRuntime } from '../../../src/runtime/runtime';
import { valueOf } from '../../support/value-of';

vi.mock('../../../src/metrics/clock', () => import('../../support/fakeable-clock.js'));

afterEach(() => {
  vi.restoreAllMocks();
  configureMetrics({ rules: [] });
  resetMetrics();
});

/** The methods of the calls in progress, one for each call that is listed. */
function listed(): string[] {
  const { total, inProgress } = readCalls(currentRuntime(), false);
  expect(inProgress).toHaveLength(total);
  return inProgress.map(({ service, method }) => `${service}.${method}`);
}

const hang = (): Promise<void> => new Promise(() => {});

test('a call of a method with several legacy decorators is listed once', () => {
  class StackedHandler {
    hang(): Promise<void> {
      return hang();
    }
  }
  const { prototype } = StackedHandler;
  for (const decorate of [InFlight(), Timed(), Counted()] as MethodDecorator[]) {
    const before = Object.getOwnPropertyDescriptor(prototype, 'hang') as PropertyDescriptor;
    Object.defineProperty(prototype, 'hang', decorate(prototype, 'hang', before) ?? before);
  }
  void new StackedHandler().hang();
  expect(listed()).toEqual(['Stacked.hang']);
});

test('a call that began before the class of its method was known is listed under the service of the class', async () => {
  class LateHandler {
    @Instrumented() hang(): Promise<void> {
      return hang();
    }
  }
  // oxlint-disable-next-line typescript/unbound-method -- called without a receiver
  const unbound = LateHandler.prototype.hang;
  void Reflect.apply(unbound, undefined, []);
  expect(listed()).toEqual(['_unknown.hang']);
  void new LateHandler().hang();
  expect(listed()).toEqual(['Late.hang', 'Late.hang']);
  const oldest = (service: string) =>
    valueOf(register, 'thrift_server_oldest_active_request_seconds', { thrift_service: service });
  expect(await oldest('_unknown')).toBeUndefined();
  expect(await oldest('Late')).toBeGreaterThan(0);
});

test('a rule that excludes the age of calls in progress does not hide these calls', () => {
  class RuledHandler {
    @InFlight() hang(): Promise<void> {
      return hang();
    }
  }
  const handler = new RuledHandler();
  configureMetrics({ rules: [{ match: { metric: '*oldest_active*' }, exclude: true }] });
  void handler.hang();
  expect(listed()).toEqual(['Ruled.hang']);
});

test('the peer of a kept async call is known, also if the method does not count calls in flight', async () => {
  let seconds = 100;
  vi.spyOn(process, 'hrtime').mockImplementation((() => [seconds, 0]) as never);
  class TimedHandler {
    @Timed() async run(): Promise<void> {
      await Promise.resolve();
      seconds += 2;
    }
  }
  const { journal } = currentRuntime();
  const message = {
    service: 'Timed',
    methodName: 'run',
    settled: false,
    peer: { address: '192.0.2.1', port: 7 },
    caller: 'shop',
    queueSeconds: 0.5,
    handler: null,
    args: null,
    published: null,
  };
  const handler = new TimedHandler();
  journal.incoming = Object.assign(message, { served: message as never });
  const pending = handler.run();
  journal.incoming = null;
  await pending;
  expect(readCalls(currentRuntime(), false).settled).toMatchObject([
    { service: 'Timed', method: 'run', peer: '192.0.2.1:7', caller: 'shop', queueSeconds: 0.5 },
  ]);
});
