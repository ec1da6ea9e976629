import { register } from 'prom-client';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { ErrorsCounted, InFlight, resetMetrics, Timed } from '../../src/index';
import { readCalls } from '../../src/runtime/calls/read-calls';
import { currentRuntime } from '../../src/runtime/runtime';
import { samplesOf } from '../support/value-of';

vi.mock('../../src/metrics/clock', () => import('../support/fakeable-clock.js'));

afterEach(() => {
  vi.restoreAllMocks();
  resetMetrics();
});

/** Failed requests of a service by their constant label `origin`, which the metric of the decorator gives them. */
async function failedRequests(service: string): Promise<Record<string, number>> {
  const failed: Record<string, number> = {};
  for (const { name, labels, value } of await samplesOf(register)) {
    if (name !== 'thrift_server_failed_requests_total' || value === 0) continue;
    if (labels['thrift_service'] !== service) continue;
    const key = `${labels['thrift_method']} ${labels['origin'] ?? '-'}`;
    failed[key] = (failed[key] ?? 0) + value;
  }
  return failed;
}

describe('a method with several metrics of one kind', () => {
  test('a failed call counts once, with the metric that has the built-in name', async () => {
    class StandardHandler {
      @ErrorsCounted({ name: 'outer_errors_total', labels: { origin: 'outer' } })
      @ErrorsCounted()
      outer(): void {
        throw new TypeError('failed');
      }

      @ErrorsCounted()
      @ErrorsCounted({ name: 'inner_errors_total', labels: { origin: 'inner' } })
      async inner(): Promise<void> {
        throw new TypeError('failed');
      }

      @ErrorsCounted({ name: 'third_errors_total', labels: { origin: 'third' } })
      @ErrorsCounted({ name: 'second_errors_total', labels: { origin: 'second' } })
      own(): void {
        throw new TypeError('failed');
      }
    }
    const handler = new StandardHandler();
    expect(() => handler.outer()).toThrow(TypeError);
    await expect(handler.inner()).rejects.toThrow(TypeError);
    expect(() => handler.own()).toThrow(TypeError);
    expect(await failedRequests('Standard')).toEqual({
      'outer -': 1,
      'inner -': 1,
      'own second': 1,
    });
  });

  test('a failed call counts once with legacy decorators, which bind a method after each of them', async () => {
    class LegacyHandler {
      fail(): void {
        throw new TypeError('failed');
      }
    }
    const { prototype } = LegacyHandler;
    const own = ErrorsCounted({ name: 'legacy_errors_total', labels: { origin: 'own' } });
    for (const decorate of [own, ErrorsCounted()] as MethodDecorator[]) {
      const before = Object.getOwnPropertyDescriptor(prototype, 'fail') as PropertyDescriptor;
      Object.defineProperty(prototype, 'fail', decorate(prototype, 'fail', before) ?? before);
    }
    expect(() => new LegacyHandler().fail()).toThrow(TypeError);
    expect(await failedRequests('Legacy')).toEqual({ 'fail -': 1 });
  });

  test('a call is listed once while it lasts, and kept once', () => {
    let seconds = 100;
    vi.spyOn(process, 'hrtime').mockImplementation((() => [seconds, 0]) as never);
    class ListedHandler {
      @InFlight('listed_active')
      @InFlight()
      hang(): Promise<void> {
        return new Promise(() => {});
      }

      @Timed('listed_seconds')
      @Timed()
      slow(): void {
        seconds += 2;
      }

      @ErrorsCounted('listed_errors_total')
      @ErrorsCounted()
      fail(): void {
        throw new TypeError('failed');
      }
    }
    const handler = new ListedHandler();
    void handler.hang();
    handler.slow();
    expect(() => handler.fail()).toThrow(TypeError);
    const { total, settled } = readCalls(currentRuntime(), false);
    expect(total).toBe(1);
    expect(settled.map(({ method }) => method).toSorted()).toEqual(['fail', 'slow']);
  });
});
