import { CATALOGUE, LABEL } from '../../../metrics/catalogue';
import type { MetricFamily } from '../exposition';
import { handlerMetricKind, isNamed, methodOf } from '../handler-series';
import { finding, type Finding } from './check-rules';

/** Finds problems that this package reports about itself in its metrics. */
export function* lintPackage(families: readonly MetricFamily[]): Generator<Finding> {
  if (!families.some((family) => handlerMetricKind(family) !== null)) {
    const text =
      'the endpoint serves no metric of a Thrift method; decorate a handler, or check that the program has created its server';
    yield finding('no-methods', '-', text);
  }
  for (const family of families) {
    yield* lintFaults(family);
    yield* lintPlaceholders(family);
  }
}

function* lintFaults(family: MetricFamily): Generator<Finding> {
  const { name } = family;
  for (const { labels, value } of family.samples) {
    // NaN counts nothing.
    if (!(value > 0)) continue;
    if (isNamed(family, CATALOGUE.internalErrors)) {
      const site = labels.get(LABEL.site) ?? '';
      const text = `${value} errors at '${site}'; see the first one, which onError received`;
      yield finding('internal-errors', name, text);
    }
    if (isNamed(family, CATALOGUE.droppedSeries)) {
      const metric = labels.get(LABEL.metric) ?? '';
      const text = `${value} recordings of ${metric} are counted under _other; reduce its label values, or raise maxSeriesPerMetric`;
      yield finding('series-limit', name, text);
    }
  }
}

/** Finds label values that stand for values that the package could not keep or did not know. */
function* lintPlaceholders({ name, samples }: MetricFamily): Generator<Finding> {
  const ofMethods = samples.filter(({ labels }) => labels.has(LABEL.method));
  const ofCallers = samples.filter(({ labels }) => labels.has(LABEL.caller));
  const full = [...ofMethods, ...ofCallers].flatMap(({ labels }) =>
    [...labels].filter(([, value]) => value === '_other').map(([label]) => label),
  );
  for (const label of new Set(full)) {
    const text = `label '${label}' has the value _other; reduce its values, or raise maxSeriesPerMetric`;
    yield finding('series-limit', name, text);
  }
  // Ignores zeros, because a processor creates its `_unknown` series from the start.
  const unknown = ofMethods.find(
    ({ labels, value }) =>
      value !== 0 &&
      (labels.get(LABEL.service) === '_unknown' || labels.get(LABEL.method) === '_unknown'),
  );
  if (unknown !== undefined) {
    const text = `${methodOf(unknown)} counts calls of methods that are not declared; check that clients and server have the same IDL`;
    yield finding('unknown-series', name, text);
  }
}
