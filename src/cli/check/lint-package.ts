import { CATALOGUE, LABEL } from '../../catalogue';
import { finding, type Finding } from './check-rules';
import { handlerMetricKind, isNamed } from '../scrape/handler-metric';
import { methodOf } from '../scrape/method-of';
import type { MetricFamily } from '../scrape/parse-exposition';

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
