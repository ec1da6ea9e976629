import { beforeEach, expect, test } from 'vitest';

import { createGrafanaDashboard, createPrometheusRules } from '../../../src/dashboards';
import { declarationsOf } from '../../../src/declaration/declarations';
import {
  Counted,
  ErrorsCounted,
  getDeclaredMetrics,
  Instrumented,
  Objective,
  ThriftService,
  type ObjectiveOptions,
} from '../../../src/index';
import { currentRuntime } from '../../../src/runtime/runtime';
import { errorOf } from '../../support/error-of';

const SHARED: ObjectiveOptions = { availability: 0.999, scope: 'service' };

beforeEach(() => declarationsOf(currentRuntime()).methods.clear());

function expressionsOf(record: string): string[] {
  return createPrometheusRules()
    .groups.flatMap(({ rules }) => rules)
    .flatMap((rule) => ('record' in rule && rule.record === record ? [rule.expr] : []));
}

const CALLS = 'job_service:thrift_objective_calls:rate5m';

test('all methods of a service share one objective: one set of recordings and alerts without a method', () => {
  @Instrumented
  @Objective({ ...SHARED, latency: { target: 0.99, within: 0.25 } })
  class WholeHandler {
    get() {}
    put() {}
  }
  expect(getDeclaredMetrics(WholeHandler)[0]?.objective?.scope).toBe('service');
  const { groups } = createPrometheusRules();
  expect(groups.map(({ name }) => name)).toEqual([
    'thrift_methods',
    'thrift_objectives/Whole',
    'thrift_alerts',
  ]);
  const alerts = groups.flatMap(({ rules }) =>
    rules.flatMap((rule) => ('alert' in rule ? [rule] : [])),
  );
  expect(alerts.map(({ alert, labels }) => `${alert} ${labels['long_window'] ?? ''}`)).toEqual([
    'ThriftAvailabilityBudgetBurn 1h',
    'ThriftAvailabilityBudgetBurn 6h',
    'ThriftAvailabilityBudgetBurn 1d',
    'ThriftAvailabilityBudgetBurn 3d',
    'ThriftLatencyBudgetBurn 1h',
    'ThriftLatencyBudgetBurn 6h',
    'ThriftLatencyBudgetBurn 1d',
    'ThriftLatencyBudgetBurn 3d',
    'ThriftCallsStopped ',
    'ThriftMetricsAbsent ',
    'ThriftCallsHang ',
    'ThriftRepliesLost ',
    'ThriftDependencyDown ',
  ]);
  expect(alerts.some(({ labels }) => 'thrift_method' in labels)).toBe(false);
  expect(alerts[0]?.annotations.description).toContain(
    'of calls to {{ $labels.thrift_service }} (job',
  );
  expect(expressionsOf(CALLS)).toContain(
    'sum by (job, thrift_service) (rate(thrift_server_requests_total{thrift_service="Whole"}[5m]))',
  );
});

test('a method with an objective of its own does not count for the objective of the service', () => {
  @Instrumented
  @Objective(SHARED)
  class PartHandler {
    get() {}
    put() {}

    @Objective({ availability: 0.9 })
    slow() {}
  }
  expect(PartHandler.name).toBe('PartHandler');
  expect(expressionsOf(CALLS)).toEqual([
    'sum by (job, thrift_service) (rate(thrift_server_requests_total{thrift_service="Part",thrift_method=~"get|put"}[5m]))',
  ]);
});

test('methods that count their calls under different names are added up', () => {
  @Instrumented
  @Objective(SHARED)
  class MixedHandler {
    get() {}

    @Counted('mixed_puts_total')
    @ErrorsCounted
    put() {}
  }
  expect(MixedHandler.name).toBe('MixedHandler');
  const level = 'sum by (job, thrift_service, thrift_method)';
  expect(expressionsOf(CALLS)).toEqual([
    `sum by (job, thrift_service) (` +
      `${level} (rate(thrift_server_requests_total{thrift_service="Mixed",thrift_method="get"}[5m])) or ` +
      `${level} (rate(mixed_puts_total{thrift_service="Mixed",thrift_method="put"}[5m])))`,
  ]);
});

test('an objective of a whole service names no methods, also beside another service', () => {
  @Instrumented
  @Objective(SHARED)
  class OneHandler {
    get() {}
    put() {}
  }
  @Instrumented
  class OtherHandler {
    get() {}
  }
  expect([OneHandler.name, OtherHandler.name]).toEqual(['OneHandler', 'OtherHandler']);
  expect(expressionsOf(CALLS)).toEqual([
    'sum by (job, thrift_service) (rate(thrift_server_requests_total{thrift_service="One"}[5m]))',
  ]);
});

test('the dashboard has one budget for the service', () => {
  @Instrumented
  @Objective(SHARED)
  class BoardHandler {
    get() {}
    put() {}
  }
  expect(BoardHandler.name).toBe('BoardHandler');
  const recorded = JSON.stringify(createGrafanaDashboard());
  expect(recorded).toContain('99.9% without errors over 30d, all methods');
  expect(recorded).toContain('job_service:thrift_objective_error_budget:remaining_ratio{');
  const raw = JSON.stringify(createGrafanaDashboard({ objectives: 'raw' }));
  expect(raw).toContain('1 - (sum by (thrift_service) (');
});

test('two classes of a service can share an objective, but not have different ones', () => {
  const declare = (options: ObjectiveOptions, name: 'one' | 'two') => {
    @ThriftService('Twice')
    @Instrumented
    @Objective(options)
    class TwiceHandler {
      [name]() {}
    }
    return TwiceHandler;
  };
  declare(SHARED, 'one');
  declare(SHARED, 'two');
  expect(expressionsOf(CALLS)).toHaveLength(1);

  declare({ ...SHARED, availability: 0.9 }, 'two');
  expect(errorOf(() => createPrometheusRules())).toMatchObject({
    code: 'TM_ERR_OBJECTIVE',
    message:
      "@Objective on TwiceHandler and on TwiceHandler: the service Twice has two different objectives with scope 'service'. Give both classes the same one.",
  });
});

test('a method cannot have an objective for the whole service', () => {
  const { code, message } = errorOf(() => {
    class MethodHandler {
      @Objective(SHARED)
      @Counted
      get() {}
    }
    return MethodHandler;
  });
  expect(code).toBe('TM_ERR_OPTION_INVALID');
  expect(message).toMatch(/option 'scope' is 'service', but this objective is on a method/);
});
