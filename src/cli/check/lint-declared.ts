import { CATALOGUE, LABEL, METRIC_KINDS } from '../../catalogue';
import type { DeclaredMethod } from '../../decorators/declared-methods';
import type { DeclaredMetric } from '../../decorators/describe-metric';
import { finding, type Finding } from './check-rules';
import { groupBy } from '../../group-by';
import { isNamed } from '../scrape/handler-metric';
import { methodOf } from '../scrape/method-of';
import type { MetricFamily } from '../scrape/parse-exposition';

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
