import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { Counted, ErrorsCounted, Instrumented, ThriftService, Timed } from '../../src/index';
import { configureMetrics, instrument, resetMetrics } from '../../src/index';
import { CATALOGUE } from '../../src/metrics/catalogue';
import type { Family } from '../../src/metrics/family';
import { currentRuntime } from '../../src/runtime/runtime';
import { renderMetrics } from '../../src/scrape/render';
import { turnsDuring } from '../support/turns-during';
import { samplesOf, valueOf } from '../support/value-of';

vi.mock('../../src/metrics/clock', () => import('../support/fakeable-clock.js'));

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const { idleSeries, families } = currentRuntime();

/** Seconds. A sweep then takes place each second. */
const EXPIRE_AFTER = 8;

let registry: Registry;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  registry = new Registry();
  configureMetrics({ registry, expireAfter: EXPIRE_AFTER, onError: () => {} });
});
afterEach(() => {
  configureMetrics({ expireAfter: null, maxSeriesPerMetric: 2000, rules: [], enabled: true });
  vi.useRealTimers();
});

const seconds = (duration: number): Promise<unknown> =>
  vi.advanceTimersByTimeAsync(duration * 1000);

/** As long as an idle series stays at most. */
const untilExpired = (): Promise<unknown> => seconds(EXPIRE_AFTER * 1.25);

const tenantOf = ({ args: [tenant] }: { args: readonly unknown[] }): string => String(tenant);

/** Lets the next sweep fail at the requests, which it looks at before the latencies. */
function failNextSweep(): void {
  vi.spyOn(families.find(CATALOGUE.counted) as Family, 'expire').mockImplementationOnce(() => {
    throw new Error('sweep');
  });
}

/** The options of a function whose first argument is the tenant. */
const ofTenants = (service: string) => ({ service, method: 'm', labels: { tenant: tenantOf } });

let services = 0;
const newService = (): string => `Idle${++services}`;

/** The values of a metric of a service by tenant. */
async function byTenant(name: string, service: string): Promise<Record<string, number>> {
  const samples = (await samplesOf(registry)).filter(
    (sample) => sample.name === name && sample.labels['thrift_service'] === service,
  );
  return Object.fromEntries(samples.map(({ labels, value }) => [String(labels['tenant']), value]));
}

const requestsOf = (service: string) => byTenant('thrift_server_requests_total', service);

test('a series of a call expires between the time of the setting and a quarter later', async () => {
  const service = newService();
  const call = instrument((tenant: string) => tenant, ofTenants(service));
  call('a');
  await seconds(4);
  call('b');
  await seconds(EXPIRE_AFTER - 4.001);
  expect(await requestsOf(service)).toEqual({ a: 1, b: 1 });
  await seconds(2.001);
  expect(await requestsOf(service)).toEqual({ b: 1 });
  await seconds(1.999);
  expect(await requestsOf(service)).toEqual({ b: 1 });
  await seconds(2.001);
  expect(await requestsOf(service)).toEqual({});
  const expired = { metric: 'thrift_server_requests_total' };
  expect(await valueOf(registry, 'thrift_metrics_expired_series_total', expired)).toBeGreaterThan(
    1,
  );
});

test('a series stays while calls record something in it', async () => {
  await untilExpired();
  const service = newService();
  const call = instrument((tenant: string) => tenant, ofTenants(service));
  const left = vi.fn<() => void>();
  idleSeries.listeners.add(left);
  for (let i = 0; i < 10; i++) {
    call('a');
    await seconds(EXPIRE_AFTER - 1);
  }
  idleSeries.listeners.delete(left);
  expect(left).not.toHaveBeenCalled();
  expect(await requestsOf(service)).toEqual({ a: 10 });
  expect(await byTenant('thrift_server_active_requests', service)).toEqual({ a: 0 });
});

test('no series expires and no timer runs while the setting is off', async () => {
  configureMetrics({ expireAfter: null });
  expect(vi.getTimerCount()).toBe(0);
  const service = newService();
  instrument((tenant: string) => tenant, { service, method: 'm', labels: { tenant: tenantOf } })(
    'a',
  );
  await seconds(1000);
  expect(await requestsOf(service)).toEqual({ a: 1 });
});

test('after a change of the setting, the time of an idle series is counted from 0', async () => {
  const service = newService();
  instrument((tenant: string) => tenant, { service, method: 'm', labels: { tenant: tenantOf } })(
    'a',
  );
  await seconds(7);
  configureMetrics({ expireAfter: 80 });
  await seconds(79);
  expect(await requestsOf(service)).toEqual({ a: 1 });
  await seconds(22);
  expect(await requestsOf(service)).toEqual({});
});

test('series with constant labels and the series past the limit stay', async () => {
  const service = newService();
  const call = instrument((_tenant: string) => {}, ofTenants(service));
  const plain = instrument(() => {}, { service, method: 'plain', labels: { tenant: 'constant' } });
  plain();
  call('a');
  configureMetrics({ maxSeriesPerMetric: 1 });
  call('b');
  await untilExpired();
  expect(await requestsOf(service)).toEqual({ constant: 1, _other: 1 });
});

test('expired series make room below the series limit', async () => {
  const service = newService();
  const call = instrument((_tenant: string) => {}, ofTenants(service));
  const family = families.find(CATALOGUE.counted);
  configureMetrics({ maxSeriesPerMetric: (family?.size ?? 0) + 2 });
  for (const tenant of ['a', 'b']) call(tenant);
  await untilExpired();
  for (const tenant of ['c', 'd']) call(tenant);
  expect(await requestsOf(service)).toEqual({ c: 1, d: 1 });
});

test('a series that returns starts at 0, at a time after the end of the expired one', async () => {
  const service = newService();
  const call = instrument((_tenant: string) => {}, ofTenants(service));
  const cell = () =>
    families
      .find(CATALOGUE.counted)
      ?.find({ thrift_service: service, thrift_method: 'm', tenant: 'a' })?.cell as {
      startedAt: number;
      value: number;
    };
  call('a');
  const before = cell();
  await untilExpired();
  expect(cell()).toBeUndefined();
  const end = Math.round(performance.now());
  await seconds(1);
  call('a');
  expect(cell().value).toBe(1);
  expect(cell().startedAt).toBeGreaterThan(end);
  expect(before.value).toBe(1);
});

test('the gauge of a call in progress stays as long as the call, and its end is counted', async () => {
  const service = newService();
  const ends: ((error?: unknown) => void)[] = [];
  const call = instrument(
    (_tenant: string) =>
      new Promise<void>((resolve, reject) => {
        ends.push((error) => (error === undefined ? resolve() : reject(error)));
      }),
    { service, method: 'm', labels: { tenant: tenantOf } },
  );
  const calls = [call('a'), call('a'), call('a')];
  await untilExpired();
  expect(await requestsOf(service)).toEqual({});
  expect(await byTenant('thrift_server_active_requests', service)).toEqual({ a: 3 });
  ends[0]?.();
  await calls[0];
  await untilExpired();
  expect(await byTenant('thrift_server_latency_seconds_count', service)).toEqual({});
  ends[1]?.();
  await calls[1];
  expect(await byTenant('thrift_server_latency_seconds_count', service)).toEqual({ a: 1 });
  ends[2]?.(new RangeError('x'));
  await calls[2]?.catch(() => {});
  expect(await byTenant('thrift_server_errors_total', service)).toEqual({ a: 1 });
  expect(await byTenant('thrift_server_active_requests', service)).toEqual({ a: 0 });
  await untilExpired();
  expect(await byTenant('thrift_server_active_requests', service)).toEqual({});
});

test('a call that lasts longer than all series of its labels is counted when it ends', async () => {
  const service = newService();
  const ends: (() => void)[] = [];
  @ThriftService(service)
  class Handler {
    @Timed({ labels: { tenant: tenantOf } })
    m(_tenant: string): Promise<void> {
      return new Promise((resolve) => void ends.push(resolve));
    }
  }
  const handler = new Handler();
  // The series exist when the second and the third call arrive.
  const first = handler.m('a');
  ends[0]?.();
  await first;
  const calls = [handler.m('a'), handler.m('a')];
  const counts = () => byTenant('thrift_server_latency_seconds_count', service);
  await untilExpired();
  expect(await counts()).toEqual({});
  ends[1]?.();
  await calls[0];
  expect(await counts()).toEqual({ a: 1 });
  await untilExpired();
  expect(await counts()).toEqual({});
  ends[2]?.();
  await calls[1];
  expect(await counts()).toEqual({ a: 1 });
});

test('the series of error types expire, except those that are known before the first call', async () => {
  const service = newService();
  const fail = instrument(
    (error: unknown) => {
      throw error;
    },
    { service, method: 'm' },
  );
  const types = async (): Promise<Record<string, number>> => {
    const samples = (await samplesOf(registry)).filter(
      ({ name, labels }) =>
        name === 'thrift_server_errors_total' && labels['thrift_service'] === service,
    );
    return Object.fromEntries(
      samples.map(({ labels, value }) => [String(labels['thrift_exception_type']), value]),
    );
  };
  for (const error of [new Error('x'), new RangeError('x')]) expect(() => fail(error)).toThrow('x');
  expect(await types()).toEqual({ Error: 1, RangeError: 1 });
  await untilExpired();
  expect(await types()).toEqual({ Error: 1 });
  for (const error of [new Error('x'), new RangeError('x')]) expect(() => fail(error)).toThrow('x');
  expect(await types()).toEqual({ Error: 2, RangeError: 1 });
});

test('a second class with the same service and method also forgets the cells of expired series', async () => {
  const service = newService();
  const create = () => {
    @ThriftService(service)
    class Handler {
      @Instrumented({ labels: { tenant: tenantOf } })
      m(_tenant: string): void {}
    }
    return new Handler();
  };
  const [first, second] = [create(), create()];
  first.m('a');
  second.m('a');
  await untilExpired();
  second.m('a');
  first.m('a');
  second.m('a');
  expect(await requestsOf(service)).toEqual({ a: 3 });
});

test('a declaration with other label names for the same series also forgets the cell of an expired series', async () => {
  const service = newService();
  const zone = (): string => 'z';
  const one = instrument((_tenant: string) => {}, {
    service,
    method: 'm',
    labels: { tenant: tenantOf, zone },
  });
  const other = instrument((_tenant: string) => {}, {
    service,
    method: 'm',
    labels: { zone, tenant: tenantOf },
  });
  const third = instrument((_tenant: string) => {}, {
    service,
    method: 'm',
    labels: { zone: 'z', tenant: tenantOf },
  });
  for (const call of [one, other, third]) call('a');
  expect(await requestsOf(service)).toEqual({ a: 3 });
  await untilExpired();
  expect(await requestsOf(service)).toEqual({});
  for (const call of [third, other, one, other]) call('a');
  expect(await requestsOf(service)).toEqual({ a: 4 });
});

test('a series that rules sum with others stays, so that the sum does not fall', async () => {
  const service = newService();
  const call = instrument((_tenant: string) => {}, ofTenants(service));
  configureMetrics({ rules: [{ match: { service }, labels: { drop: ['tenant'] } }] });
  for (const tenant of ['a', 'b']) call(tenant);
  await untilExpired();
  expect(await requestsOf(service)).toEqual({ undefined: 2 });
});

test.each([
  ['of the call', { tenant: tenantOf, zone: () => 'z' }],
  ['constant', { tenant: 'a', zone: 'z' }],
])(
  'a series stays that rules sum with one that has another label, which is %s',
  async (_title, labels) => {
    const service = newService();
    const one = instrument((_tenant: string) => {}, ofTenants(service));
    const other = instrument((_tenant: string) => {}, { service, method: 'm', labels });
    configureMetrics({ rules: [{ match: { service }, labels: { drop: ['zone'] } }] });
    for (const call of [one, other]) call('a');
    await untilExpired();
    expect(await requestsOf(service)).toEqual({ a: 2 });
  },
);

test('a rule that drops a label lets the series of metrics without this label expire', async () => {
  const service = newService();
  const call = instrument((_tenant: string) => {}, ofTenants(service));
  configureMetrics({ rules: [{ match: {}, labels: { drop: ['thrift_exception_type'] } }] });
  call('a');
  await untilExpired();
  expect(await requestsOf(service)).toEqual({});
});

test('a series that reaches the same count again after a reset is not idle', async () => {
  const service = newService();
  const call = instrument((_tenant: string) => {}, ofTenants(service));
  call('a');
  await seconds(7.5);
  resetMetrics();
  call('a');
  await seconds(7);
  expect(await requestsOf(service)).toEqual({ a: 1 });
});

test('a series does not expire while a scrape is reading its family', async () => {
  const service = newService();
  const call = instrument((_tenant: string) => {}, ofTenants(service));
  call('a');
  const family = families.find(CATALOGUE.counted);
  const reading = family?.shown()[Symbol.iterator]() as Iterator<unknown>;
  reading.next();
  await untilExpired();
  expect(await requestsOf(service)).toEqual({ a: 1 });
  reading.return?.();
  await seconds(1);
  expect(await requestsOf(service)).toEqual({});
});

test('a reader that never ends does not keep a series from expiring', async () => {
  const service = newService();
  instrument((_tenant: string) => {}, { service, method: 'm', labels: { tenant: tenantOf } })('a');
  const abandon = (): void => {
    const reading = families.find(CATALOGUE.counted)?.shown()[Symbol.iterator]();
    expect(reading?.next().done).toBe(false);
  };
  abandon();
  // A reference that was created in this turn of the event loop keeps its target until the next one.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  await untilExpired();
  expect(await requestsOf(service)).toEqual({});
});

test('a sweep over many series yields to the event loop, also where it removes them', async () => {
  const service = newService();
  configureMetrics({ maxSeriesPerMetric: 1_000_000 });
  @ThriftService(service)
  class Handler {
    @Counted({ labels: { tenant: tenantOf } })
    m(_tenant: string): void {}
  }
  const handler = new Handler();
  for (let i = 0; i < 20_000; i++) handler.m(String(i));
  vi.useRealTimers();
  // Sweeps by itself, because the real clock does not jump.
  configureMetrics({ expireAfter: 3600 });
  const turns: number[] = [];
  for (let i = 0; i < 10; i++) turns.push(await turnsDuring(idleSeries.sweep()));
  expect(await requestsOf(service)).toEqual({});
  // Looking at a series takes more than 10 ns, and the loop is held for 0.1 ms at most.
  for (const each of turns.slice(0, 9)) expect(each).toBeGreaterThan(2);
});

test('formats show the gauge of an idle series as 0', async () => {
  const service = newService();
  instrument((_tenant: string) => {}, { service, method: 'm', labels: { tenant: tenantOf } })('a');
  await seconds(3);
  // A scrape has deadlines.
  vi.useRealTimers();
  const { body } = await renderMetrics();
  expect(String(body)).toMatch(
    new RegExp(`^thrift_server_active_requests\\{[^}]*"${service}"\\} 0$`, 'm'),
  );
});

test('a sweep that fails is reported, and the next one takes place', async () => {
  const sites: string[] = [];
  configureMetrics({ onError: (_error, site) => void sites.push(site) });
  const service = newService();
  instrument((_tenant: string) => {}, ofTenants(service))('a');
  failNextSweep();
  await seconds(1);
  expect(sites).toContain('idle series');
  await untilExpired();
  expect(await requestsOf(service)).toEqual({});
});

test('a series that was reset and used before a sweep that fails is not idle after it', async () => {
  const service = newService();
  const call = instrument((_tenant: string) => {}, ofTenants(service));
  call('a');
  await seconds(8.5);
  families.find(CATALOGUE.timed)?.reset();
  call('a');
  failNextSweep();
  await seconds(2);
  expect(await byTenant('thrift_server_latency_seconds_count', service)).toEqual({ a: 1 });
});

test('a listener that fails is reported, and all series that expire are counted', async () => {
  const sites: string[] = [];
  configureMetrics({ onError: (_error, site) => void sites.push(site) });
  const call = instrument((_tenant: string) => {}, ofTenants(newService()));
  for (const tenant of ['a', 'b']) call(tenant);
  const metric = 'thrift_server_requests_total';
  const counted = async (): Promise<number> =>
    (await valueOf(registry, 'thrift_metrics_expired_series_total', { metric })) ?? 0;
  const before = await counted();
  let expired = 0;
  const fail = ({ registeredName }: Pick<Family, 'registeredName'>): void => {
    if (registeredName === metric) expired++;
    throw new Error('listener');
  };
  idleSeries.listeners.add(fail);
  await untilExpired();
  idleSeries.listeners.delete(fail);
  expect(sites).toContain('idle series');
  expect(expired).toBeGreaterThanOrEqual(2);
  expect((await counted()) - before).toBe(expired);
});

test('one timer runs after the setting has changed and changed back during a sweep', async () => {
  instrument((_tenant: string) => {}, ofTenants(newService()))('a');
  const change = (): void => {
    idleSeries.listeners.delete(change);
    for (const expireAfter of [80, EXPIRE_AFTER]) configureMetrics({ expireAfter });
  };
  idleSeries.listeners.add(change);
  await untilExpired();
  expect(idleSeries.listeners.has(change)).toBe(false);
  expect(vi.getTimerCount()).toBe(1);
});

describe('random calls and sweeps', () => {
  const service = newService();
  const ends: (() => void)[] = [];
  const labels = { tenant: tenantOf };
  @ThriftService(service)
  class One {
    @Counted({ labels })
    @Timed({ labels })
    @ErrorsCounted({ labels })
    m(_tenant: string, how: string, callback?: (error: unknown) => void): unknown {
      return behave(how, callback);
    }
  }
  @ThriftService(service)
  class Two {
    @Instrumented({ labels })
    m(_tenant: string, how: string, callback?: (error: unknown) => void): unknown {
      return behave(how, callback);
    }
  }
  function behave(how: string, callback?: (error: unknown) => void): unknown {
    const error = how.includes('fail') ? new RangeError('x') : null;
    if (how.startsWith('sync')) {
      if (error !== null) throw error;
      return 1;
    }
    if (how.startsWith('callback')) return void ends.push(() => callback?.(error));
    return new Promise((resolve, reject) => {
      ends.push(() => (error === null ? resolve(1) : reject(error)));
    });
  }

  test.each([1, 2, 3])('no recording is lost, by seed %i', async (seed) => {
    let state = seed * 7919;
    const random = (below: number): number => {
      state = (state * 1103515245 + 12345) % 2 ** 31;
      return Math.floor((state / 2 ** 31) * below);
    };
    const counted: Record<string, number> = {};
    const count = (what: string): void => void (counted[what] = (counted[what] ?? 0) + 1);
    const left: Record<string, number> = {};
    let expired = 0;
    const listener: Parameters<typeof idleSeries.listeners.add>[0] = (
      family,
      { labels: own, cell },
    ) => {
      if (own['thrift_service'] !== service) return;
      expired++;
      const value =
        'generation' in cell
          ? 0
          : 'count' in cell
            ? typeof cell.count === 'number'
              ? cell.count
              : cell.count()
            : cell.value;
      const key = `${family.registeredName} ${own['tenant']} ${own['thrift_success'] ?? ''}`;
      left[key] = (left[key] ?? 0) + value;
    };
    idleSeries.listeners.add(listener);
    const handlers = [new One(), new Two()];
    for (let i = 0; i < 3000; i++) {
      const dice = random(10);
      if (dice < 5) {
        const tenant = `t${random(12)}`;
        const how = ['sync', 'sync fail', 'callback', 'callback fail', 'async', 'async fail'][
          random(6)
        ] as string;
        count(`thrift_server_requests_total ${tenant} `);
        count(`thrift_server_latency_seconds ${tenant} ${!how.includes('fail')}`);
        if (how.includes('fail')) count(`thrift_server_errors_total ${tenant} `);
        try {
          const result = handlers[random(2)]?.m(
            tenant,
            how,
            ...(how.startsWith('callback') ? [() => {}] : []),
          );
          if (result instanceof Promise) result.catch(() => {});
        } catch {
          // It has failed as it should.
        }
      } else if (dice < 8) {
        ends.splice(random(ends.length), 1)[0]?.();
        await Promise.resolve();
      } else await seconds(random(dice === 8 ? 2 : 12));
    }
    for (const end of ends.splice(0)) end();
    await seconds(0);
    for (const { name, labels: own, value } of await samplesOf(registry)) {
      if (own['thrift_service'] !== service) continue;
      const base = name.replace(/_count$/, '');
      if (name.endsWith('active_requests')) expect(value).toBe(0);
      const isCounted = /(?:requests_total|errors_total|latency_seconds_count)$/.test(name);
      if (!isCounted || own['tenant'] === undefined) continue;
      const key = `${base} ${own['tenant']} ${own['thrift_success'] ?? ''}`;
      left[key] = (left[key] ?? 0) + value;
    }
    idleSeries.listeners.delete(listener);
    const sums = Object.fromEntries(
      Object.entries(left).filter(([key]) => Object.hasOwn(counted, key)),
    );
    expect(sums).toEqual(counted);
    expect(Object.values(counted).reduce((a, b) => a + b)).toBeGreaterThan(1000);
    expect(expired).toBeGreaterThan(50);
    resetMetrics();
  });
});
