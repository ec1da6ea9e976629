import { Registry } from 'prom-client';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { currentRuntime } from '../../src/runtime/runtime';
import {
  configureMetrics,
  ErrorsCounted,
  renderMetrics,
  resetMetrics,
  ThriftService,
  Timed,
} from '../../src/index';
import { unhandledRejectionsOf } from '../support/unhandled-rejections';
import { valueOf } from '../support/value-of';

const ACCEPT = 'application/openmetrics-text';
const LATENCY = 'thrift_server_latency_seconds';
const ERRORS = 'thrift_server_errors_total';
const FAULTS = 'thrift_metrics_internal_errors_total';

class Refused extends Error {}

@ThriftService('Exemplars')
class ExemplarsHandler {
  @Timed
  @ErrorsCounted({ exceptions: [Refused] })
  run(fails: boolean): string {
    if (fails) throw new Refused('no');
    return 'done';
  }

  @Timed('exemplars_summary_seconds', { quantiles: [0.5] }) summarized(): void {}
}
const handler = new ExemplarsHandler();

const onError = vi.fn<(error: unknown, site: string) => void>();
let registry = new Registry();
beforeEach(() => {
  registry = new Registry();
  onError.mockClear();
  resetMetrics();
  configureMetrics({ registry, onError, exemplar: null });
});

/** The lines of OpenMetrics that have an exemplar: the name of the sample, and labels and value of the exemplar. */
async function exemplars(): Promise<[name: string, labels: string, value: number][]> {
  const text = (await renderMetrics({ accept: ACCEPT })).body.toString();
  const found = text.matchAll(/^(\w+)\{.*\} \d+ # \{(.*)\} (\S+) (\S+)$/gm);
  return [...found].map(([, name, labels, value]) => [name ?? '', labels ?? '', Number(value)]);
}

function returnLabels(labels: unknown): void {
  configureMetrics({ exemplar: () => labels as Record<string, string> });
}

describe('exemplars', () => {
  it('an exemplar is on the bucket of the latency and on the count of the error', async () => {
    returnLabels({ trace_id: 'abc', span_id: 'def' });
    handler.run(false);
    expect(() => handler.run(true)).toThrow(Refused);

    const found = await exemplars();

    const labels = 'trace_id="abc",span_id="def"';
    // One latency for each value of `thrift_success`, and one error.
    expect(found).toHaveLength(3);
    expect(found).toEqual(
      expect.arrayContaining([
        [ERRORS, labels, 1],
        [`${LATENCY}_bucket`, labels, expect.any(Number)],
      ]),
    );
  });

  it('the exemplar function runs when a call is recorded, not when metrics are rendered', async () => {
    const traces = ['first', 'second', 'third'];
    const exemplar = vi.fn(() => ({ trace_id: traces.shift() as string }));
    configureMetrics({ exemplar });
    expect(() => handler.run(true)).toThrow(Refused);
    expect(exemplar).toHaveBeenCalled();
    const asked = exemplar.mock.results.map(
      ({ value }) => (value as { trace_id: string }).trace_id,
    );

    await exemplars();
    await exemplars();

    expect(exemplar).toHaveBeenCalledTimes(asked.length);
    for (const [, labels] of await exemplars()) {
      expect(asked.map((trace) => `trace_id="${trace}"`)).toContain(labels);
    }
  });

  it('an exemplar stays when a later call has none', async () => {
    returnLabels({ trace_id: 'kept' });
    expect(() => handler.run(true)).toThrow(Refused);
    returnLabels(undefined);
    expect(() => handler.run(true)).toThrow(Refused);

    const onErrors = (await exemplars()).filter(([name]) => name === ERRORS);

    expect(onErrors).toEqual([[ERRORS, 'trace_id="kept"', 1]]);
    expect(await valueOf(registry, ERRORS, { thrift_exception_type: 'Refused' })).toBe(2);
  });

  it.each([
    ['null', null],
    ['undefined', undefined],
    ['no labels', {}],
  ])(
    'an exemplar function that returns %s adds no exemplar and is not a fault',
    async (_what, labels) => {
      returnLabels(labels);
      handler.run(false);

      expect(await exemplars()).toEqual([]);
      expect(onError).not.toHaveBeenCalled();
    },
  );

  it('the text format 0.0.4 has no exemplars', async () => {
    returnLabels({ trace_id: 'abc' });
    handler.run(false);
    expect(() => handler.run(true)).toThrow(Refused);

    const text = (await renderMetrics()).body.toString();

    expect(text).not.toContain('abc');
    expect(text.replaceAll(/^# (HELP|TYPE) .*$/gm, '')).not.toContain('#');
  });

  it('the exemplar function does not run for summaries', () => {
    const exemplar = vi.fn(() => ({ trace_id: 'abc' }));
    configureMetrics({ exemplar });
    handler.summarized();

    expect(exemplar).not.toHaveBeenCalled();
  });

  it('exemplar: null turns the exemplar function off and keeps recorded exemplars', async () => {
    const exemplar = vi.fn(() => ({ trace_id: 'kept' }));
    configureMetrics({ exemplar });
    expect(() => handler.run(true)).toThrow(Refused);
    exemplar.mockClear();

    configureMetrics({ exemplar: null });
    expect(() => handler.run(true)).toThrow(Refused);
    handler.run(false);

    expect(exemplar).not.toHaveBeenCalled();
    // A call reads this field before it does anything for an exemplar.
    expect(currentRuntime().exemplars.labels).toBeNull();
    // Recorded exemplars stay.
    expect((await exemplars()).map(([, labels]) => labels)).toEqual(
      Array(2).fill('trace_id="kept"'),
    );
    expect(onError).not.toHaveBeenCalled();
  });

  it('exemplar: undefined keeps the exemplar function', () => {
    const exemplar = vi.fn(() => ({ trace_id: 'abc' }));
    configureMetrics({ exemplar });
    configureMetrics({ exemplar: undefined });
    handler.run(false);

    expect(exemplar).toHaveBeenCalledTimes(1);
  });

  it('resetMetrics removes exemplars', async () => {
    returnLabels({ trace_id: 'abc' });
    expect(() => handler.run(true)).toThrow(Refused);
    resetMetrics();

    expect(await exemplars()).toEqual([]);
  });

  it('a recorded exemplar does not change when the program changes the object later', async () => {
    const labels = { trace_id: 'before' };
    returnLabels(labels);
    handler.run(false);
    labels.trace_id = 'x'.repeat(1000);

    expect((await exemplars()).map(([, text]) => text)).toEqual(['trace_id="before"']);
  });
});

describe('the length of an exemplar', () => {
  it.each([
    ['letters', { trace_id: 'x'.repeat(120) }],
    ['surrogate pairs', { trace_id: '😀'.repeat(120) }],
    ['several labels', { trace_id: 'x'.repeat(60), span_id: 'y'.repeat(53) }],
  ])('an exemplar may have 128 characters: %s', async (_what, labels) => {
    returnLabels(labels);
    handler.run(false);

    expect(await exemplars()).toHaveLength(1);
    expect(onError).not.toHaveBeenCalled();
  });

  it.each([
    ['letters', { trace_id: 'x'.repeat(121) }],
    ['surrogate pairs', { trace_id: '😀'.repeat(121) }],
    ['several labels', { trace_id: 'x'.repeat(60), span_id: 'y'.repeat(54) }],
  ])('an exemplar with 129 characters is left out and reported: %s', async (_what, labels) => {
    returnLabels(labels);
    handler.run(false);

    expect(await exemplars()).toEqual([]);
    expect(onError.mock.calls).toEqual([
      [expect.objectContaining({ code: 'TM_ERR_EXEMPLAR' }), 'exemplar'],
    ]);
    const [error] = onError.mock.calls[0] as [Error, string];
    expect(error.message).toMatch(/129 characters\. OpenMetrics allows 128/);
  });
});

describe('a faulty exemplar function', () => {
  const faulty: [string, () => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['returns a string', () => 'abc'],
    ['returns a number', () => 7],
    ['returns an array', () => ['abc']],
    ['returns a promise', () => Promise.resolve({ trace_id: 'abc' })],
    ['is async and rejects', () => Promise.reject(new Error('no trace'))],
    [
      'returns a thenable',
      () => ({
        then(_resolve: unknown, reject: (reason: Error) => void) {
          reject(new Error('no trace'));
        },
      }),
    ],
    ['returns a value that is not a string', () => ({ trace_id: 7 })],
    ['returns a bad label name', () => ({ 'trace-id': 'abc' })],
    ['returns a reserved label name', () => ({ __trace_id: 'abc' })],
    [
      'returns a getter that throws',
      () => ({
        get trace_id() {
          throw new Error('broken');
        },
      }),
    ],
  ];

  it.each(faulty)(
    'an exemplar function that %s costs only the exemplar and is reported once',
    async (_what, exemplar) => {
      configureMetrics({ exemplar: exemplar as () => Record<string, string> });

      const rejections = await unhandledRejectionsOf(() => {
        expect(handler.run(false)).toBe('done');
        expect(handler.run(false)).toBe('done');
        expect(() => handler.run(true)).toThrow(new Refused('no'));
      });

      expect(rejections).toEqual([]);

      expect(await exemplars()).toEqual([]);
      const succeeded = { thrift_success: 'true' };
      expect(await valueOf(registry, `${LATENCY}_count`, succeeded)).toBe(2);
      expect(await valueOf(registry, `${LATENCY}_count`, { thrift_success: 'false' })).toBe(1);
      expect(await valueOf(registry, ERRORS, { thrift_exception_type: 'Refused' })).toBe(1);
      // Each call has a latency. The last one also has an error, and is kept with its trace.
      expect(await valueOf(registry, FAULTS, { site: 'exemplar' })).toBe(5);
      expect(onError).toHaveBeenCalledTimes(1);
      expect(onError).toHaveBeenCalledWith(expect.anything(), 'exemplar');
    },
  );

  it('the report of an exemplar function that returns a promise says what to return instead', () => {
    configureMetrics({ exemplar: (async () => ({ trace_id: 'abc' })) as never });
    handler.run(false);

    expect(onError.mock.calls).toEqual([
      [expect.objectContaining({ code: 'TM_ERR_EXEMPLAR' }), 'exemplar'],
    ]);
    const [error] = onError.mock.calls[0] as [Error, string];
    expect(error.message).toMatch(/returned a promise\. Return the labels themselves/);
  });

  it('a faulty exemplar function leaves earlier exemplars in place', async () => {
    returnLabels({ trace_id: 'before' });
    expect(() => handler.run(true)).toThrow(Refused);
    returnLabels('faulty');
    expect(() => handler.run(true)).toThrow(Refused);

    const onErrors = (await exemplars()).filter(([name]) => name === ERRORS);

    expect(onErrors).toEqual([[ERRORS, 'trace_id="before"', 1]]);
  });

  it.each([{}, false, 'trace_id'])(
    'an exemplar function that is %j is refused by configureMetrics',
    (exemplar) => {
      expect(() => configureMetrics({ exemplar: exemplar as never })).toThrow(
        expect.objectContaining({
          code: 'TM_ERR_OPTION_INVALID',
          message: expect.stringContaining('Expected a function or null') as string,
        }) as Error,
      );
    },
  );
});
