import { expect, test } from 'vitest';

import {
  increaseOf,
  methodSeriesOf,
  type SeriesChange,
} from '../../../../src/tools/cli/top/method-series';
import { methodRowsOf, seriesByMethod, totalsOf } from '../../../../src/tools/cli/top/method-rows';
import { parseExposition } from '../../../../src/tools/cli/exposition';

/** The series of an exposition, as if all its calls happened within the given number of seconds. */
function changesIn(text: string, seconds: number): SeriesChange[] {
  return methodSeriesOf(parseExposition(text, 'text')).map((series) => ({
    ...series,
    values: series.sinceStart,
    seconds,
  }));
}

const rowsOf = (changes: readonly SeriesChange[]) => methodRowsOf(seriesByMethod(changes));

const LABELS = 'thrift_service="S",thrift_method="m"';

/** The row of a method of which nothing is known. */
const NO_FIGURES = {
  service: 'S',
  method: 'm',
  isClient: false,
  isLost: false,
  rate: null,
  failedRatio: null,
  badRatio: null,
  failedRate: null,
  badRate: null,
  p50: null,
  p95: null,
  p99: null,
  inFlight: null,
  oldest: null,
  loopShare: null,
  hasObjective: false,
  budget: null,
  latencyBound: null,
  declaredExceptionsAreErrors: false,
};

const FULL = `# TYPE thrift_server_requests_total counter
thrift_server_requests_total{${LABELS}} 40
# TYPE thrift_server_latency_seconds histogram
thrift_server_latency_seconds_bucket{${LABELS},thrift_success="true",le="0.1"} 20
thrift_server_latency_seconds_bucket{${LABELS},thrift_success="true",le="+Inf"} 30
thrift_server_latency_seconds_sum{${LABELS},thrift_success="true"} 9
thrift_server_latency_seconds_count{${LABELS},thrift_success="true"} 30
thrift_server_latency_seconds_bucket{${LABELS},thrift_success="false",le="0.1"} 10
thrift_server_latency_seconds_bucket{${LABELS},thrift_success="false",le="+Inf"} 10
thrift_server_latency_seconds_sum{${LABELS},thrift_success="false"} 1
thrift_server_latency_seconds_count{${LABELS},thrift_success="false"} 10
# TYPE thrift_server_active_requests gauge
thrift_server_active_requests{${LABELS}} 3
# TYPE thrift_server_oldest_active_request_seconds gauge
thrift_server_oldest_active_request_seconds{${LABELS}} 100
`;

test('a row has the rate, fraction of failed calls, percentiles and calls in flight of a method', () => {
  expect(rowsOf(changesIn(FULL, 10))).toEqual([
    {
      ...NO_FIGURES,
      rate: 4,
      failedRatio: 0.25,
      failedRate: 1,
      // Latencies do not tell declared exceptions from other failures.
      badRatio: null,
      // 30 of 40 calls take at most 0.1 s: the 20th is at 20/30 of that, p95 and p99 are above the last bound.
      p50: { seconds: expect.closeTo(0.0667, 4), side: 'below', bound: 0.1 },
      p95: { seconds: 0.1, side: 'above', bound: 0.1 },
      p99: { seconds: 0.1, side: 'above', bound: 0.1 },
      inFlight: 3,
      oldest: 100,
      hangAge: 2,
    },
  ]);
});

test('instances are summed, each over its own elapsed time', () => {
  const [row] = rowsOf([...changesIn(FULL, 10), ...changesIn(FULL, 20)]);
  expect(row).toMatchObject({ rate: 6, failedRatio: 0.25, inFlight: 6 });
});

test('buckets are summed at the bounds that all series share', () => {
  const finer = FULL.replace(
    /^.*le="0\.1"} 20$/m,
    (line) => `${line.replace('0.1', '0.05').replace('20', '5')}\n${line}`,
  );
  const [row] = rowsOf(changesIn(finer, 10));
  expect(row?.p50?.seconds).toBeCloseTo(0.0667, 4);
});

test('only calls in flight and their age are known before the second scrape', () => {
  expect(rowsOf(changesIn(FULL, 0))).toEqual([
    {
      ...NO_FIGURES,
      inFlight: 3,
      oldest: 100,
      hangAge: 2,
    },
  ]);
});

test('renamed metrics are recognized by type and labels', () => {
  const renamed = FULL.replaceAll('thrift_server_requests_total', 'shop_calls_total')
    .replaceAll('thrift_server_latency_seconds', 'shop_call_seconds')
    .replaceAll('thrift_server_active_requests', 'shop_calls_in_progress');
  expect(rowsOf(changesIn(renamed, 10))).toEqual(rowsOf(changesIn(FULL, 10)));
});

test('prefixed metrics are recognized by their names', () => {
  const prefixed = FULL.replaceAll('thrift_server_', 'shop_thrift_server_');
  expect(rowsOf(changesIn(prefixed, 10))).toEqual(rowsOf(changesIn(FULL, 10)));
});

test('calls that two metrics count appear once in a row', () => {
  const twice = `${FULL}# TYPE all_calls_total counter\nall_calls_total{${LABELS}} 40\n`;
  expect(rowsOf(changesIn(twice, 10))).toEqual(rowsOf(changesIn(FULL, 10)));
});

test('the calls of a client are one row for all its methods, whose errors are bad calls', () => {
  const of = (method: string) =>
    `thrift_service="S",thrift_method="${method}",thrift_client_name="c"`;
  const client = `# TYPE thrift_client_requests_total counter
thrift_client_requests_total{${of('m')}} 40
thrift_client_requests_total{${of('n')}} 60
# TYPE thrift_client_failed_requests_total counter
thrift_client_failed_requests_total{${of('m')},thrift_exception_kind="transport"} 0
# TYPE other_total counter
other_total{${LABELS},thrift_client_name="c"} 40
`;
  const errors = `# TYPE thrift_client_errors_total counter
thrift_client_errors_total{${of('m')},thrift_exception_kind="transport",thrift_exception_type="E"} 5
`;
  const row = { service: 'S', method: 'c', isClient: true, rate: 10 };
  expect(rowsOf(changesIn(client, 10))).toEqual([
    { ...NO_FIGURES, ...row, failedRatio: 0, badRatio: 0, failedRate: 0, badRate: 0, hangAge: 60 },
  ]);
  expect(rowsOf(changesIn(client + errors, 10))).toMatchObject([{ ...row, badRatio: 0.05 }]);
});

test('a method without errors has 0 bad calls if its failed calls are counted by kind', () => {
  const byKind = `${FULL}# TYPE thrift_server_failed_requests_total counter
thrift_server_failed_requests_total{${LABELS},thrift_exception_kind="declared"} 0
`;
  expect(rowsOf(changesIn(byKind, 10))).toMatchObject([{ badRatio: 0, badRate: 0 }]);
});

test('seconds of the event loop are shown as a share of it, and do not count as calls', () => {
  const loop = `# TYPE thrift_server_event_loop_seconds_total counter
thrift_server_event_loop_seconds_total{${LABELS}} 6
`;
  expect(rowsOf(changesIn(FULL + loop, 10))).toMatchObject([{ rate: 4, loopShare: 0.6 }]);
});

test('failed and bad calls come from the error counter, declared exceptions being failed but not bad', () => {
  const text = `# TYPE thrift_server_requests_total counter
thrift_server_requests_total{${LABELS}} 40
# TYPE thrift_server_errors_total counter
thrift_server_errors_total{${LABELS},thrift_exception_kind="declared",thrift_exception_type="A"} 2
thrift_server_errors_total{${LABELS},thrift_exception_kind="undeclared",thrift_exception_type="Error"} 8
`;
  expect(rowsOf(changesIn(text, 10))[0]).toMatchObject({
    rate: 4,
    failedRatio: 0.25,
    badRatio: 0.2,
    p50: null,
  });
});

test('a histogram restarts from 0 as a whole if one of its counts fell', () => {
  const before = new Map([
    [1, 5],
    [Infinity, 7],
  ]);
  // Of the nine calls since the restart, two took at most a second.
  const now = new Map([
    [1, 2],
    [Infinity, 9],
  ]);
  expect(increaseOf(now, before)).toEqual(now);
});

test('a series grows by the difference to the previous scrape, and a new one by all it has counted', () => {
  const before = new Map([
    [1, 5],
    [Infinity, 7],
  ]);
  const now = new Map([
    [1, 5],
    [Infinity, 10],
  ]);
  expect(increaseOf(now, before)).toEqual(
    new Map([
      [1, 0],
      [Infinity, 3],
    ]),
  );
  expect(increaseOf(now, undefined)).toEqual(now);
});

test('the totals are the sums of the rows, also if methods count their calls and failures by different metrics', () => {
  const counted = `# TYPE thrift_server_requests_total counter
thrift_server_requests_total{${LABELS}} 40
# TYPE thrift_server_errors_total counter
thrift_server_errors_total{${LABELS},thrift_exception_kind="undeclared",thrift_exception_type="Error"} 10
`;
  const other = 'thrift_service="S",thrift_method="timed"';
  const timed = `# TYPE thrift_server_latency_seconds histogram
thrift_server_latency_seconds_bucket{${other},thrift_success="true",le="+Inf"} 30
thrift_server_latency_seconds_count{${other},thrift_success="true"} 30
thrift_server_latency_seconds_bucket{${other},thrift_success="false",le="+Inf"} 30
thrift_server_latency_seconds_count{${other},thrift_success="false"} 30
`;
  const methods = seriesByMethod(changesIn(counted + timed, 10));
  const rows = methodRowsOf(methods);
  expect(rows.map(({ rate, failedRate }) => [rate, failedRate])).toEqual([
    [4, 1],
    [6, 3],
  ]);
  expect(totalsOf(rows, methods)).toMatchObject({ rate: 10, failedRate: 4, failedRatio: 0.4 });
});
