import { expect, test } from 'vitest';

import { compareCounts, METHODS } from '../../bench/soak/checks/compare-counts';
import { Tally } from '../../examples/calculator/tally';
import { parseText } from '../support/text-format';

function scraped(changes: Readonly<Record<string, number>> = {}) {
  const lines = METHODS.flatMap((name) => {
    const [service, method] = name.split('.');
    const labels = `thrift_service="${service}",thrift_method="${method}"`;
    return [
      `thrift_server_requests_total{${labels}} 3`,
      `thrift_server_latency_seconds_count{${labels},thrift_success="true"} 1`,
      `thrift_server_latency_seconds_count{${labels},thrift_success="false"} 2`,
      `thrift_server_errors_total{${labels},thrift_exception_kind="declared"} 1`,
      `thrift_server_errors_total{${labels},thrift_exception_kind="undeclared"} 1`,
      `thrift_server_messages_total{${labels}} 3`,
      `thrift_server_active_requests{${labels}} 0`,
    ];
  });
  return parseText(`${lines.join('\n')}\n`).map((sample) =>
    sample.labels.get('thrift_method') === 'add' && sample.name in changes
      ? { ...sample, value: changes[sample.name] as number }
      : sample,
  );
}

function tally(): Tally {
  const counted = new Tally();
  for (const method of METHODS) {
    for (const outcome of ['ok', 'declared', 'undeclared'] as const) counted.add(method, outcome);
  }
  return counted;
}

test('the check of every method passes when the counts agree', () => {
  const checks = compareCounts(scraped(), tally());
  expect(checks.map(({ holds }) => holds)).toEqual(METHODS.map(() => true));
});

test.each([
  ['thrift_server_requests_total', 4],
  ['thrift_server_requests_total', NaN],
  ['thrift_server_latency_seconds_count', 2],
  ['thrift_server_errors_total', 0],
  ['thrift_server_messages_total', 2],
  ['thrift_server_active_requests', 1],
])('the check of a method fails when its %s is %d', (metric, value) => {
  const checks = compareCounts(scraped({ [metric]: value }), tally());
  expect(checks.filter(({ holds }) => !holds).map(({ what }) => what.split(':')[0])).toEqual([
    'Calculator.add',
  ]);
});

test('the check of a method fails when nothing called it', () => {
  expect(compareCounts(scraped(), new Tally()).some(({ holds }) => holds)).toBe(false);
});

test('series without the requested labels are not counted', () => {
  const checks = compareCounts(scraped(), tally(), { fate: 'orderly' });
  expect(checks.some(({ holds }) => holds)).toBe(false);
});
