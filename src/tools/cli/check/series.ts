import { LABEL } from '../../../metrics/catalogue';
import { groupBy } from '../../group-by';
import { type MetricFamily, type Sample, toNumber } from '../exposition';
import { handlerMetricKind, labelsKey, methodOf, seriesKey } from '../handler-series';
import { finding, type Finding } from './check-rules';

/** Finds problems with the metadata and the samples of a metric. */
export function* lintSeries(family: MetricFamily): Generator<Finding> {
  const { name, help, type, samples } = family;
  if (help === null || help.trim() === '')
    yield finding('missing-help', name, 'no HELP text; add a description');
  if (type === null) yield finding('missing-type', name, 'no TYPE; add one');
  if (type === 'untyped') {
    yield finding('missing-type', name, "TYPE is 'untyped'; use the actual type");
  }
  const stamped = samples.find(({ hasTimestamp }) => hasTimestamp);
  if (stamped !== undefined) {
    const text =
      'a value has a timestamp, so Prometheus does not see when the series ends; remove it';
    yield finding('timestamp', name, text);
  }
  yield* lintDuplicates(family);
  if (type === 'histogram') yield* lintHistogram(family);
}

function* lintDuplicates({ name, samples }: MetricFamily): Generator<Finding> {
  const seen = new Set<string>();
  const reported = new Set<string>();
  for (const sample of samples) {
    const key = seriesKey(sample);
    if (seen.has(key) && !reported.has(key)) {
      reported.add(key);
      yield finding(
        'duplicate-series',
        name,
        `series appears more than once: ${showSample(sample)}; export it once`,
      );
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

/** Describes what is wrong with the samples of one histogram series, or returns null. */
function problemOf(name: string, group: readonly Sample[]): string | null {
  const buckets = group
    .filter((sample) => sample.name === `${name}_bucket`)
    .map(({ labels, value }) => ({ bound: toNumber(labels.get('le') ?? ''), value }))
    .toSorted((a, b) => a.bound - b.bound);
  const count = group.find((sample) => sample.name === `${name}_count`);
  const last = buckets.at(-1);
  if (last?.bound !== Infinity) return 'bucket +Inf is missing';
  if (count === undefined) return '_count is missing';
  if (!group.some((sample) => sample.name === `${name}_sum`)) return '_sum is missing';
  if (count.value !== last.value) return '_count differs from bucket +Inf';
  const decreases = buckets.some(({ value }, i) => value < (buckets[i - 1]?.value ?? 0));
  return decreases ? 'a bucket has a lower count than the one before it' : null;
}

function showSample({ name, labels }: Sample): string {
  const pairs = [...labels].map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${name}{${pairs.join(',')}}`;
}

/** What to do about a series that is missing before the first call. */
const ADVICE = 'let the program create it at 0, so that Prometheus sees the first increase';

const BUILT_IN: ReadonlySet<string> = new Set([
  LABEL.service,
  LABEL.method,
  LABEL.success,
  LABEL.exceptionKind,
  LABEL.exceptionType,
  'le',
  'quantile',
]);

/**
 * Finds methods that have some of their initial series, which a class definition creates together, but lack others.
 * Ignores series with custom labels that may depend on the call, because calls create those.
 */
export function* lintZeroSeries(families: readonly MetricFamily[]): Generator<Finding> {
  const handlerMetrics = families.filter((family) => handlerMetricKind(family) !== null);
  const shared = sharedLabels(handlerMetrics.flatMap(({ samples }) => samples));
  const isConstant = ({ labels }: Sample): boolean =>
    [...labels].every(([name, value]) => BUILT_IN.has(name) || shared.get(name) === value);
  for (const family of handlerMetrics) {
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
              `${method} has no series with ${LABEL.success}="${success}"; ${ADVICE}`,
            );
          }
        }
      } else if (kind === 'errorsCounted' && !samples.some(isInitialError)) {
        const series = `${LABEL.exceptionKind}="undeclared", ${LABEL.exceptionType}="Error"`;
        yield finding('missing-zero', name, `${method} has no series with ${series}; ${ADVICE}`);
      }
    }
  }
}

function isInitialError({ labels }: Sample): boolean {
  return (
    labels.get(LABEL.exceptionKind) === 'undeclared' && labels.get(LABEL.exceptionType) === 'Error'
  );
}

/** Labels that all series have with the same value, such as default labels. */
function sharedLabels([first, ...others]: readonly Sample[]): ReadonlyMap<string, string> {
  const shared = new Map(first?.labels);
  for (const { labels } of others) {
    for (const [name, value] of shared) if (labels.get(name) !== value) shared.delete(name);
  }
  return shared;
}
