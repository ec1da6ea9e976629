import { beforeEach, describe, expect, test } from 'vitest';

import { createGrafanaDashboard } from '../../../src/dashboards';
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
    ['shop', 'TM_ERR_OPTION_INVALID', "options are 'shop'"],
  ])('createGrafanaDashboard rejects the options %j', (options, code, message) => {
    const error = errorOf(() => createGrafanaDashboard(options as object));
    expect(error).toMatchObject({ code });
    expect(error.message).toContain(message);
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
      'Messages and sizes',
      'Connections',
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
      'Clients',
      'Process health',
    ]);
    const titles = panelsOf(createGrafanaDashboard()).map(({ panel }) => panel.title);
    expect(titles.slice(0, 4)).toEqual([
      'Calls per second',
      'Processes',
      'Methods by latency',
      'Calls',
    ]);
  });

  test('without declarations, a dashboard uses the metric names of the catalogue', () => {
    configureMetrics({ prefix: 'shop_' });
    const dashboard = createGrafanaDashboard();

    expect(rowsOf(dashboard)).toHaveLength(10);
    expect(expressionOf(dashboard, 'Calls')).toBe(
      `topk($top, ${BY_METHOD} (rate(shop_thrift_server_requests_total{${OF_METHOD}}[$__rate_interval])))`,
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
    const rate = (name: string): string =>
      `${BY_METHOD} (rate(${name}{${OF_METHOD}}[$__rate_interval]))`;
    expect(expressionOf(createGrafanaDashboard(), 'Calls')).toBe(
      `topk($top, (${rate('thrift_server_requests_total')} or ${rate('myapp_requests_total')}))`,
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
      `topk($top, ${BY_METHOD} (rate(thrift_server_latency_seconds_count{${OF_METHOD}}[$__rate_interval])))`,
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

  test('queries cover classic and native buckets, because Prometheus can convert classic ones', () => {
    @ThriftService('Stored')
    class StoredHandler {
      @Timed add(): void {}
    }

    expect(StoredHandler.name).toBe('StoredHandler');
    const name = 'thrift_server_latency_seconds';
    const range = '[$__rate_interval]';
    const dashboard = createGrafanaDashboard();
    expect(expressionOf(dashboard, 'p95 latency')).toBe(
      `topk($top, (histogram_quantile(0.95, ${BY_METHOD} (rate(${name}{${OF_METHOD}}${range}))) or histogram_quantile(0.95, sum by (thrift_service, thrift_method, le) (rate(${name}_bucket{${OF_METHOD}}${range})))) >= 0)`,
    );
    expect(expressionOf(dashboard, `Latency: ${name}`)).toBe(
      `sum(increase(${name}{${OF_METHOD}}${range})) or on () sum by (le) (increase(${name}_bucket{${OF_METHOD}}${range}))`,
    );
  });

  test('queries for classic buckets use no functions of native histograms', () => {
    @ThriftService('Plain')
    @Objective({ availability: 0.9, latency: { target: 0.9, within: 1 } })
    class PlainHandler {
      @Timed({ native: true }) add(): void {}
    }

    expect(PlainHandler.name).toBe('PlainHandler');
    const queriesFor = (histograms: 'any' | 'classic') =>
      queriesOf(createGrafanaDashboard({ histograms })).map(({ target }) => target.expr);
    const isNative = (query: string) => /histogram_(?:count|fraction|sum)/.test(query);
    expect(queriesFor('any').filter(isNative)).not.toEqual([]);
    expect(queriesFor('classic').filter(isNative)).toEqual([]);
    expect(queriesFor('classic').filter((query) => query.includes('latency_seconds{'))).toEqual([]);
  });

  test('queries use only the quantiles that summaries have', () => {
    @ThriftService('Summed')
    class SummedHandler {
      @Timed({ name: 'summed_seconds', quantiles: [0.5, 0.9] }) add(): void {}
    }

    expect(SummedHandler.name).toBe('SummedHandler');
    const dashboard = createGrafanaDashboard();
    const titles = panelsOf(dashboard).map(({ panel }) => panel.title);
    expect(titles).toContain('p50 latency');
    expect(titles).not.toContain('p95 latency');
    expect(titles.filter((title) => title.startsWith('Latency: '))).toEqual([]);
    expect(expressionOf(dashboard, 'p50 latency')).toBe(
      `topk($top, max by (thrift_service, thrift_method) (summed_seconds{${OF_METHOD}, quantile="0.5"}) >= 0)`,
    );
    expect(expressionOf(dashboard, 'Quantiles of summaries')).toBe(
      `topk($top, max by (thrift_service, thrift_method, quantile) (summed_seconds{${OF_METHOD}}))`,
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
    const dashboard = createGrafanaDashboard({ histograms: 'classic' });
    return expressionOf(dashboard, 'Error budgets', 'Budget left');
  }

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
    const undeclared = ', thrift_exception_kind!="declared"';
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
      const [all, fast] = [rate('_count'), rate('_bucket', `, ${matcher}`)];
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
