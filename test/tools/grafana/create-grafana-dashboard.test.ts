import { beforeEach, describe, expect, test } from 'vitest';

import { createGrafanaDashboard, createPrometheusRules } from '../../../src/dashboards';
import {
  configureMetrics,
  Counted,
  ErrorsCounted,
  Instrumented,
  instrumentHandler,
  Objective,
  ThriftService,
  Timed,
} from '../../../src/index';
import { declarationsOf } from '../../../src/declaration/declarations';
import { currentRuntime } from '../../../src/runtime/runtime';
import { errorOf } from '../../support/error-of';
import { expressionOf, panelsOf, queriesOf } from './dashboard-queries';

const OF_METHOD =
  'job=~"$job", instance=~"$instance", thrift_service=~"$service", thrift_method=~"$method"';
const BY_METHOD = 'sum by (thrift_service, thrift_method)';

/** The series that a panel shows: those with the largest values over the time range of the dashboard. */
const largest = (expressionIn: (range: string) => string, lines = '$top'): string =>
  `${expressionIn('[$__rate_interval]')} and topk(${lines}, ${expressionIn('[$__range] @ end()')})`;

// Each test starts without the declarations of the others, as in a new process.
beforeEach(() => {
  declarationsOf(currentRuntime()).methods.clear();
  configureMetrics({ prefix: '', nativeHistograms: false });
});

function rowsOf(dashboard = createGrafanaDashboard()): string[] {
  return [...new Set(panelsOf(dashboard).map(({ row }) => row.title))];
}

describe('options', () => {
  test('options set the title, uid and tags of the dashboard', () => {
    expect(
      createGrafanaDashboard({ title: 'Shop', uid: 'shop-1', tags: ['a', 'b'] }),
    ).toMatchObject({ title: 'Shop', uid: 'shop-1', tags: ['a', 'b'] });
    expect(createGrafanaDashboard()).toMatchObject({
      title: 'Thrift services',
      uid: 'thrift-services',
      tags: ['thrift'],
    });
  });

  test('the same declarations give the same dashboard each time', () => {
    expect(createGrafanaDashboard()).toEqual(createGrafanaDashboard());
  });

  test.each([
    [{ titel: 'Shop' }, 'TM_ERR_OPTION_UNKNOWN', "option 'titel' is unknown"],
    [{ title: '' }, 'TM_ERR_OPTION_INVALID', "option 'title' is ''"],
    [{ uid: 'a b' }, 'TM_ERR_OPTION_INVALID', "option 'uid' is 'a b'"],
    [{ uid: 'a'.repeat(41) }, 'TM_ERR_OPTION_INVALID', 'at most 40'],
    [{ tags: 'shop' }, 'TM_ERR_OPTION_INVALID', "option 'tags' is 'shop'"],
    [{ tags: [1] }, 'TM_ERR_OPTION_INVALID', "option 'tags' is [1]"],
    [{ objectives: 'rules' }, 'TM_ERR_OPTION_INVALID', "option 'objectives' is 'rules'"],
    [{ histograms: 'native' }, 'TM_ERR_OPTION_INVALID', "option 'histograms' is 'native'"],
    [{ runbookUrl: 'docs/alerts.md' }, 'TM_ERR_OPTION_INVALID', 'an http or https URL'],
    [{ pageUrl: '{instance}' }, 'TM_ERR_OPTION_INVALID', 'an http or https URL'],
    ['shop', 'TM_ERR_OPTION_INVALID', "options are 'shop'"],
  ])('createGrafanaDashboard rejects the options %j', (options, code, message) => {
    const error = errorOf(() => createGrafanaDashboard(options as object));
    expect(error).toMatchObject({ code });
    expect(error.message).toContain(message);
  });
});

test('links lead to the runbook and to the live page of a process', () => {
  expect(createGrafanaDashboard().links).toEqual([]);
  const dashboard = createGrafanaDashboard({
    runbookUrl: 'https://wiki.example.com/thrift',
    pageUrl: 'https://{instance}/live/',
  });
  expect(dashboard.links).toMatchObject([
    { title: 'Runbook', url: 'https://wiki.example.com/thrift' },
  ]);
  const targets = panelsOf(dashboard).find(({ panel }) => panel.title === 'Targets')?.panel;
  expect(JSON.stringify(targets?.fieldConfig.overrides)).toContain(
    '"url":"https://${__data.fields.Instance}/live/"',
  );
});

test('the selection of all jobs stands for the jobs with Thrift metrics, because every target has the series of some panels', () => {
  const { templating, annotations } = createGrafanaDashboard();
  const allValues = templating.list
    .filter(({ type }) => type === 'query')
    .map(({ name, allValue }) => [name, allValue]);
  // Without a value of its own, Grafana joins the values of the list.
  expect(allValues).toEqual([
    ['job', undefined],
    ['instance', '.*'],
    ['service', '.*'],
    ['method', '.*'],
  ]);
  // The alert for missing metrics has no job.
  expect(annotations.list[0]?.expr).toContain('job=~"$job|"');
});

describe('latencies outside the buckets', () => {
  const mappingsOf = () =>
    panelsOf(createGrafanaDashboard())
      .filter(({ panel }) => /^(?:Latency|p95 of the slowest method)$/.test(panel.title))
      .map(({ panel }) =>
        panel.fieldConfig.defaults.mappings.map(({ options: { from, to, result } }) => [
          from,
          to,
          result.text,
        ]),
      );

  test('a latency below the lowest bucket or above the highest is shown as such', () => {
    @ThriftService('Bounded')
    class BoundedHandler {
      @Timed({ buckets: [0.0005, 0.25] }) add(): void {}
      @Timed({ buckets: [0.001, 10] }) mean(): void {}
    }
    expect(BoundedHandler.name).toBe('BoundedHandler');
    const texts = [
      [null, 0.0005, '< 500 µs'],
      [10, null, '≥ 10 s'],
    ];
    expect(mappingsOf()).toEqual([texts, texts]);
  });

  test('a latency of native buckets is shown as it is', () => {
    @ThriftService('Native')
    class NativeHandler {
      @Timed({ native: true }) add(): void {}
    }
    expect(NativeHandler.name).toBe('NativeHandler');
    expect(mappingsOf()).toEqual([[], []]);
  });
});

describe('rows', () => {
  test('a dashboard of methods with all metrics and an objective has every row', () => {
    @Instrumented
    @Objective({ availability: 0.99 })
    class WholeHandler {
      add(): void {}
    }

    expect(WholeHandler.name).toBe('WholeHandler');
    expect(rowsOf()).toEqual([
      'Overview',
      'Objectives',
      'Slowest methods',
      'Rate, errors and duration of $service',
      'Latency heatmap',
      'Errors by type',
      'In flight',
      'Event loop',
      'Messages and sizes',
      'Connections',
      'Callers',
      'Clients',
      'Process health',
    ]);
  });

  test('a dashboard of a handler that is only counted has no row of latency, errors or objectives', () => {
    class OnlyCountedHandler {
      @Counted add(): void {}
    }
    instrumentHandler(new OnlyCountedHandler(), {
      timed: false,
      errorsCounted: false,
      inFlight: false,
    });

    expect(rowsOf()).toEqual([
      'Overview',
      'Slowest methods',
      'Rate, errors and duration of $service',
      'Messages and sizes',
      'Connections',
      'Callers',
      'Clients',
      'Process health',
    ]);
    const titles = panelsOf(createGrafanaDashboard()).map(({ panel }) => panel.title);
    expect(titles.slice(0, 5)).toEqual([
      'Targets up',
      'Calls per second',
      'Processes',
      'Methods by latency',
      'Calls',
    ]);
  });

  test('without declarations, a dashboard uses the metric names of the catalogue', () => {
    configureMetrics({ prefix: 'shop_' });
    const dashboard = createGrafanaDashboard();

    expect(rowsOf(dashboard)).toHaveLength(12);
    expect(expressionOf(dashboard, 'Calls')).toBe(
      largest(
        (range) => `${BY_METHOD} (rate(shop_thrift_server_requests_total{${OF_METHOD}}${range}))`,
      ),
    );
  });
});

describe('queries', () => {
  test('a query takes each method from the first of several metrics that count it', () => {
    @ThriftService('Both')
    class BothHandler {
      @Counted add(): void {}
      @Counted('myapp_requests_total') mean(): void {}
    }

    expect(BothHandler.name).toBe('BothHandler');
    const rate = (name: string, range: string): string =>
      `${BY_METHOD} (rate(${name}{${OF_METHOD}}${range}))`;
    expect(expressionOf(createGrafanaDashboard(), 'Calls')).toBe(
      largest(
        (range) =>
          `(${rate('thrift_server_requests_total', range)} or ${rate('myapp_requests_total', range)})`,
      ),
    );
  });

  test('a query counts calls by the histogram when there is no counter', () => {
    @ThriftService('TimedOnly')
    class TimedOnlyHandler {
      @Timed add(): void {}
    }

    expect(TimedOnlyHandler.name).toBe('TimedOnlyHandler');
    const dashboard = createGrafanaDashboard({ histograms: 'classic' });
    expect(expressionOf(dashboard, 'Calls')).toBe(
      largest(
        (range) => `${BY_METHOD} (rate(thrift_server_latency_seconds_count{${OF_METHOD}}${range}))`,
      ),
    );
    const job = dashboard.templating.list.find(({ name }) => name === 'job');
    expect(job?.definition).toContain('thrift_server_latency_seconds_count|');
  });

  test('the fraction of bad calls is 0 without calls or errors', () => {
    class RatioHandler {
      @Counted @ErrorsCounted add(): void {}
    }
    new RatioHandler().add();

    const calls = `${BY_METHOD} (rate(thrift_server_requests_total{${OF_METHOD}}[$__range]))`;
    const errors = `${BY_METHOD} (rate(thrift_server_failed_requests_total{${OF_METHOD}, thrift_exception_kind!="declared"}[$__range]))`;
    expect(expressionOf(createGrafanaDashboard(), 'Methods by latency', 'Bad calls')).toBe(
      `(${errors} / (${calls} > 0) or 0 * ${calls})`,
    );
  });

  test('the fraction of failed and of bad calls is missing, not 0, for a method that does not count them', () => {
    @ThriftService('Mixed')
    class MixedHandler {
      @Counted @ErrorsCounted add(): void {}
      @Counted @Timed timed(): void {}
      @Counted counted(): void {}
    }
    expect(MixedHandler.name).toBe('MixedHandler');
    const dashboard = createGrafanaDashboard({ histograms: 'classic' });
    const allCallsIn = (column: string): string =>
      expressionOf(dashboard, 'Methods by latency', column).split(' or 0 * ')[1] ?? '';
    const of = (methods: string): string =>
      `${BY_METHOD} (rate(thrift_server_requests_total{${OF_METHOD}, thrift_service=~"Mixed", thrift_method=~"${methods}"}[$__range])))`;
    expect(allCallsIn('Failed calls')).toBe(of('add|timed'));
    expect(allCallsIn('Bad calls')).toBe(of('add'));
    expect(expressionOf(dashboard, 'Calls')).not.toContain('Mixed');
  });

  test('errors of one type are summed over methods that count them in different metrics', () => {
    @ThriftService('Several')
    class SeveralHandler {
      @ErrorsCounted add(): void {}
      @ErrorsCounted('other_errors_total') sub(): void {}
    }
    expect(SeveralHandler.name).toBe('SeveralHandler');
    const type = 'thrift_exception_type, thrift_exception_kind';
    const rate = (name: string, range: string): string =>
      `sum by (thrift_service, thrift_method, ${type}) (rate(${name}{${OF_METHOD}}${range}))`;
    expect(expressionOf(createGrafanaDashboard(), 'Errors by type')).toBe(
      largest(
        (range) =>
          `sum by (${type}) (${rate('thrift_server_errors_total', range)} or ${rate('other_errors_total', range)})`,
      ),
    );
  });

  test('queries read histograms as Prometheus may store them, or only classic ones', () => {
    @ThriftService('Stored')
    class StoredHandler {
      @Timed add(): void {}
    }

    expect(StoredHandler.name).toBe('StoredHandler');
    const name = 'thrift_server_latency_seconds';
    const native = (range: string): string =>
      `histogram_quantile(0.95, ${BY_METHOD} (rate(${name}{${OF_METHOD}}${range})))`;
    const classic = (range: string): string =>
      `histogram_quantile(0.95, sum by (thrift_service, thrift_method, le) (rate(${name}_bucket{${OF_METHOD}}${range})))`;
    const any = createGrafanaDashboard();
    expect(expressionOf(any, 'Latency', '{{thrift_service}}.{{thrift_method}} p95')).toBe(
      largest((range) => `(${native(range)} or ${classic(range)}) >= 0`, '$top/3'),
    );
    const increase = (metric: string): string =>
      `(increase(${metric}{${OF_METHOD}}[$__rate_interval]))`;
    expect(expressionOf(any, `Latency: ${name}`)).toBe(
      `sum${increase(name)} or on () sum by (le) ${increase(`${name}_bucket`)}`,
    );
    const only = createGrafanaDashboard({ histograms: 'classic' });
    expect(expressionOf(only, 'Latency', '{{thrift_service}}.{{thrift_method}} p95')).toBe(
      largest((range) => `${classic(range)} >= 0`, '$top/3'),
    );
    expect(expressionOf(only, `Latency: ${name}`)).toBe(
      `sum by (le) ${increase(`${name}_bucket`)}`,
    );
  });

  test('the graph of callers uses the configured names of labels', () => {
    configureMetrics({ labelNames: { thrift_caller: 'caller', thrift_service: 'service' } });
    const dashboard = createGrafanaDashboard();
    configureMetrics({ labelNames: {} });
    const rate = `sum by (caller, service) (rate(thrift_server_caller_requests_total{job=~"$job", instance=~"$instance", service=~"$service"}[$__range])) > 0`;
    const source = `label_join(${rate}, "source", "\\n", "caller")`;
    const target = `label_join(${source}, "target", "\\n", "service")`;
    expect(expressionOf(dashboard, 'Who calls whom', 'edges')).toBe(
      `sum by (id, source, target) (label_join(${target}, "id", "\\n", "caller", "service"))`,
    );
  });

  test('failed calls by caller are missing, not 0, where they are not counted', () => {
    const of = (name: string, range: string): string =>
      `sum by (thrift_caller, thrift_service) (rate(thrift_server_caller_${name}_total{job=~"$job", instance=~"$instance", thrift_service=~"$service"}${range}))`;
    const ratio = (range: string): string => {
      const failed = of('failed_requests', range);
      return `(${failed} / (${of('requests', range)} > 0) or 0 * ${failed})`;
    };
    expect(expressionOf(createGrafanaDashboard(), 'Failed calls by caller')).toBe(largest(ratio));
  });

  test('queries use only the quantiles that summaries have', () => {
    @ThriftService('Summed')
    class SummedHandler {
      @Timed({ name: 'summed_seconds', quantiles: [0.5, 0.9] }) add(): void {}
    }

    expect(SummedHandler.name).toBe('SummedHandler');
    const dashboard = createGrafanaDashboard();
    const titles = panelsOf(dashboard).map(({ panel }) => panel.title);
    expect(titles.filter((title) => title.startsWith('Latency: '))).toEqual([]);
    const inRange = (series: string, range: string): string =>
      range.endsWith('@ end()') ? `max_over_time(${series}${range})` : series;
    const median = `summed_seconds{${OF_METHOD}, quantile="0.5"}`;
    expect(expressionOf(dashboard, 'Latency')).toBe(
      largest(
        (range) => `max by (thrift_service, thrift_method) (${inRange(median, range)}) >= 0`,
        '$top/3',
      ),
    );
    expect(expressionOf(dashboard, 'Quantiles of summaries')).toBe(
      largest(
        (range) =>
          `max by (thrift_service, thrift_method, quantile) (${inRange(`summed_seconds{${OF_METHOD}}`, range)})`,
      ),
    );
  });

  test('queries sum buckets only over methods with the same bounds', () => {
    @Instrumented({ service: 'Buckets' })
    class BucketsHandler {
      add(): void {}
      mean(): void {}
      @Timed({ buckets: [1, 2] }) slow(): void {}
    }

    expect(BucketsHandler.name).toBe('BucketsHandler');
    const heatmaps = queriesOf(createGrafanaDashboard({ histograms: 'classic' })).filter(
      ({ panel }) => panel.type === 'heatmap',
    );
    const of = (methods: string): string =>
      `sum by (le) (increase(thrift_server_latency_seconds_bucket{${OF_METHOD}, thrift_service=~"Buckets", thrift_method=~"${methods}"}[$__rate_interval]))`;
    expect(heatmaps.map(({ panel, target }) => [panel.title, target.expr])).toEqual([
      ['Latency: thrift_server_latency_seconds, 14 buckets up to 10 s', of('add|mean')],
      ['Latency: thrift_server_latency_seconds, 2 buckets up to 2 s', of('slow')],
    ]);
  });

  test('queries escape method names, so that none is taken for a variable or a pattern', () => {
    @ThriftService('Odd')
    class OddHandler {
      @Timed $method(): void {}
      @Timed({ buckets: [1] }) ['a.b'](): void {}
    }

    expect(OddHandler.name).toBe('OddHandler');
    const expressions = queriesOf(createGrafanaDashboard())
      .filter(({ panel }) => panel.type === 'heatmap')
      .map(({ target }) => target.expr);
    expect(expressions).toEqual([
      expect.stringContaining('thrift_method=~"[$]method"'),
      expect.stringContaining(String.raw`thrift_method=~"a\\.b"`),
    ]);
  });
});

test('a hundred methods need as many queries as one method, and no longer ones', () => {
  const sizeOf = (count: number): number[] => {
    declarationsOf(currentRuntime()).methods.clear();
    const methods = Array.from({ length: count }, (_, i) => [`method${i}`, () => i]);
    instrumentHandler(Object.fromEntries(methods) as object, { service: `Of${count}` });
    return queriesOf(createGrafanaDashboard()).map(({ target }) => target.expr.length);
  };

  const one = sizeOf(1);
  expect(one.length).toBeGreaterThan(40);
  expect(sizeOf(100)).toEqual(one);
});

describe('objectives', () => {
  function budget(): string {
    const dashboard = createGrafanaDashboard({ objectives: 'raw', histograms: 'classic' });
    return expressionOf(dashboard, 'Error budgets', 'Budget left');
  }

  test('objectives are read from the series that the generated rules record', () => {
    @Instrumented({ service: 'Recorded' })
    @Objective({ availability: 0.99 })
    class RecordedHandler {
      add(): void {}
      mean(): void {}
    }

    expect(RecordedHandler.name).toBe('RecordedHandler');
    const dashboard = createGrafanaDashboard();
    const recorded = (metric: string): string =>
      `job_service_method:${metric}{job=~"$job", thrift_service=~"$service", thrift_method=~"$method", thrift_objective="availability", thrift_service=~"Recorded", thrift_method=~"add|mean"}`;
    const titled = (expression: string): string =>
      `label_replace(${expression}, "objective", "99% without errors over 30d", "", "")`;
    expect(expressionOf(dashboard, 'Error budgets', 'Budget left')).toBe(
      titled(recorded('thrift_objective_error_budget:remaining_ratio')),
    );
    expect(expressionOf(dashboard, 'Error budgets', 'Burn rate 6 h')).toBe(
      titled(`${recorded('thrift_objective_errors:ratio_rate6h')} / (1 - 0.99)`),
    );
    const names = createPrometheusRules().groups.flatMap(({ rules }) =>
      rules.map((rule) => ('record' in rule ? rule.record : '')),
    );
    expect(names).toContain('job_service_method:thrift_objective_error_budget:remaining_ratio');
    expect(names).toContain('job_service_method:thrift_objective_errors:ratio_rate6h');
  });

  test('the table of error budgets has a title for every column, and none for labels that tell nothing', () => {
    @Instrumented({ service: 'Titled' })
    @Objective({ availability: 0.99 })
    class TitledHandler {
      add(): void {}
    }

    expect(TitledHandler.name).toBe('TitledHandler');
    const organized = panelsOf(createGrafanaDashboard())
      .find(({ panel }) => panel.title === 'Error budgets')
      ?.panel.transformations.find(({ id }) => id === 'organize')?.options;
    expect(organized).toMatchObject({
      excludeByName: { Time: true, __name__: true, thrift_objective: true },
      renameByName: {
        job: 'Job',
        thrift_service: 'Service',
        thrift_method: 'Method',
        objective: 'Objective',
      },
    });
  });

  test('a burn rate that no rule records is read from the metrics', () => {
    @Instrumented({ service: 'Unrecorded' })
    @Objective({ availability: 0.5, window: '1d' })
    class UnrecordedHandler {
      add(): void {}
    }

    expect(UnrecordedHandler.name).toBe('UnrecordedHandler');
    const names = createPrometheusRules().groups.flatMap(({ rules }) =>
      rules.map((rule) => ('record' in rule ? rule.record : '')),
    );
    expect(names).not.toContain('job_service_method:thrift_objective_errors:ratio_rate6h');
    const dashboard = createGrafanaDashboard();
    expect(expressionOf(dashboard, 'Error budgets', 'Burn rate 6 h')).toContain(
      'rate(thrift_server_requests_total{',
    );
  });

  test('an objective that methods share makes one query, and every other objective makes its own', () => {
    @Instrumented({ service: 'Promised' })
    @Objective({ availability: 0.999 })
    class PromisedHandler {
      add(): void {}
      mean(): void {}
      @Objective({ availability: 0.9995, window: '4w', declaredExceptionsAreErrors: true })
      zip(): void {}
    }

    expect(PromisedHandler.name).toBe('PromisedHandler');
    const query = (
      methods: string,
      kind: string,
      target: string,
      window: string,
      title: string,
    ) => {
      const selector = `${OF_METHOD}, thrift_service=~"Promised", thrift_method=~"${methods}"`;
      const errors = `${BY_METHOD} (rate(thrift_server_failed_requests_total{${selector}${kind}}[${window}]))`;
      const calls = `${BY_METHOD} (rate(thrift_server_requests_total{${selector}}[${window}]))`;
      const share = `(${errors} / (${calls} > 0) or 0 * ${calls})`;
      return `label_replace(1 - ${share} / (1 - ${target}), "objective", "${title}", "", "")`;
    };
    const undeclared = ',thrift_exception_kind!="declared"';
    expect(budget()).toBe(
      [
        query('add|mean', undeclared, '0.999', '30d', '99.9% without errors over 30d'),
        query('zip', '', '0.9995', '4w', '99.95% without exceptions over 4w'),
      ].join(' or '),
    );
  });

  test.each([
    [0.25, 'le="0.25"'],
    [1, String.raw`le=~"1|1\\.0"`],
  ])(
    'an objective for a latency of %d s matches its bucket as any format writes it',
    (within, matcher) => {
      @Instrumented({ service: `Within${within}` })
      @Objective({ latency: { target: 0.99, within } })
      class WithinHandler {
        add(): void {}
      }

      expect(WithinHandler.name).toBe('WithinHandler');
      const selector = `${OF_METHOD}, thrift_service=~"Within${String(within).replace('.', String.raw`\\.`)}", thrift_method=~"add"`;
      const rate = (suffix: string, more = ''): string =>
        `${BY_METHOD} (rate(thrift_server_latency_seconds${suffix}{${selector}${more}}[30d]))`;
      const [all, fast] = [rate('_count'), rate('_bucket', `,${matcher}`)];
      expect(budget()).toBe(
        `label_replace(1 - ((${all} - ${fast}) / (${all} > 0) or 0 * ${all}) / (1 - 0.99), "objective", "99% within ${within} s over 30d", "", "")`,
      );
    },
  );

  test('objectives that no metric can measure are left out', () => {
    @ThriftService('Untold')
    @Objective({ availability: 0.9 })
    class UntoldHandler {
      @Counted add(): void {}
    }

    expect(UntoldHandler.name).toBe('UntoldHandler');
    expect(rowsOf()).not.toContain('Objectives');
  });
});
