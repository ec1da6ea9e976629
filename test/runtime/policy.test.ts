import { Registry } from 'prom-client';
import { beforeEach, describe, expect, test } from 'vitest';

import {
  configureMetrics,
  ErrorsCounted,
  getDeclaredMetrics,
  InFlight,
  Instrumented,
  instrumentHandler,
  instrumentService,
  type MetricRule,
  Objective,
  renderMetrics,
  resetMetrics,
  Timed,
} from '../../src/index';
import { CATALOGUE } from '../../src/metrics/catalogue';
import { BUILT_IN_NAMES } from '../../src/metrics/label-names';
import { currentRuntime } from '../../src/runtime/runtime';
import { Policy } from '../../src/runtime/policy';
import { reportUnmatched } from '../../src/runtime/unmatched-rules';
import { createPrometheusRules } from '../../src/dashboards';
import { errorOf } from '../support/error-of';
import { parseText } from '../support/text-format';
import { loadEs6 } from '../thrift/generated';
import { ruleOf } from './rule-of';

const reports: { site: string; error: unknown }[] = [];

@Instrumented({ service: 'Shop' })
class ShopHandler {
  buy(): string {
    return 'bought';
  }

  @Timed('shop_seconds', { buckets: [1, 2] })
  pay(): void {
    throw new RangeError('no money');
  }

  ping(): void {}

  async wait(until: Promise<void>): Promise<void> {
    await until;
  }
}

const handler = new ShopHandler();
const plain = instrumentHandler(
  { ping() {}, run: (caller: string) => caller },
  { service: 'Plain', labels: { caller: ({ args }) => String(args[0]) } },
);

beforeEach(() => {
  reports.length = 0;
  configureMetrics({
    registry: new Registry(),
    rules: [],
    prefix: '',
    maxSeriesPerMetric: 2000,
    onError: (error, site) => reports.push({ site, error }),
  });
  resetMetrics();
});

interface Found {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

async function samples(name?: string): Promise<Found[]> {
  const { body } = await renderMetrics();
  const all = parseText(body.toString()).map(({ labels, ...sample }) => ({
    ...sample,
    labels: Object.fromEntries(labels),
  }));
  return name === undefined ? all : all.filter((sample) => sample.name === name);
}

const REQUESTS = 'thrift_server_requests_total';

async function requests(): Promise<Record<string, number>> {
  const found = await samples(REQUESTS);
  return Object.fromEntries(
    found.map(({ labels, value }) => [
      [labels['thrift_service'], labels['thrift_method'], labels['caller']]
        .filter((each) => each !== undefined)
        .join('.'),
      value,
    ]),
  );
}

const configure = (...rules: MetricRule[]): void => configureMetrics({ rules });

describe('exclude', () => {
  test('an excluded method has no series, and counts from 0 when it is included again', async () => {
    handler.ping();
    handler.buy();
    configure({ match: { method: 'pin?' }, exclude: true });
    handler.ping();
    plain.ping();
    handler.buy();
    const text = (await renderMetrics()).body.toString();
    expect(text).not.toContain('thrift_method="ping"');
    expect(await requests()).toMatchObject({ 'Shop.buy': 2 });

    configure();
    expect(await requests()).toMatchObject({ 'Shop.ping': 0, 'Shop.buy': 2 });
    handler.ping();
    expect(await requests()).toMatchObject({ 'Shop.ping': 1 });
  });

  test('a class and a handler that are declared later are excluded too', async () => {
    configure({ match: { service: 'Later*' }, exclude: true });
    @Instrumented({ service: 'LaterClass' })
    class Later {
      run(): string {
        return 'ran';
      }
    }
    const facade = instrumentHandler({ run: () => 'ran' }, { service: 'LaterPlain' });
    expect([new Later().run(), facade.run()]).toEqual(['ran', 'ran']);
    expect((await renderMetrics()).body.toString()).not.toContain('thrift_service="Later');
    configure();
    expect(await requests()).toMatchObject({ 'LaterClass.run': 0, 'LaterPlain.run': 0 });
  });

  test('an excluded method is not recorded while recording is switched off and on again', async () => {
    configure({ match: { method: 'ping' }, exclude: true });
    configureMetrics({ enabled: false });
    configureMetrics({ enabled: true });
    handler.ping();
    handler.buy();
    configure();
    expect(await requests()).toMatchObject({ 'Shop.ping': 0, 'Shop.buy': 1 });
  });

  test('single metrics can be excluded, by their names with or without the prefix', async () => {
    configureMetrics({ prefix: 'my_' });
    configure({ match: { metric: 'my_thrift_server_latency*' }, exclude: true });
    handler.buy();
    expect(await samples('my_thrift_server_latency_seconds_count')).toEqual([]);
    configure({ match: { metric: 'thrift_server_latency*', service: 'Shop' }, exclude: true });
    const left = await samples('my_thrift_server_latency_seconds_count');
    expect(new Set(left.map(({ labels }) => labels['thrift_service']))).not.toContain('Shop');
    expect(left.length).toBeGreaterThan(0);
    configureMetrics({ prefix: '' });
  });

  test('without the metrics that a method declares, those that come with them still count', async () => {
    class CompanionsHandler {
      @InFlight() hang(): Promise<void> {
        return new Promise(() => {});
      }

      @ErrorsCounted() fail(): void {
        throw new TypeError('failed');
      }
    }
    configure(
      { match: { metric: 'thrift_server_active_requests' }, exclude: true },
      { match: { metric: 'thrift_server_errors_total' }, exclude: true },
    );
    const companions = new CompanionsHandler();
    void companions.hang();
    expect(() => companions.fail()).toThrow(TypeError);
    const shown = (await samples()).filter(
      ({ labels }) => labels['thrift_service'] === 'Companions',
    );
    expect(shown.map(({ name }) => name)).not.toContain('thrift_server_active_requests');
    expect(shown.map(({ name }) => name)).not.toContain('thrift_server_errors_total');
    const failed = shown.filter(({ name }) => name === 'thrift_server_failed_requests_total');
    expect(failed.reduce((sum, { value }) => sum + value, 0)).toBe(1);
    const age = shown.find(({ name }) => name === 'thrift_server_oldest_active_request_seconds');
    expect(age?.value).toBeGreaterThan(0);
  });

  test('the first rule that sets a key decides, each key by itself', async () => {
    configure(
      { match: { service: 'Shop', method: 'buy' }, exclude: false },
      { match: { service: 'Shop' }, exclude: true },
      { match: { service: 'Shop' }, buckets: [0.5] },
    );
    handler.buy();
    const text = (await renderMetrics()).body.toString();
    expect(text).toContain(
      'thrift_method="buy",thrift_service="Shop",thrift_success="true",le="0.5"',
    );
    expect(text).not.toContain('le="0.25"} 1');
    expect(text).not.toContain('thrift_method="ping",thrift_service="Shop"');
  });

  test('calls that are in progress when their method is excluded do not disturb its gauge', async () => {
    let settle = (): void => {};
    const waiting = handler.wait(new Promise((resolve) => (settle = resolve)));
    configure({ match: { method: 'wait' }, exclude: true });
    configure();
    settle();
    await waiting;
    const gauge = (await samples('thrift_server_active_requests')).find(
      ({ labels }) => labels['thrift_method'] === 'wait',
    );
    expect(gauge?.value).toBe(0);
  });

  test('getDeclaredMetrics lists what the rules leave', () => {
    configure(
      { match: { method: 'ping' }, exclude: true },
      { match: { method: 'buy' }, buckets: [3], native: true },
    );
    const declared = getDeclaredMetrics(ShopHandler);
    expect(declared.map(({ method }) => method)).not.toContain('ping');
    const timed = declared.find(({ kind, method }) => kind === 'timed' && method === 'buy');
    expect(timed).toMatchObject({ buckets: [3], native: true });
  });
});

describe('buckets and native', () => {
  const boundsOf = async (name: string, method: string): Promise<string[]> => {
    const found = await samples(`${name}_bucket`);
    const own = found.filter(({ labels }) => labels['thrift_method'] === method);
    return [...new Set(own.map(({ labels }) => labels['le'] as string))];
  };

  test('a rule wins over the buckets of a decorator and of configureMetrics, which apply again without the rule', async () => {
    handler.buy();
    configure({ match: { service: 'Shop' }, buckets: [0.1, 0.2] });
    expect(await boundsOf('thrift_server_latency_seconds', 'buy')).toEqual(['0.1', '0.2', '+Inf']);
    expect(await boundsOf('shop_seconds', 'pay')).toEqual(['0.1', '0.2', '+Inf']);
    configureMetrics({ buckets: [7] });
    expect(await boundsOf('thrift_server_latency_seconds', 'buy')).toEqual(['0.1', '0.2', '+Inf']);
    configure();
    expect(await boundsOf('shop_seconds', 'pay')).toEqual(['1', '2', '+Inf']);
    expect(await boundsOf('thrift_server_latency_seconds', 'buy')).toEqual(['7', '+Inf']);
  });

  test('a rule for buckets leaves the values of histograms whose buckets do not change', async () => {
    handler.buy();
    configure({ match: { method: 'pay' }, buckets: [3] });
    const counts = await samples('thrift_server_latency_seconds_count');
    const own = counts.find(
      ({ labels }) => labels['thrift_method'] === 'buy' && labels['thrift_success'] === 'true',
    );
    expect(own?.value).toBe(1);
  });
});

describe('labels.drop', () => {
  test('readers see sums over a dropped label, and all values again without the rule', async () => {
    handler.buy();
    handler.ping();
    for (const caller of ['a', 'b', 'b']) plain.run(caller);
    configure({ match: { metric: REQUESTS }, labels: { drop: ['caller', 'thrift_method'] } });
    expect(await requests()).toMatchObject({ Shop: 2, Plain: 3 });
    handler.buy();
    configure({ match: { metric: REQUESTS }, labels: { drop: ['caller'] } });
    expect(await requests()).toMatchObject({ 'Shop.buy': 2, 'Plain.run': 3 });
    configure();
    expect(await requests()).toMatchObject({ 'Plain.run.a': 1, 'Plain.run.b': 2 });
  });

  test('the type of an exception can be dropped', async () => {
    expect(() => handler.pay()).toThrow(RangeError);
    configure({ match: {}, labels: { drop: ['thrift_exception_type'] } });
    const errors = (await samples('thrift_server_errors_total')).filter(
      ({ labels }) => labels['thrift_service'] === 'Shop' && labels['thrift_method'] === 'pay',
    );
    expect(errors.map(({ labels, value }) => [labels['thrift_exception_type'], value])).toEqual([
      [undefined, 1],
    ]);
  });

  test('histograms with different buckets are summed at the bounds that all of them have', async () => {
    configure(
      { match: { method: 'buy' }, buckets: [1, 2, 3] },
      { match: { method: 'ping' }, buckets: [2, 3, 4] },
      { match: { service: 'Shop', method: 'wait' }, exclude: true },
      { match: { service: 'Shop', method: 'pay' }, exclude: true },
      { match: { metric: '*latency_seconds' }, labels: { drop: ['thrift_method'] } },
    );
    handler.buy();
    handler.ping();
    const found = (await samples('thrift_server_latency_seconds_bucket')).filter(
      ({ labels }) => labels['thrift_service'] === 'Shop' && labels['thrift_success'] === 'true',
    );
    expect(found.map(({ labels, value }) => [labels['le'], value])).toEqual([
      ['2', 2],
      ['3', 2],
      ['+Inf', 2],
    ]);
  });

  test("the registry's own renders have the sums too", async () => {
    const registry = new Registry();
    configureMetrics({ registry });
    handler.buy();
    handler.ping();
    configure({ match: {}, labels: { drop: ['thrift_method'] } });
    const text = await registry.metrics();
    expect(text).not.toContain('thrift_method=');
    expect(text).toContain('thrift_server_requests_total{thrift_service="Shop"} 2');
  });

  test('a histogram of which every label is dropped can be read', async () => {
    const service = instrumentService(loadEs6().service) as {
      Processor: new (own: object) => object;
    };
    void new service.Processor({});
    const metric = 'thrift_server_request_size_bytes';
    configure({ match: { metric }, labels: { drop: ['thrift_service', 'thrift_method'] } });
    const buckets = await samples(`${metric}_bucket`);
    expect(buckets.map(({ labels }) => Object.keys(labels))).toEqual(buckets.map(() => ['le']));
    expect(buckets.at(-1)?.labels).toEqual({ le: '+Inf' });
  });

  test('generated rules select the summed series', () => {
    configure(
      { match: {}, labels: { drop: ['thrift_method'] } },
      { match: { service: 'Shop' }, objective: { availability: 0.99 } },
    );
    const text = JSON.stringify(createPrometheusRules());
    expect(text).toContain(String.raw`thrift_service=\"Shop\",thrift_method=\"\"`);
    expect(text).not.toContain(String.raw`thrift_method=\"buy\"`);
  });
});

test('maxSeries limits the series of a metric', async () => {
  configure({ match: { metric: REQUESTS }, maxSeries: 1 });
  plain.run('new one');
  expect(Object.keys(await requests())).toContain('Plain.run._other');
  expect(Object.keys(await requests())).not.toContain('Plain.run.new one');
});

describe('objective', () => {
  @Instrumented({ service: 'Bank' })
  @Objective({ availability: 0.5 })
  class BankHandler {
    pay(): void {}
    ask(): void {}
  }
  const objectives = (): unknown[] =>
    getDeclaredMetrics(BankHandler)
      .filter(({ kind }) => kind === 'counted')
      .map(({ method, objective }) => [
        method,
        objective?.availability,
        objective?.latency?.within,
      ]);

  test('a rule wins over the objective in the code, which applies again without the rule', () => {
    configureMetrics({ buckets: [0.1, 1] });
    configure({
      match: { service: 'Bank', method: 'pay' },
      objective: { availability: 0.9, latency: { target: 0.9, within: 0.1 } },
    });
    expect(objectives()).toEqual([
      ['pay', 0.9, 0.1],
      ['ask', 0.5, undefined],
    ]);
    configure();
    expect(objectives()).toEqual([
      ['pay', 0.5, undefined],
      ['ask', 0.5, undefined],
    ]);
  });

  test('a latency bound of a rule that is not a bucket is refused for known methods, and reported for later ones', () => {
    configureMetrics({ buckets: [0.1, 1] });
    const objective = { availability: 0.9, latency: { target: 0.9, within: 0.3 } };
    const error = errorOf(() => configure({ match: { service: 'Bank' }, objective }));
    expect(error.code).toBe('TM_ERR_OBJECTIVE');
    expect(objectives()[0]).toEqual(['pay', 0.5, undefined]);

    configure({ match: { service: 'Later bank' }, objective });
    @Instrumented({ service: 'Later bank' })
    class LaterBank {
      pay(): void {}
    }
    const [metric] = getDeclaredMetrics(LaterBank);
    expect(metric?.objective).toMatchObject({ availability: 0.9 });
    expect(metric?.objective?.latency).toBeUndefined();
    expect(reports.map(({ site }) => site)).toContain('objective:LaterBank.pay');
  });
});

test('anomaly bands follow the rules', () => {
  configure(
    { match: { service: 'Shop', method: 'buy' }, anomalies: true },
    { match: { service: 'Shop', method: 'ping' }, anomalies: false },
  );
  const bands = (anomalies?: boolean): string =>
    JSON.stringify(
      createPrometheusRules({ anomalies }).groups.find(({ name }) => name === 'thrift_anomalies') ??
        null,
    );
  expect(bands(false)).toBe('null');
  const all = bands(true);
  expect(all).toContain(String.raw`thrift_method=\"ping\"`);
  expect(all).not.toContain(String.raw`thrift_method=\"buy\"`);
  const one = bands();
  expect(one).toContain(String.raw`thrift_method=\"ping\"`);
  expect(one).not.toContain(String.raw`thrift_method=\"buy\"`);
});

test('a rule that matches nothing is reported once', () => {
  configure(
    { match: { method: 'buy' }, exclude: true },
    { match: { method: 'bye' }, exclude: true },
  );
  const { faults, settings } = currentRuntime();
  reportUnmatched(settings.policy, faults);
  reportUnmatched(settings.policy, faults);
  expect(reports.map(({ error }) => (error as { code: string }).code)).toEqual([
    'TM_ERR_RULE_UNMATCHED',
  ]);
  expect(reports[0]?.site).toBe('configureMetrics: rules[1]');
});

describe('refused rules', () => {
  test.each<[unknown, string, string]>([
    ['none', 'TM_ERR_OPTION_INVALID', "option 'rules' is 'none'"],
    [[null], 'TM_ERR_RULE', 'rules[0]: found null'],
    [[{ exclude: true }], 'TM_ERR_RULE', "no 'match'"],
    [[{ match: {} }], 'TM_ERR_RULE', 'changes nothing'],
    [[{ match: { metod: 'x' }, exclude: true }], 'TM_ERR_OPTION_UNKNOWN', "Did you mean 'method'?"],
    [[{ match: {}, exlude: true }], 'TM_ERR_OPTION_UNKNOWN', "Did you mean 'exclude'?"],
    [[{ match: { method: '' }, exclude: true }], 'TM_ERR_OPTION_INVALID', 'a pattern'],
    [[{ match: { method: /x/ }, exclude: true }], 'TM_ERR_OPTION_INVALID', 'a pattern'],
    [[{ match: {}, exclude: 1 }], 'TM_ERR_OPTION_INVALID', 'true or false'],
    [[{ match: {}, buckets: [2, 1] }], 'TM_ERR_BUCKETS', 'rules[0]'],
    [[{ match: {}, labels: {} }], 'TM_ERR_RULE', 'drops nothing'],
    [[{ match: {}, labels: { drop: ['le'] } }], 'TM_ERR_LABEL_NAME', "'le' cannot be dropped"],
    [
      [{ match: {}, labels: { drop: ['thrift_success'] } }],
      'TM_ERR_LABEL_NAME',
      'cannot be dropped',
    ],
    [
      [{ match: {}, objective: { availability: 99 } }],
      'TM_ERR_OPTION_INVALID',
      'rules[0]: objective',
    ],
    [
      [{ match: { metric: 'x' }, objective: { availability: 0.9 } }],
      'TM_ERR_RULE',
      'not single metrics',
    ],
    [[{ match: { method: 'x' }, maxSeries: 3 }], 'TM_ERR_RULE', 'whole metrics'],
  ])('the rules %o are refused, and nothing changes', async (rules, code, message) => {
    handler.ping();
    const before = (await renderMetrics()).body.toString();
    const error = errorOf(() => configureMetrics({ rules: rules as MetricRule[], prefix: 'x_' }));
    expect({ code: error.code, message: error.message }).toEqual({
      code,
      message: expect.stringContaining(message),
    });
    expect((await renderMetrics()).body.toString()).toBe(before);
  });
});

describe('Policy', () => {
  const NOBODY = { service: null, method: null };
  const SIZES = CATALOGUE.requestSize.name;
  const policyOf = (...rules: Parameters<typeof ruleOf>[0][]): Policy =>
    new Policy(rules.map(ruleOf), { prefix: 'app_', labelNames: BUILT_IN_NAMES });

  test('a policy without rules is empty and decides nothing', () => {
    expect([policyOf().isEmpty, policyOf({ exclude: true }).isEmpty]).toEqual([true, false]);
    expect(policyOf().rulingOf('a', {})).toBeNull();
    expect(policyOf().rulingOfMethod('a', NOBODY)).toBeNull();
  });

  test('a policy excludes the metrics that a rule matches, with or without the prefix', () => {
    const policy = policyOf(
      { metric: /^a$/, exclude: true },
      { metric: /^app_b$/, exclude: true },
      { metric: /^c$/, exclude: false },
    );
    expect(['a', 'b', 'c', 'd'].map((name) => policy.isExcluded(name, NOBODY))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test('a policy knows which metrics may lose labels', () => {
    const policy = policyOf({ metric: /^a$/, drop: ['op'] }, { metric: /^b$/, exclude: true });
    expect(['a', 'b', 'c'].map((name) => policy.mayDrop(name))).toEqual([true, false, false]);
  });

  test('a policy finds the first series limit that is set for a metric', () => {
    const policy = policyOf(
      { metric: /^a$/, exclude: true },
      { metric: /^b$/, maxSeries: 7 },
      { metric: /^a$/, maxSeries: 5 },
      { metric: /^a$/, maxSeries: 6 },
    );
    expect(['a', 'b', 'c'].map((name) => policy.maxSeriesOf(name))).toEqual([5, 7, null]);
  });

  test('a policy decides again after it has forgotten its decisions', () => {
    const settings = { prefix: 'app_', labelNames: BUILT_IN_NAMES };
    const policy = new Policy([ruleOf({ metric: /^app_a$/, exclude: true })], settings);
    expect(policy.isExcluded('a', NOBODY)).toBe(true);
    settings.prefix = 'other_';
    policy.forget();
    expect(policy.isExcluded('a', NOBODY)).toBe(false);
  });

  test('a rule without a metric leaves buckets of sizes as they are, and one with a metric does not', () => {
    const sets = { buckets: [1], native: true };
    expect(policyOf(sets).rulingOf('a', {})).toMatchObject(sets);
    expect(policyOf(sets).rulingOf(SIZES, {})).toBeNull();
    expect(policyOf({ ...sets, metric: /size/ }).rulingOf(SIZES, {})).toMatchObject(sets);
  });

  test('a ruling has only what rules set, and a rule that sets nothing of it has none', () => {
    expect(policyOf({ native: false }).rulingOf('a', {})).toEqual({
      isExcluded: false,
      buckets: null,
      native: false,
      dropped: [],
    });
    expect(policyOf({ maxSeries: 1 }).rulingOf('a', {})).toBeNull();
  });

  test('a pattern for services does not match a metric without one, whatever it says', () => {
    const policy = policyOf({ service: /null/, exclude: true });
    expect(policy.isExcluded('a', NOBODY)).toBe(false);
    expect(policy.isExcluded('a', { service: 'null', method: null })).toBe(true);
  });
});
