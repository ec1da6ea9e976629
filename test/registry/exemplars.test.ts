import { Registry } from 'prom-client';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { exemplars as source } from '../../src/metrics/exemplar';
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

/** Lines of OpenMetrics that have an exemplar, as name and exemplar. */
async function exemplars(): Promise<[name: string, labels: string, value: number][]> {
  const text = (await renderMetrics({ accept: ACCEPT })).body.toString();
  const found = text.matchAll(/^(\w+)\{.*\} \d+ # \{(.*)\} (\S+) (\S+)$/gm);
  return [...found].map(([, name, labels, value]) => [name ?? '', labels ?? '', Number(value)]);
}

function giving(labels: unknown): void {
  configureMetrics({ exemplar: () => labels as Record<string, string> });
}

describe('an exemplar', () => {
  it('is on the bucket of a latency and on the count of an error', async () => {
    giving({ trace_id: 'abc', span_id: 'def' });
    handler.run(false);
    expect(() => handler.run(true)).toThrow(Refused);

    const found = await exemplars();

    const labels = 'trace_id="abc",span_id="def"';
    // One latency for each of `thrift_success`.
    expect(found).toHaveLength(3);
    expect(found).toEqual(
      expect.arrayContaining([
        [ERRORS, labels, 1],
        [`${LATENCY}_bucket`, labels, expect.any(Number)],
      ]),
    );
  });

  it('is asked for when a call is recorded, and the last of a bucket stands', async () => {
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

  it('stays when a later call has none', async () => {
    giving({ trace_id: 'kept' });
    expect(() => handler.run(true)).toThrow(Refused);
    giving(undefined);
    expect(() => handler.run(true)).toThrow(Refused);

    const onErrors = (await exemplars()).filter(([name]) => name === ERRORS);

    expect(onErrors).toEqual([[ERRORS, 'trace_id="kept"', 1]]);
    expect(await valueOf(registry, ERRORS, { thrift_exception_type: 'Refused' })).toBe(2);
  });

  it.each([
    ['null', null],
    ['undefined', undefined],
    ['no labels', {}],
  ])('is not there for %s, which is no fault', async (_what, labels) => {
    giving(labels);
    handler.run(false);

    expect(await exemplars()).toEqual([]);
    expect(onError).not.toHaveBeenCalled();
  });

  it('shows in no text 0.0.4', async () => {
    giving({ trace_id: 'abc' });
    handler.run(false);
    expect(() => handler.run(true)).toThrow(Refused);

    const text = (await renderMetrics()).body.toString();

    expect(text).not.toContain('abc');
    expect(text.replaceAll(/^# (HELP|TYPE) .*$/gm, '')).not.toContain('#');
  });

  it('is not on summaries, and nobody is asked for one', () => {
    const exemplar = vi.fn(() => ({ trace_id: 'abc' }));
    configureMetrics({ exemplar });
    handler.summarized();

    expect(exemplar).not.toHaveBeenCalled();
  });

  it('is no longer asked for once it is null, and costs nothing then', async () => {
    const exemplar = vi.fn(() => ({ trace_id: 'kept' }));
    configureMetrics({ exemplar });
    expect(() => handler.run(true)).toThrow(Refused);
    exemplar.mockClear();

    configureMetrics({ exemplar: null });
    expect(() => handler.run(true)).toThrow(Refused);
    handler.run(false);

    expect(exemplar).not.toHaveBeenCalled();
    // What a call looks at before it does anything for an exemplar.
    expect(source.labels).toBeNull();
    // What was recorded before stands, as it does while calls have none.
    expect((await exemplars()).map(([, labels]) => labels)).toEqual(
      Array(2).fill('trace_id="kept"'),
    );
    expect(onError).not.toHaveBeenCalled();
  });

  it('is asked for as before when it is undefined', () => {
    const exemplar = vi.fn(() => ({ trace_id: 'abc' }));
    configureMetrics({ exemplar });
    configureMetrics({ exemplar: undefined });
    handler.run(false);

    expect(exemplar).toHaveBeenCalledTimes(1);
  });

  it('goes with a reset', async () => {
    giving({ trace_id: 'abc' });
    expect(() => handler.run(true)).toThrow(Refused);
    resetMetrics();

    expect(await exemplars()).toEqual([]);
  });

  it('is what it was when recorded, whatever the program later does to the object', async () => {
    const labels = { trace_id: 'before' };
    giving(labels);
    handler.run(false);
    labels.trace_id = 'x'.repeat(1000);

    expect((await exemplars()).map(([, text]) => text)).toEqual(['trace_id="before"']);
  });
});

describe('names and values of an exemplar', () => {
  it.each([
    ['letters', { trace_id: 'x'.repeat(120) }],
    ['characters of two UTF-16 units', { trace_id: '😀'.repeat(120) }],
    ['several labels', { trace_id: 'x'.repeat(60), span_id: 'y'.repeat(53) }],
  ])('may have 128 characters: %s', async (_what, labels) => {
    giving(labels);
    handler.run(false);

    expect(await exemplars()).toHaveLength(1);
    expect(onError).not.toHaveBeenCalled();
  });

  it.each([
    ['letters', { trace_id: 'x'.repeat(121) }],
    ['characters of two UTF-16 units', { trace_id: '😀'.repeat(121) }],
    ['several labels', { trace_id: 'x'.repeat(60), span_id: 'y'.repeat(54) }],
  ])('must not have 129: %s', async (_what, labels) => {
    giving(labels);
    handler.run(false);

    expect(await exemplars()).toEqual([]);
    expect(onError.mock.calls).toEqual([
      [expect.objectContaining({ code: 'TM_ERR_EXEMPLAR' }), 'exemplar'],
    ]);
    const [error] = onError.mock.calls[0] as [Error, string];
    expect(error.message).toMatch(/129 characters; 128 are allowed/);
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
    ['returns a value that is no string', () => ({ trace_id: 7 })],
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

  it.each(faulty)('that %s costs only itself, and is reported once', async (_what, exemplar) => {
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
    // Two latencies, and a latency and an error.
    expect(await valueOf(registry, FAULTS, { site: 'exemplar' })).toBe(4);
    expect(onError).toHaveBeenCalledTimes(1);
    expect(onError).toHaveBeenCalledWith(expect.anything(), 'exemplar');
  });

  it('that returns a promise is told what to do instead', () => {
    configureMetrics({ exemplar: (async () => ({ trace_id: 'abc' })) as never });
    handler.run(false);

    expect(onError.mock.calls).toEqual([
      [expect.objectContaining({ code: 'TM_ERR_EXEMPLAR' }), 'exemplar'],
    ]);
    const [error] = onError.mock.calls[0] as [Error, string];
    expect(error.message).toMatch(/returned a promise; labels are expected.*async/);
  });

  it('leaves the exemplars that were there before', async () => {
    giving({ trace_id: 'before' });
    expect(() => handler.run(true)).toThrow(Refused);
    giving('faulty');
    expect(() => handler.run(true)).toThrow(Refused);

    const onErrors = (await exemplars()).filter(([name]) => name === ERRORS);

    expect(onErrors).toEqual([[ERRORS, 'trace_id="before"', 1]]);
  });

  it.each([{}, false, 'trace_id'])('is refused at once when it is %j', (exemplar) => {
    expect(() => configureMetrics({ exemplar: exemplar as never })).toThrow(
      expect.objectContaining({
        code: 'TM_ERR_OPTION_INVALID',
        message: expect.stringContaining('Expected a function or null') as string,
      }) as Error,
    );
  });
});
