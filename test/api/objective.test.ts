import { afterEach, describe, expect, test } from 'vitest';

import { currentRuntime } from '../../src/runtime/runtime';
import {
  configureMetrics,
  Counted,
  getDeclaredMetrics,
  Instrumented,
  Objective,
  ThriftMetricsError,
  ThriftService,
  Timed,
  type ObjectiveOptions,
} from '../../src/index';
import { DEFAULT_BUCKETS } from '../../src/metrics/catalogue';
import { declaredMethods } from '../../src/declaration/describe';

afterEach(() => configureMetrics({ buckets: DEFAULT_BUCKETS }));

function objectives(handler: object): Record<string, object | undefined> {
  return Object.fromEntries(
    getDeclaredMetrics(handler).map(({ method, objective }) => [method, objective]),
  );
}

function errorOf(declare: () => unknown): ThriftMetricsError {
  try {
    declare();
  } catch (error) {
    return error as ThriftMetricsError;
  }
  throw new Error('nothing was thrown');
}

const availability = {
  availability: 0.999,
  window: '30d',
  declaredExceptionsAreErrors: false,
};

describe('objectives', () => {
  test('a class objective applies to the methods that the class declares, above and below Instrumented', () => {
    @Instrumented
    @Objective({ availability: 0.999 })
    class BelowHandler {
      add() {}
      ping() {}
    }
    @Objective({ availability: 0.999 })
    @Instrumented
    class AboveHandler {
      add() {}
    }

    expect(objectives(BelowHandler)).toEqual({ add: availability, ping: availability });
    expect(objectives(AboveHandler)).toEqual({ add: availability });
  });

  test('a method objective replaces the class objective, above and below the other decorators', () => {
    const own = { latency: { target: 0.9, within: 0.25 }, window: '7d' } as const;
    @Instrumented
    @Objective({ availability: 0.999 })
    class MixedHandler {
      @Counted
      @Timed
      @Objective(own)
      below() {}

      @Objective(own)
      @Counted
      @Timed
      above() {}

      @Objective(own)
      alone() {}

      ping() {}
    }
    const declared = { ...own, declaredExceptionsAreErrors: false };

    expect(objectives(MixedHandler)).toEqual({
      below: declared,
      above: declared,
      alone: declared,
      ping: availability,
    });
  });

  test('a method objective needs no class decorator', () => {
    class PlainHandler {
      @Objective({ availability: 0.999 })
      @Counted
      add() {}
    }

    expect(objectives(PlainHandler)).toEqual({ add: availability });
  });

  test('the methods declared in the process are listed with their objectives', () => {
    @ThriftService('Listed')
    class ListedHandler {
      @Counted
      @Objective({ availability: 0.99 })
      add() {}

      @Counted
      @Timed('listed_seconds')
      ping() {}
    }
    expect(ListedHandler.name).toContain('ListedHandler');

    const listed = declaredMethods(currentRuntime()).filter(({ service }) => service === 'Listed');

    expect(
      listed.map(({ method, objective, metrics }) => [
        method,
        objective?.availability,
        metrics.map(({ name }) => name).toSorted(),
      ]),
    ).toEqual([
      ['add', 0.99, ['thrift_server_requests_total']],
      ['ping', undefined, ['listed_seconds', 'thrift_server_requests_total']],
    ]);
  });
});

describe('a latency bound that is not a bucket', () => {
  const latency = { target: 0.99, within: 0.3 };

  test('a latency bound that is not a bucket is rejected with the nearest buckets, in any decorator order', () => {
    const declarations: (() => unknown)[] = [
      () => {
        class OneHandler {
          @Objective({ latency })
          @Timed
          add() {}
        }
        return OneHandler;
      },
      () => {
        class OneHandler {
          @Timed
          @Objective({ latency })
          add() {}
        }
        return OneHandler;
      },
      () => {
        @Instrumented
        @Objective({ latency })
        class OneHandler {
          add() {}
        }
        return OneHandler;
      },
      () => {
        @Objective({ latency })
        @Instrumented
        class OneHandler {
          add() {}
        }
        return OneHandler;
      },
    ];
    for (const declare of declarations) {
      const { code, message } = errorOf(declare);
      expect(code).toBe('TM_ERR_OBJECTIVE');
      expect(message).toMatch(/\badd\b.* is 0\.3.*nearest buckets are 0\.25 and 0\.5/);
    }
  });

  test('a latency bound is compared with the buckets of its own method', () => {
    class OwnHandler {
      @Objective({ latency })
      @Timed({ buckets: [0.1, 0.3] })
      own() {}
    }
    expect(objectives(OwnHandler)).toMatchObject({ own: { latency } });
    expect(
      errorOf(() => {
        class PastHandler {
          @Objective({ latency: { target: 0.9, within: 20 } })
          @Timed
          past() {}
        }
        return PastHandler;
      }).message,
    ).toContain('The nearest bucket is 10. Use it, or add 20 to the buckets.');
  });

  test('a latency objective on a summary is rejected', () => {
    const { code, message } = errorOf(() => {
      class SummaryHandler {
        @Objective({ latency })
        @Timed({ name: 'summary_seconds', quantiles: [0.5] })
        add() {}
      }
      return SummaryHandler;
    });
    expect([code, message]).toEqual(['TM_ERR_OBJECTIVE', expect.stringContaining('summary')]);
  });

  test('configureMetrics rejects buckets without the bound of an objective and changes nothing', () => {
    @Instrumented
    @Objective({ latency: { target: 0.99, within: 0.25 } })
    class LateHandler {
      add() {}
    }
    const { code } = errorOf(() => configureMetrics({ buckets: [0.1, 1] }));

    expect(code).toBe('TM_ERR_OBJECTIVE');
    const timed = getDeclaredMetrics(LateHandler).find(({ kind }) => kind === 'timed');
    expect(timed?.buckets).toEqual(DEFAULT_BUCKETS);
  });
});

test.each([
  ['no target', {}],
  ['an availability of 1', { availability: 1 }],
  ['a latency target of 0', { latency: { target: 0, within: 1 } }],
  ['an availability in percent', { availability: 99.9 }],
  ['no latency bound', { latency: { target: 0.9 } }],
  ['a latency bound of 0', { latency: { target: 0.9, within: 0 } }],
  ['a window without a unit', { availability: 0.9, window: '30' }],
  ['a window that is too long', { availability: 0.9, window: '14w' }],
  [
    'a string for declaredExceptionsAreErrors',
    { availability: 0.9, declaredExceptionsAreErrors: 'yes' },
  ],
])('an objective with %s is rejected', (_, options) => {
  const { code } = errorOf(() => {
    class WrongHandler {
      @Objective(options as ObjectiveOptions)
      @Timed
      add() {}
    }
    return WrongHandler;
  });
  expect(code).toBe('TM_ERR_OPTION_INVALID');
});

test('an unknown option, two objectives on one method and an objective without options are rejected', () => {
  const declarations: [string, () => unknown][] = [
    ['TM_ERR_OPTION_UNKNOWN', () => Objective({ uptime: 1 } as ObjectiveOptions)(class {})],
    [
      'TM_ERR_DECLARED_TWICE',
      () => {
        class TwiceHandler {
          @Objective({ availability: 0.9 })
          @Objective({ availability: 0.99 })
          @Timed
          add() {}
        }
        return TwiceHandler;
      },
    ],
    ['TM_ERR_OPTION_INVALID', () => Objective(class {} as never)],
  ];
  for (const [code, declare] of declarations) expect(errorOf(declare).code).toBe(code);
});
