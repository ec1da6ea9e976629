import type { DeclaredMethod, DeclaredMetric } from '../../../declaration/describe';
import { CATALOGUE, LABEL, METRIC_KINDS } from '../../../metrics/catalogue';
import { groupBy } from '../../group-by';
import type { MetricFamily } from '../exposition';
import { isNamed, methodOf } from '../handler-series';
import { finding, type Finding } from './check-rules';

/**
 * Finds served series of methods that no class declares, and declared series that are not served.
 *
 * @param prefix prefix that the program of the endpoint sets and the modules do not
 */
export function* lintDeclared(
  families: readonly MetricFamily[],
  methods: readonly DeclaredMethod[],
  prefix: string,
): Generator<Finding> {
  const metrics = methods.flatMap((method) => method.metrics);
  const declared = groupBy(metrics, ({ name }) => prefix + name);
  for (const family of families) {
    const declaredHere = declared.get(family.name);
    const isBuiltIn = METRIC_KINDS.some((kind) => isNamed(family, CATALOGUE[kind]));
    if (declaredHere === undefined && !isBuiltIn) continue;
    const known = new Set(declaredHere?.map(({ service, method }) => `${service}.${method}`));
    const served = new Set(family.samples.map(methodOf));
    for (const method of served) {
      if (known.has(method)) continue;
      yield finding(
        'undeclared-series',
        family.name,
        `no class of the modules declares ${method}; pass every module of the program by --module`,
      );
    }
  }
  for (const [name, declaredHere] of declared) {
    const family = families.find((each) => each.name === name);
    for (const metric of declaredHere) {
      for (const labels of zeroSeriesOf(metric)) {
        if (family !== undefined && hasSeries(family, labels)) continue;
        const shown = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
        yield finding(
          'missing-series',
          name,
          `declared but not served: ${shown.join(', ')}; ${ADVICE}`,
        );
      }
    }
  }
}

const ADVICE = 'run the version of the program that declares it, and let it load the class';

/** The labels of every series that is 0 from class definition on. */
function zeroSeriesOf(metric: DeclaredMetric): Record<string, string>[] {
  const { kind, service, method, labelNames, labels, exceptions } = metric;
  const known = new Set<string>([...CATALOGUE[kind].labels, ...Object.keys(labels)]);
  // Calls create the series of a metric with a label that depends on the call.
  if (labelNames.some((name) => !known.has(name))) return [];
  // A rule may drop a label. A method without its label is described with an empty name.
  const shown = (all: Record<string, string>): Record<string, string> =>
    Object.fromEntries(Object.entries(all).filter(([name]) => labelNames.includes(name)));
  const base = shown({ [LABEL.service]: service, [LABEL.method]: method, ...labels });
  if (kind === 'timed') {
    return ['true', 'false'].map((success) => ({ ...base, [LABEL.success]: success }));
  }
  if (kind !== 'errorsCounted') return [base];
  const errors = [['undeclared', 'Error'], ...(exceptions ?? []).map((name) => ['declared', name])];
  return errors.map(([exceptionKind = '', type = '']) =>
    shown({ ...base, [LABEL.exceptionKind]: exceptionKind, [LABEL.exceptionType]: type }),
  );
}

function hasSeries({ samples }: MetricFamily, wanted: Readonly<Record<string, string>>): boolean {
  return samples.some(({ labels }) =>
    Object.entries(wanted).every(([label, value]) => labels.get(label) === value),
  );
}
