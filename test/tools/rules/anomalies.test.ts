import { beforeEach, describe, expect, test } from 'vitest';

import {
  createGrafanaDashboard,
  createPrometheusAnomalyTests,
  createPrometheusRules,
  type PrometheusRulesOptions,
} from '../../../src/dashboards';
import { declarationsOf } from '../../../src/declaration/declarations';
import { Counted, Instrumented, ThriftService, Timed } from '../../../src/index';
import { currentRuntime } from '../../../src/runtime/runtime';
import { panelsOf } from '../grafana/dashboard-queries';

beforeEach(() => declarationsOf(currentRuntime()).methods.clear());

function anomalies(options: PrometheusRulesOptions = {}) {
  const { groups } = createPrometheusRules({ anomalies: true, ...options });
  const group = groups.find(({ name }) => name === 'thrift_anomalies');
  const rules = group?.rules ?? [];
  return {
    interval: group?.interval,
    rules,
    records: new Set(rules.flatMap((rule) => ('record' in rule ? [rule.record] : []))),
    alerts: rules.flatMap((rule) => ('alert' in rule ? [rule] : [])),
  };
}

function declareStore() {
  @Instrumented
  class StoreHandler {
    get() {}
    put() {}
  }
  return StoreHandler;
}

const bandOf = (series: string) =>
  ['expected', 'deviation', 'lower', 'upper'].map((part) => `job_service_method:${series}_${part}`);

describe('rules with anomalies', () => {
  test('bands surround the rate, the failure ratio and the p99 of methods without an objective', () => {
    declareStore();
    const { records, alerts } = anomalies();
    expect(records).toEqual(
      new Set([
        ...bandOf('thrift_server_requests:rate5m'),
        ...bandOf('thrift_server_failed_requests:ratio_rate5m'),
        ...bandOf('thrift_server_latency_seconds:p99_5m'),
      ]),
    );
    expect(alerts.map(({ alert, labels }) => [alert, labels['severity']].join(' '))).toEqual([
      'ThriftRateAnomaly ticket',
      'ThriftFailuresAnomaly ticket',
      'ThriftLatencyAnomaly ticket',
    ]);
  });

  test('there are no bands without the option', () => {
    declareStore();
    expect(JSON.stringify(createPrometheusRules())).not.toMatch(/nomal|_upper/);
  });

  test('a second service with the same metrics needs no further rules', () => {
    declareStore();
    const { rules } = anomalies();
    @Instrumented
    class LedgerHandler {
      book() {}
    }
    expect(LedgerHandler.name).toBe('LedgerHandler');
    expect(anomalies().rules).toEqual(rules);
  });

  test('bands are evaluated once a minute, even if other rules are evaluated more often', () => {
    declareStore();
    expect(anomalies({ interval: '15s' }).interval).toBe('1m');
  });

  test('a method that only has a counter has a band of its rate', () => {
    @ThriftService('Count')
    class CountHandler {
      @Counted('counted_calls_total')
      run() {}
    }
    expect(CountHandler.name).toBe('CountHandler');
    const { records, alerts } = anomalies();
    expect(records).toEqual(new Set(bandOf('counted_calls:rate5m')));
    expect(alerts.map(({ alert }) => alert)).toEqual(['ThriftRateAnomaly']);
  });

  test('a method that only has a histogram gets a recorded rate for its band', () => {
    @ThriftService('Time')
    class TimeHandler {
      @Timed('timed_seconds')
      run() {}
    }
    expect(TimeHandler.name).toBe('TimeHandler');
    const { records } = anomalies();
    expect(records).toEqual(
      new Set([
        'job_service_method:timed_seconds:rate5m',
        ...bandOf('timed_seconds:rate5m'),
        ...bandOf('timed_seconds:p99_5m'),
      ]),
    );
  });

  test('there is no group for bands if nothing counts calls', () => {
    expect(anomalies().rules).toEqual([]);
  });
});

describe('the tests of anomalies', () => {
  test('the tests of anomalies have one history for each set of metrics', () => {
    declareStore();
    @ThriftService('Time')
    class TimeHandler {
      @Timed('timed_seconds')
      run() {}

      @Timed('timed_seconds')
      walk() {}
    }
    expect(TimeHandler.name).toBe('TimeHandler');
    const { rule_files, tests } = createPrometheusAnomalyTests('../rules.yml');
    expect(rule_files).toEqual(['../rules.yml']);
    expect(tests.map(({ name }) => name)).toEqual([
      'anomalies of Store.get',
      'anomalies of Time.run',
    ]);
  });

  test('the tests of anomalies expect no alert on failures from a method that does not count them', () => {
    @ThriftService('Time')
    class TimeHandler {
      @Timed('timed_seconds')
      run() {}
    }
    expect(TimeHandler.name).toBe('TimeHandler');
    const [history] = createPrometheusAnomalyTests('rules.yml').tests;
    const expected = history?.promql_expr_test.at(-1)?.exp_samples.map(({ labels }) => labels);
    expect(expected?.map((labels) => /alertname="(\w+)"/.exec(labels)?.[1])).toEqual([
      'ThriftLatencyAnomaly',
      'ThriftRateAnomaly',
    ]);
  });
});

describe('the dashboard', () => {
  test('the dashboard shows each value over its shaded band, for each chosen method', () => {
    declareStore();
    const placed = panelsOf(createGrafanaDashboard({ anomalies: true })).filter(
      ({ row }) => row.title === 'Anomalies of $method',
    );
    expect(placed.map(({ panel }) => panel.title)).toEqual([
      'Rate and its band',
      'Failure ratio and its band',
      'p99 and its band',
    ]);
    for (const { row, panel } of placed) {
      expect(row).toMatchObject({ repeat: 'method', collapsed: true });
      expect(panel.targets.map(({ legendFormat }) => legendFormat)).toEqual([
        '{{job}} {{thrift_service}}',
        'upper',
        'lower',
      ]);
      expect(panel.fieldConfig.overrides).toContainEqual({
        matcher: { id: 'byName', options: 'upper' },
        properties: expect.arrayContaining([{ id: 'custom.fillBelowTo', value: 'lower' }]),
      });
    }
  });

  test('the dashboard has no row for bands without the option', () => {
    declareStore();
    const titles = panelsOf(createGrafanaDashboard()).map(({ row }) => row.title);
    expect(titles.filter((title) => title.startsWith('Anomalies'))).toEqual([]);
  });
});
