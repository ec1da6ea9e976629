import { declaredMethods, type DeclaredMetric } from '../../declaration/describe';
import { CATALOGUE, LABEL, METRIC_KINDS, type MetricKind } from '../../metrics/catalogue';
import { currentRuntime } from '../../runtime/runtime';
import { groupBy } from '../group-by';
import { anyOf } from './queries';

/** A metric name, and what is declared under it. */
export interface DeclaredFamily {
  readonly name: string;
  readonly metrics: readonly DeclaredMetric[];
}

/** The metric names of each kind, in the order of their first method; `calls` are those that count calls. */
export interface DeclaredFamilies extends Readonly<Record<MetricKind, readonly DeclaredFamily[]>> {
  /** Timed families of methods whose calls nothing else counts. */
  readonly countedByTimed: readonly DeclaredFamily[];
}

/**
 * The families of all methods declared in this process. Where none is, the dashboard is for programs that measure their
 * handlers without declaring them here, which they do under the names of the catalogue.
 */
export function declaredFamilies(): DeclaredFamilies {
  const methods = declaredMethods(currentRuntime());
  if (methods.length === 0) {
    const builtIn = (kind: MetricKind): DeclaredFamily[] => [
      { name: metricName(kind), metrics: [] },
    ];
    return {
      counted: builtIn('counted'),
      timed: builtIn('timed'),
      errorsCounted: builtIn('errorsCounted'),
      inFlight: builtIn('inFlight'),
      countedByTimed: [],
    };
  }
  const all = methods.flatMap(({ metrics }) => metrics);
  const [counted = [], timed = [], errorsCounted = [], inFlight = []] = METRIC_KINDS.map((kind) =>
    familiesOf(all.filter((metric) => metric.kind === kind)),
  );
  const uncounted = methods.filter(
    ({ metrics }) => !metrics.some(({ kind }) => kind === 'counted'),
  );
  const countedByTimed = familiesOf(
    uncounted.flatMap(({ metrics }) => metrics.filter(({ kind }) => kind === 'timed').slice(0, 1)),
  );
  return { counted, timed, errorsCounted, inFlight, countedByTimed };
}

function familiesOf(metrics: readonly DeclaredMetric[]): DeclaredFamily[] {
  return [...groupBy(metrics, ({ name }) => name)].map(([name, found]) => ({
    name,
    metrics: found,
  }));
}

/** The name of a built-in metric in this process. */
export function metricName(key: keyof typeof CATALOGUE): string {
  return currentRuntime().settings.prefix + CATALOGUE[key].name;
}

/** Matchers for exactly these methods, one list for each service. */
export function matchersOf(
  methods: readonly { readonly service: string; readonly method: string }[],
): string[] {
  return [...groupBy(methods, ({ service }) => service)].map(([service, found]) => {
    const names = new Set(found.map(({ method }) => method));
    return `${LABEL.service}=~${anyOf([service])}, ${LABEL.method}=~${anyOf([...names])}`;
  });
}

/** Whether a family that is no declared method's has native buckets. */
export function hasNativeBuckets(): boolean {
  return currentRuntime().settings.nativeHistograms !== null;
}
