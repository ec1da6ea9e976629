import { afterEach, describe, expect, test } from 'vitest';

import {
  createPrometheusRules,
  type PrometheusAlertingRule,
  type PrometheusRecordingRule,
} from '../../../src/dashboards';
import {
  configureMetrics,
  Counted,
  ErrorsCounted,
  Instrumented,
  Objective,
  ThriftService,
  Timed,
} from '../../../src/index';
import { errorOf } from '../../support/error-of';

@Instrumented
@Objective({ availability: 0.999, latency: { target: 0.99, within: 1 } })
class StoreHandler {
  async get() {}

  @Objective({ availability: 0.99, declaredExceptionsAreErrors: true, window: '7d' })
  @ErrorsCounted({ labels: { shard: ({ args }) => String(args[0]) } })
  async put(_shard: number) {}
}

class PlainHandler {
  @Counted('shop_orders_total')
  @Timed('shop_order_seconds', { quantiles: [0.5, 0.99] })
  @ErrorsCounted('shop_order_errors_total')
  static order() {}

  @Timed
  static look() {}
}

class LedgerHandler {
  @Timed
  @ErrorsCounted
  @Objective({ availability: 0.999 })
  async post() {}

  @Timed('ledger_read_seconds', { quantiles: [0.5] })
  @Objective({ availability: 0.999, declaredExceptionsAreErrors: true })
  async read() {}
}
new LedgerHandler();

const ODD = String.raw`a "b" {{ .c }} \d/é`;

@ThriftService(ODD)
class OddHandler {
  @Instrumented
  @Objective({ availability: 0.9 })
  ['get{{'](): void {}
}

afterEach(() => configureMetrics({ prefix: '' }));

function isAlert(rule: object): rule is PrometheusAlertingRule {
  return 'alert' in rule;
}

function recorded(group: string): PrometheusRecordingRule[] {
  const found = createPrometheusRules().groups.find(({ name }) => name === group);
  return (found?.rules ?? []).flatMap((rule) => (isAlert(rule) ? [] : [rule]));
}

function alerts(service: string, options = {}): PrometheusAlertingRule[] {
  const rules = createPrometheusRules(options).groups.flatMap((group) => group.rules);
  return rules.filter(isAlert).filter(({ labels }) => labels['thrift_service'] === service);
}

const expressionOf = (group: string, record: string): string | undefined =>
  recorded(group).find((rule) => rule.record === record)?.expr;

const BY = 'sum by (job, thrift_service, thrift_method)';

test('there is one group for all methods, one per method with an objective, one per service, and one for other alerts', () => {
  expect([StoreHandler, PlainHandler, OddHandler]).toHaveLength(3);
  const odd = encodeURIComponent(ODD);
  expect(createPrometheusRules().groups.map(({ name }) => name)).toEqual([
    'thrift_methods',
    'thrift_objectives/Ledger/post',
    'thrift_objectives/Ledger/read',
    'thrift_objectives/Store/get',
    'thrift_objectives/Store/put',
    `thrift_objectives/${odd}/get%7B%7B`,
    'thrift_objectives/Ledger',
    'thrift_objectives/Store',
    `thrift_objectives/${odd}`,
    'thrift_alerts',
  ]);
});

describe('the rules of all methods', () => {
  test('recording rules are named level:metric:operation', () => {
    const names = recorded('thrift_methods').map(({ record }) => record);
    expect(names.toSorted()).toEqual([
      'job_service_method:shop_orders:rate5m',
      'job_service_method:thrift_server_failed_requests:bad_rate5m',
      'job_service_method:thrift_server_failed_requests:bad_ratio_rate5m',
      'job_service_method:thrift_server_failed_requests:rate5m',
      'job_service_method:thrift_server_failed_requests:ratio_rate5m',
      'job_service_method:thrift_server_latency_seconds:p50_5m',
      'job_service_method:thrift_server_latency_seconds:p95_5m',
      'job_service_method:thrift_server_latency_seconds:p99_5m',
      'job_service_method:thrift_server_requests:rate5m',
    ]);
  });

  test('failed calls are those of every kind, bad calls those that the objective of the method counts', () => {
    const failed = 'thrift_server_failed_requests';
    const rule = (operation: string) =>
      expressionOf('thrift_methods', `job_service_method:${failed}:${operation}`);
    expect(rule('rate5m')).toBe(`${BY} (rate(${failed}_total{}[5m]))`);
    expect(rule('bad_rate5m')).toBe(
      `${BY} (rate(${failed}_total{thrift_service="Store",thrift_method="put"}[5m])) or ` +
        `${BY} (rate(${failed}_total{thrift_exception_kind!="declared"}[5m]))`,
    );
    // `LedgerHandler.post` has no counter of calls, so its histogram counts them. It comes last, because it also has the calls
    // of methods with a counter, but only those that have settled.
    const settled =
      `(histogram_count(${BY} (rate(thrift_server_latency_seconds{}[5m]))) or ` +
      `${BY} (rate(thrift_server_latency_seconds_count{}[5m])))`;
    const on = 'on (job, thrift_service, thrift_method)';
    const calls = `((job_service_method:shop_orders:rate5m or ${on} job_service_method:thrift_server_requests:rate5m or ${on} ${settled}) > 0)`;
    expect(rule('ratio_rate5m')).toBe(`job_service_method:${failed}:rate5m\n/ ${on}\n${calls}`);
    expect(rule('bad_ratio_rate5m')).toBe(
      `job_service_method:${failed}:bad_rate5m\n/ ${on}\n${calls}`,
    );
  });

  test('rules use the prefix that is configured when they are created', () => {
    configureMetrics({ prefix: 'our:' });
    expect(expressionOf('thrift_methods', 'job_service_method:our_shop_orders:rate5m')).toBe(
      `${BY} (rate(our:shop_orders_total[5m]))`,
    );
  });
});

describe('the rules of an objective', () => {
  const put = 'thrift_objectives/Store/put';
  const errors = 'job_service_method:thrift_objective_errors:rate5m';

  test('declared exceptions count as errors only with declaredExceptionsAreErrors', () => {
    const first = recorded('thrift_objectives/Store/get').find(({ record }) => record === errors);
    expect(first?.expr).toBe(
      `${BY} (rate(thrift_server_failed_requests_total{thrift_service="Store",thrift_method="get",thrift_exception_kind!="declared"}[5m]))`,
    );
    expect(first?.labels).toEqual({
      thrift_service: 'Store',
      thrift_method: 'get',
      thrift_objective: 'availability',
    });
    const method = 'thrift_service="Store",thrift_method="put"';
    expect(expressionOf(put, errors)).toBe(
      `${BY} (rate(thrift_server_failed_requests_total{${method}}[5m]))`,
    );
  });

  test('a latency objective finds its bucket however the scraped format spells the bound', () => {
    const [, latency] = recorded('thrift_objectives/Store/get').filter(
      ({ record }) => record === errors,
    );
    expect(latency?.expr).toContain(String.raw`le=~"1|1\\.0"`);
  });

  test('an objective records the windows of its alerts, the remaining budget and the target', () => {
    expect(recorded(put).map(({ record }) => record)).toEqual([
      'job_service_method:thrift_objective_calls:rate5m',
      'job_service_method:thrift_objective_errors:rate5m',
      'job_service_method:thrift_objective_errors:ratio_rate5m',
      'job_service_method:thrift_objective_errors:ratio_rate30m',
      'job_service_method:thrift_objective_errors:ratio_rate1h',
      'job_service_method:thrift_objective_errors:ratio_rate1h24m',
      'job_service_method:thrift_objective_errors:ratio_rate6h',
      'job_service_method:thrift_objective_errors:ratio_rate16h48m',
      'job_service_method:thrift_objective_error_budget:remaining_ratio',
      'service_method:thrift_objective_target:info',
    ]);
    expect(recorded('thrift_objectives/Store/get').at(-1)).toEqual({
      record: 'service_method:thrift_objective_target:info',
      expr: 'vector(0.99)',
      labels: {
        thrift_service: 'Store',
        thrift_method: 'get',
        thrift_objective: 'latency',
        window: '30d',
        within: '1',
      },
    });
  });
});

describe('an availability objective', () => {
  const method = 'thrift_service="Ledger",thrift_method';
  const rate = (record: string, of: string) =>
    expressionOf(
      `thrift_objectives/Ledger/${of}`,
      `job_service_method:thrift_objective_${record}:rate5m`,
    );

  test('availability without a counter of calls counts those that settle, however their histogram is stored', () => {
    const matchers = `${method}="post"`;
    expect(rate('calls', 'post')).toBe(
      `(histogram_count(${BY} (rate(thrift_server_latency_seconds{${matchers}}[5m]))) or ` +
        `${BY} (rate(thrift_server_latency_seconds_count{${matchers}}[5m])))`,
    );
    expect(rate('errors', 'post')).toBe(
      `${BY} (rate(thrift_server_failed_requests_total{${matchers},thrift_exception_kind!="declared"}[5m]))`,
    );
  });

  test('availability without a counter of errors counts settled calls without success, if all of them are bad', () => {
    const matchers = `${method}="read"`;
    expect(rate('errors', 'read')).toBe(
      `${BY} (rate(ledger_read_seconds_count{${matchers},thrift_success="false"}[5m]))`,
    );
    expect(rate('calls', 'read')).toBe(`${BY} (rate(ledger_read_seconds_count{${matchers}}[5m]))`);
  });
});

test('the rules for classic histograms have no functions of native ones', () => {
  const text = JSON.stringify(createPrometheusRules({ histograms: 'classic' }));
  expect(text).not.toMatch(/histogram_(?:count|fraction)/);
  expect(text).toContain('histogram_quantile');
});

describe('alerts', () => {
  test('every alert has a severity, the given labels, a summary, a description and a runbook', () => {
    const found = alerts('Store', {
      labels: { team: 'payments' },
      runbookUrl: 'https://runbooks.test/{alert}?of={service}/{method}',
    });
    expect(found.map(({ alert, labels }) => [alert, labels['severity']].join(' '))).toEqual([
      'ThriftAvailabilityBudgetBurn page',
      'ThriftAvailabilityBudgetBurn page',
      'ThriftAvailabilityBudgetBurn ticket',
      'ThriftAvailabilityBudgetBurn ticket',
      'ThriftLatencyBudgetBurn page',
      'ThriftLatencyBudgetBurn page',
      'ThriftLatencyBudgetBurn ticket',
      'ThriftLatencyBudgetBurn ticket',
      'ThriftCallsStopped ticket',
      'ThriftAvailabilityBudgetBurn page',
      'ThriftAvailabilityBudgetBurn page',
      'ThriftAvailabilityBudgetBurn ticket',
      'ThriftCallsStopped ticket',
      'ThriftMetricsAbsent page',
      'ThriftCallsHang page',
    ]);
    for (const { labels, annotations } of found) {
      expect(labels['team']).toBe('payments');
      expect(annotations.summary).not.toBe('');
      expect(annotations.description).not.toBe('');
    }
    expect(found[0]?.annotations.runbook_url).toBe(
      'https://runbooks.test/ThriftAvailabilityBudgetBurn?of=Store/get',
    );
    expect(found.at(-1)?.annotations.runbook_url).toBe(
      'https://runbooks.test/ThriftCallsHang?of=Store/{{ $labels.thrift_method | urlquery }}',
    );
  });

  test('alerts have addresses of a runbook and a dashboard only if options name them', () => {
    expect(Object.keys(alerts('Store')[0]?.annotations ?? {})).toEqual(['summary', 'description']);
    const [first] = alerts('Store', {
      dashboardUrl: 'https://grafana.test/d/x?var-method={method}',
    });
    expect(first?.annotations).toMatchObject({
      dashboard_url: 'https://grafana.test/d/x?var-method=get',
    });
    expect(first?.annotations).not.toHaveProperty('runbook_url');
  });

  test('pages and tickets have labels and severities of their own', () => {
    const found = alerts('Store', {
      labels: { team: 'payments', route: 'default' },
      pageLabels: { severity: 'critical', route: 'phone' },
      ticketLabels: { severity: 'warning' },
    });
    const [page, , ticket] = found;
    expect(page?.labels).toMatchObject({ severity: 'critical', team: 'payments', route: 'phone' });
    expect(ticket?.labels).toMatchObject({
      severity: 'warning',
      team: 'payments',
      route: 'default',
    });
    expect(new Set(found.map(({ labels }) => labels['severity']))).toEqual(
      new Set(['critical', 'warning']),
    );
  });

  test('calls hang when they are older than twenty times the latency bound, and a minute', () => {
    const hang = alerts('Store').find(({ alert }) => alert === 'ThriftCallsHang');
    expect(hang?.expr).toBe(
      'max by (job, thrift_service, thrift_method) (thrift_server_oldest_active_request_seconds{thrift_service="Store",thrift_method="get"}) > 60',
    );
    expect(hang?.for).toBe('5m');
  });

  test('a dependency is down only in the jobs that run the declared methods', () => {
    const rules = createPrometheusRules({ histograms: 'classic' }).groups.at(-1)?.rules ?? [];
    expect(rules.at(-1)).toMatchObject({
      alert: 'ThriftDependencyDown',
      expr: expect.stringMatching(
        /thrift_exception_kind=~"transport\|timeout".* > 0\.9\nand on \(job\)\n\(sum by \(job\) \(rate\(/,
      ),
      labels: { severity: 'ticket' },
    });
  });

  test('names are escaped in the PromQL and the templates of alerts', () => {
    const [alert] = alerts(ODD.replaceAll('{{', '{{ "{{" }}'), {
      labels: { note: 'a {{ b }}' },
      runbookUrl: 'https://runbooks.test/{service}/{method}',
    });
    expect(alert?.labels).toMatchObject({
      note: 'a {{ "{{" }} b }}',
      thrift_method: 'get{{ "{{" }}',
    });
    expect(alert?.expr).toContain(
      String.raw`{thrift_service="a \"b\" {{ .c }} \\d/é",thrift_method="get{{",`,
    );
    expect(alert?.annotations.runbook_url).toBe(
      'https://runbooks.test/a%20%22b%22%20%7B%7B%20.c%20%7D%7D%20%5Cd%2F%C3%A9/get%7B%7B',
    );
  });

  test('the alert for missing metrics ignores series that only calls create', () => {
    const absent = alerts('Store').find(({ alert }) => alert === 'ThriftMetricsAbsent');
    expect(absent?.expr).toBe(
      [
        'max by (thrift_service) (',
        'absent(thrift_server_requests_total{thrift_service="Store"})',
        'or',
        'absent(thrift_server_failed_requests_total{thrift_service="Store",thrift_exception_kind!="declared"})',
        'or',
        String.raw`(absent(thrift_server_latency_seconds_bucket{thrift_service="Store",le=~"1|1\\.0"}) and on (thrift_service) absent(thrift_server_latency_seconds{thrift_service="Store"}))`,
        'or',
        'absent(thrift_server_failed_requests_total{thrift_service="Store"})',
        ')',
      ].join('\n'),
    );
  });
});

test('every group has the given interval', () => {
  const { groups } = createPrometheusRules({ interval: '1m30s' });
  expect(groups.length).toBeGreaterThan(0);
  expect(new Set(groups.map(({ interval }) => interval))).toEqual(new Set(['1m30s']));
  expect(createPrometheusRules().groups.some((group) => 'interval' in group)).toBe(false);
});

test.each([
  ['TM_ERR_OPTION_UNKNOWN', { runbook: 'x' }],
  ['TM_ERR_OPTION_INVALID', null],
  ['TM_ERR_OPTION_INVALID', { runbookUrl: '' }],
  ['TM_ERR_OPTION_INVALID', { runbookUrl: 'https://runbooks.test/{metod}' }],
  ['TM_ERR_OPTION_INVALID', { runbookUrl: 'docs/how-to/alerts.md' }],
  ['TM_ERR_OPTION_INVALID', { runbookUrl: 'javascript:alert(1)' }],
  ['TM_ERR_OPTION_INVALID', { dashboardUrl: 'ftp://grafana.test' }],
  ['TM_ERR_OPTION_INVALID', { sloth: 'yes' }],
  ['TM_ERR_OPTION_INVALID', { anomalies: 'yes' }],
  ['TM_ERR_LABEL_NAME', { recordingLabels: { thrift_expected: 'x' } }],
  ['TM_ERR_LABEL_NAME', { recordingLabels: { thrift_objective: 'x' } }],
  ['TM_ERR_LABEL_NAME', { pageLabels: { thrift_method: 'x' } }],
  ['TM_ERR_LABEL_NAME', { ticketLabels: { job: 'x' } }],
  ['TM_ERR_OPTION_INVALID', { interval: '0s' }],
  ['TM_ERR_OPTION_INVALID', { interval: 30 }],
  ['TM_ERR_OPTION_INVALID', { histograms: 'native' }],
  ['TM_ERR_OPTION_INVALID', { labels: 'team' }],
  ['TM_ERR_LABEL_NAME', { labels: { severity: 'low' } }],
  ['TM_ERR_LABEL_NAME', { labels: { 'a-b': 'c' } }],
  ['TM_ERR_LABEL_VALUE', { labels: { team: 1 } }],
])('createPrometheusRules throws %s for the options %j', (code, options) => {
  expect(errorOf(() => createPrometheusRules(options as never)).code).toBe(code);
});
