import type { DeclaredMethod, DeclaredMetric } from '../../declaration/describe';
import { CATALOGUE, type CatalogueEntry, LABEL, METRIC_KINDS } from '../../metrics/catalogue';
import type { LabelNames } from '../../metrics/label-names';
import { isListedMethods } from './diff/compared-declaration';
import { servedDeclaration } from './diff/served-declaration';
import { methodOf } from './handler-series';
import type { RequestOptions } from './http-request';
import type { PolicyRule } from './policy-file';
import { readDescription } from './read-description';
import type { ServedMetrics } from './served-metrics';

/** Labels that the metrics set themselves. */
const BUILT_IN: ReadonlySet<string> = new Set([...Object.values(LABEL), 'le', 'quantile']);

/**
 * The methods that an endpoint serves. What it declares at `/-/declaration` is exact; the metrics show the rest, such as
 * methods of workers, and everything for endpoints that do not describe themselves.
 */
export function servedMethods(
  served: ServedMetrics,
  declared: readonly DeclaredMethod[],
): DeclaredMethod[] {
  const keyOf = ({ service, method }: { service: string; method: string }): string =>
    JSON.stringify([service, method]);
  const known = new Set(declared.map(keyOf));
  return [...declared, ...shownMethods(served).filter((method) => !known.has(keyOf(method)))];
}

/** The methods that metrics show, without objectives. */
function shownMethods(served: ServedMetrics): DeclaredMethod[] {
  const { prefix, methods } = servedDeclaration(served);
  return methods.map(({ service, method, metrics }) => ({
    service,
    method,
    declaredBy: '',
    failedRequests: prefix + CATALOGUE.failedRequests.name,
    objective: null,
    metrics: metrics.flatMap((metric): DeclaredMetric[] => {
      const kind = METRIC_KINDS.find((each) => each === metric.kind);
      if (kind === undefined) return [];
      const { name, type, help, labelNames, buckets, quantiles } = metric;
      return [
        {
          kind,
          name,
          type: type as DeclaredMetric['type'],
          help,
          service,
          method,
          static: false,
          declaredBy: '',
          labelNames: labelNames.map((each) => served.labelNames.builtInOf(each)).toSorted(),
          labels: constantLabels(served, name, `${service}.${method}`),
          ...(buckets !== null && { buckets }),
          ...(quantiles !== null && { quantiles }),
        },
      ];
    }),
  }));
}

/** The labels that all series of a method have with the same value. */
function constantLabels(
  { families }: ServedMetrics,
  name: string,
  method: string,
): Record<string, string> {
  const samples = families
    .filter((family) => family.name === name)
    .flatMap((family) => family.samples.filter((sample) => methodOf(sample) === method));
  const [first] = samples;
  return Object.fromEntries(
    [...(first?.labels ?? [])].filter(
      ([label, value]) =>
        !BUILT_IN.has(label) && samples.every(({ labels }) => labels.get(label) === value),
    ),
  );
}

/** What the process of an endpoint declares. Empty if the endpoint does not describe itself. */
export async function readDeclared(
  endpoint: URL,
  labelNames: LabelNames,
  options: RequestOptions,
): Promise<DeclaredMethod[]> {
  const found = await readDescription(endpoint, '/-/declaration', options, (answer) =>
    isListedMethods(answer) ? answer : null,
  ).catch(() => null);
  const methods = found?.value ?? [];
  return methods.map((method) => ({
    ...method,
    failedRequests: method.failedRequests ?? CATALOGUE.failedRequests.name,
    metrics: method.metrics.map((metric) => ({
      ...metric,
      labelNames: metric.labelNames.map((name) => labelNames.builtInOf(name)).toSorted(),
    })),
  }));
}

const LITERAL = /^[^*?]+$/;

/**
 * The methods that the rules of a policy file name without a pattern and give an objective. They are taken to have the
 * built-in metrics.
 */
export function methodsOfRules(
  rules: readonly PolicyRule[],
  { prefix, buckets }: { readonly prefix: string; readonly buckets: readonly number[] },
): DeclaredMethod[] {
  return rules.flatMap(({ match: { service = '*', method = '*' }, objective }) => {
    if (objective === undefined || !LITERAL.test(service) || !LITERAL.test(method)) return [];
    const metrics = METRIC_KINDS.map((kind): DeclaredMetric => {
      const { name, type, help, labels }: CatalogueEntry = CATALOGUE[kind];
      return {
        kind,
        name: prefix + name,
        type,
        help,
        service,
        method,
        static: false,
        declaredBy: '',
        labelNames: [...labels].toSorted(),
        labels: {},
        ...(type === 'histogram' && { buckets }),
      };
    });
    const failedRequests = prefix + CATALOGUE.failedRequests.name;
    return [{ service, method, declaredBy: '', failedRequests, objective: null, metrics }];
  });
}
