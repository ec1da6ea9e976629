import { finding, type Finding } from './check-rules';
import { groupBy } from '../../group-by';
import type { MetricFamily } from '../scrape/parse-exposition';
import { toNumber, type Sample } from '../scrape/parse-sample';
import { labelsKey, seriesKey } from '../scrape/series-key';

/** What is wrong with a metric, its name and its labels aside. */
export function* lintSeries(family: MetricFamily): Generator<Finding> {
  const { name, help, type, samples } = family;
  if (help === null || help.trim() === '') yield finding('missing-help', name, 'no HELP text');
  if (type === null || type === 'untyped') yield finding('missing-type', name, 'no TYPE');
  const stamped = samples.find(({ hasTimestamp }) => hasTimestamp);
  if (stamped !== undefined) {
    const text = 'a timestamp keeps Prometheus from seeing when the series ends';
    yield finding('timestamp', name, text);
  }
  yield* lintDuplicates(family);
  if (type === 'histogram') yield* lintHistogram(family);
}

function* lintDuplicates({ name, samples }: MetricFamily): Generator<Finding> {
  const seen = new Set<string>();
  const told = new Set<string>();
  for (const sample of samples) {
    const key = seriesKey(sample);
    if (seen.has(key) && !told.has(key)) {
      told.add(key);
      yield finding('duplicate-series', name, `more than once: ${showSample(sample)}`);
    }
    seen.add(key);
  }
}

function* lintHistogram({ name, samples }: MetricFamily): Generator<Finding> {
  const groups = groupBy(samples, ({ labels }) => labelsKey(labels, ['le']));
  for (const group of groups.values()) {
    const problem = problemOf(name, group);
    if (problem !== null) {
      const [first] = group as [Sample];
      yield finding('broken-histogram', name, `${problem}: ${showSample(first)}`);
    }
  }
}

function problemOf(name: string, group: readonly Sample[]): string | null {
  const buckets = group
    .filter((sample) => sample.name === `${name}_bucket`)
    .map(({ labels, value }) => ({ bound: toNumber(labels.get('le') ?? ''), value }))
    .toSorted((a, b) => a.bound - b.bound);
  const count = group.find((sample) => sample.name === `${name}_count`);
  const last = buckets.at(-1);
  if (last?.bound !== Infinity) return 'no bucket +Inf';
  if (count === undefined) return 'no _count';
  if (!group.some((sample) => sample.name === `${name}_sum`)) return 'no _sum';
  if (count.value !== last.value) return '_count is not what bucket +Inf says';
  const falls = buckets.some(({ value }, i) => value < (buckets[i - 1]?.value ?? 0));
  return falls ? 'a bucket counts less than the one below it' : null;
}

function showSample({ name, labels }: Sample): string {
  const pairs = [...labels].map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${name}{${pairs.join(',')}}`;
}
