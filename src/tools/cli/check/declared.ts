import type { DeclaredMethod, DeclaredMetric } from '../../../declaration/describe';
import { CATALOGUE, LABEL, METRIC_KINDS } from '../../../metrics/catalogue';
import { groupBy } from '../../order';
import type { MetricFamily } from '../exposition';
import { handlerMetricKind, isNamed, methodOf } from '../handler-series';
import { finding, type Finding } from './check-rules';

/**
 * Series of methods that no class declares, and declared ones that are not served. `prefix` is what the program of the
 * endpoint puts before names and the modules do not.
 */
export function* lintDeclared(
  families: readonly MetricFamily[],
  methods: readonly DeclaredMethod[],
  prefix: string,
): Generator<Finding> {
  const metrics = methods.flatMap((method) => method.metrics);
  const declared = groupBy(metrics, ({ name }) => prefix + name);
  for (const family of families) {
    const ofFamily = declared.get(family.name);
    const isBuiltIn = METRIC_KINDS.some((kind) => isNamed(family, CATALOGUE[kind]));
    if (ofFamily === undefined && !isBuiltIn) continue;
    const known = new Set(ofFamily?.map(({ service, method }) => `${service}.${method}`));
    const served = new Set(family.samples.map(methodOf));
    for (const method of served) {
      if (known.has(method)) continue;
      yield finding('undeclared-series', family.name, `${method}: no class declares it`);
    }
  }
  for (const [name, ofName] of declared) {
    const family = families.find((each) => each.name === name);
    for (const metric of ofName) {
      for (const labels of zeroSeriesOf(metric)) {
        if (family !== undefined && hasSeries(family, labels)) continue;
        const shown = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
        yield finding('missing-series', name, `declared and not served: ${shown.join(', ')}`);
      }
    }
  }
}

/** The labels of every series that stands at 0 once the class is defined. */
function zeroSeriesOf(metric: DeclaredMetric): Record<string, string>[] {
  const { kind, service, method, labelNames, labels, exceptions } = metric;
  const known = new Set<string>([...CATALOGUE[kind].labels, ...Object.keys(labels)]);
  // A label of the call: its series are made by calls.
  if (labelNames.some((name) => !known.has(name))) return [];
  const base = { [LABEL.service]: service, [LABEL.method]: method, ...labels };
  if (kind === 'timed') {
    return ['true', 'false'].map((success) => ({ ...base, [LABEL.success]: success }));
  }
  if (kind !== 'errorsCounted') return [base];
  const errors = [['undeclared', 'Error'], ...(exceptions ?? []).map((name) => ['declared', name])];
  return errors.map(([exceptionKind = '', type = '']) => ({
    ...base,
    [LABEL.exceptionKind]: exceptionKind,
    [LABEL.exceptionType]: type,
  }));
}

function hasSeries({ samples }: MetricFamily, wanted: Readonly<Record<string, string>>): boolean {
  return samples.some(({ labels }) =>
    Object.entries(wanted).every(([label, value]) => labels.get(label) === value),
  );
}

/** What the values say of the endpoint's own state. */
export function* lintPackage(families: readonly MetricFamily[]): Generator<Finding> {
  if (!families.some((family) => handlerMetricKind(family) !== null)) {
    yield finding('no-methods', '-', 'no metric of a Thrift method is served here');
  }
  for (const family of families) {
    yield* lintFaults(family);
    yield* lintStandIns(family);
  }
}

function* lintFaults(family: MetricFamily): Generator<Finding> {
  const { name } = family;
  for (const { labels, value } of family.samples) {
    if (value === 0) continue;
    if (isNamed(family, CATALOGUE.internalErrors)) {
      const site = labels.get(LABEL.site) ?? '';
      yield finding('internal-errors', name, `${value} at ${site}; onError was told the first`);
    }
    if (isNamed(family, CATALOGUE.droppedSeries)) {
      const metric = labels.get(LABEL.metric) ?? '';
      yield finding(
        'series-limit',
        name,
        `${value} recordings of ${metric} have no series of their own`,
      );
    }
  }
}

/** Series that stand for what has none of its own. */
function* lintStandIns({ name, samples }: MetricFamily): Generator<Finding> {
  const ofMethods = samples.filter(({ labels }) => labels.has(LABEL.method));
  const others = ofMethods.flatMap(({ labels }) =>
    [...labels].filter(([, value]) => value === '_other').map(([label]) => label),
  );
  for (const label of new Set(others)) {
    yield finding('series-limit', name, `label '${label}' has reached _other`);
  }
  // Of a processor they stand at 0 from the start.
  const unknown = ofMethods.find(
    ({ labels, value }) =>
      value !== 0 &&
      (labels.get(LABEL.service) === '_unknown' || labels.get(LABEL.method) === '_unknown'),
  );
  if (unknown !== undefined) {
    yield finding(
      'unknown-series',
      name,
      `${methodOf(unknown)}: calls that no declared method took`,
    );
  }
}
