import { LABEL } from '../../../metrics/catalogue';
import { groupBy } from '../../order';
import { type MetricFamily, type Sample, toNumber } from '../exposition';
import { handlerMetricKind, labelsKey, methodOf, seriesKey } from '../handler-series';
import { finding, type Finding } from './check-rules';

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

const OF_METHOD: readonly string[] = [LABEL.service, LABEL.method];
const OF_OUTCOME: readonly string[] = [LABEL.success, LABEL.exceptionKind, LABEL.exceptionType];
const BUILT_IN: ReadonlySet<string> = new Set([...OF_METHOD, ...OF_OUTCOME, 'le', 'quantile']);

/**
 * Methods that have some of the series that stand at 0 together once a class is defined, and lack others. Where a label
 * depends on the call, series are made by calls, and nothing can be missing: those are passed over.
 */
export function* lintZeroSeries(families: readonly MetricFamily[]): Generator<Finding> {
  const ofHandlers = families.filter((family) => handlerMetricKind(family) !== null);
  const shared = sharedLabels(ofHandlers.flatMap(({ samples }) => samples));
  const isConstant = ({ labels }: Sample): boolean =>
    [...labels].every(([name, value]) => BUILT_IN.has(name) || shared.get(name) === value);
  for (const family of ofHandlers) {
    const kind = handlerMetricKind(family);
    const { name } = family;
    const methods = groupBy(family.samples.filter(isConstant), methodOf);
    for (const [method, samples] of methods) {
      if (kind === 'timed') {
        for (const success of ['true', 'false']) {
          if (!samples.some(({ labels }) => labels.get(LABEL.success) === success)) {
            yield finding(
              'missing-zero',
              name,
              `${method}: no series ${LABEL.success}="${success}"`,
            );
          }
        }
      } else if (kind === 'errorsCounted' && !samples.some(isFirstError)) {
        const series = `${LABEL.exceptionKind}="undeclared", ${LABEL.exceptionType}="Error"`;
        yield finding('missing-zero', name, `${method}: no series ${series}`);
      }
    }
  }
}

function isFirstError({ labels }: Sample): boolean {
  return (
    labels.get(LABEL.exceptionKind) === 'undeclared' && labels.get(LABEL.exceptionType) === 'Error'
  );
}

/** Labels that all series have with the same value, as default labels are. */
function sharedLabels([first, ...others]: readonly Sample[]): ReadonlyMap<string, string> {
  const shared = new Map(first?.labels);
  for (const { labels } of others) {
    for (const [name, value] of shared) if (labels.get(name) !== value) shared.delete(name);
  }
  return shared;
}

/** How many series a metric has. */
export interface Cardinality {
  readonly metric: string;
  readonly type: string | null;
  /** A histogram or summary counts as one, however many buckets or quantiles it has. */
  readonly series: number;
  /** The label with the most values; null without labels. */
  readonly mostVaried: { readonly label: string; readonly values: number } | null;
}

const OF_ONE_SERIES: readonly string[] = ['le', 'quantile'];

export function cardinalityOf({ name, type, samples }: MetricFamily): Cardinality {
  const series = new Set<string>();
  const values = new Map<string, Set<string>>();
  const ignored = type === 'histogram' || type === 'summary' ? OF_ONE_SERIES : [];
  for (const { labels } of samples) {
    series.add(labelsKey(labels, ignored));
    for (const [label, value] of labels) {
      if (ignored.includes(label)) continue;
      const known = values.get(label);
      if (known === undefined) values.set(label, new Set([value]));
      else known.add(value);
    }
  }
  const [most] = [...values].toSorted(([, a], [, b]) => b.size - a.size);
  return {
    metric: name,
    type,
    series: series.size,
    mostVaried: most === undefined ? null : { label: most[0], values: most[1].size },
  };
}
