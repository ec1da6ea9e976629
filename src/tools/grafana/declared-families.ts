import type { DeclaredMethod, DeclaredMetric } from '../../declaration/describe';
import { METRIC_KINDS, type MetricKind } from '../../metrics/catalogue';
import { outcomeSources, showsBadCalls } from '../../slo/outcome';
import { groupBy } from '../group-by';
import type { BuiltInMetrics } from './built-in-metrics';

/** A metric name, and the declarations that use it. */
export interface DeclaredFamily {
  readonly name: string;
  readonly metrics: readonly DeclaredMetric[];
}

/** The families of each kind, in the order of the first method that declares them. */
export interface DeclaredFamilies extends Readonly<Record<MetricKind, readonly DeclaredFamily[]>> {
  /** Timed families of the methods that no counter counts. */
  readonly countedByTimed: readonly DeclaredFamily[];
  /** Timed families of the methods that no counter counts failures of. */
  readonly failedByTimed: readonly DeclaredFamily[];
  /** Methods whose objective counts declared exceptions as errors. */
  readonly strict: readonly MethodName[];
  /** Methods whose failed calls, and whose bad calls, are counted. Null if those of all methods are. */
  readonly counting: Readonly<Record<'failed' | 'bad', readonly MethodName[] | null>>;
}

type MethodName = Pick<DeclaredMethod, 'service' | 'method'>;

/**
 * Groups the metrics of the declared methods by name. Without declared methods, returns the built-in handler metrics,
 * for programs whose handlers are not declared in this process.
 */
export function declaredFamilies(
  methods: readonly DeclaredMethod[],
  builtIn: BuiltInMetrics,
): DeclaredFamilies {
  if (methods.length === 0) {
    const family = (kind: MetricKind): DeclaredFamily[] => [
      { name: builtIn.nameOf(kind), metrics: [] },
    ];
    return {
      counted: family('counted'),
      timed: family('timed'),
      errorsCounted: family('errorsCounted'),
      inFlight: family('inFlight'),
      countedByTimed: [],
      failedByTimed: [],
      strict: [],
      counting: { failed: null, bad: null },
    };
  }
  const all = methods.flatMap(({ metrics }) => metrics);
  const [counted = [], timed = [], errorsCounted = [], inFlight = []] = METRIC_KINDS.map((kind) =>
    familiesOf(all.filter((metric) => metric.kind === kind)),
  );
  return {
    counted,
    timed,
    errorsCounted,
    inFlight,
    countedByTimed: timedWithout(methods, 'counted'),
    failedByTimed: timedWithout(methods, 'errorsCounted'),
    strict: methods.filter(isStrict),
    counting: {
      failed: unlessAll(methods, (method) => sourcesOf(method).failures !== null),
      bad: unlessAll(methods, (method) => showsBadCalls(sourcesOf(method), isStrict(method))),
    },
  };
}

function isStrict({ objective }: DeclaredMethod): boolean {
  return objective?.declaredExceptionsAreErrors === true;
}

function sourcesOf({ metrics }: DeclaredMethod): ReturnType<typeof outcomeSources> {
  return outcomeSources(new Set(metrics.map(({ kind }) => kind)));
}

/** The methods that fulfill a condition, or null if all do. */
function unlessAll(
  methods: readonly DeclaredMethod[],
  condition: (method: DeclaredMethod) => boolean,
): MethodName[] | null {
  const found = methods.filter(condition);
  return found.length === methods.length ? null : found;
}

/** The timed families of the methods without a metric of this kind. */
function timedWithout(methods: readonly DeclaredMethod[], missing: MetricKind): DeclaredFamily[] {
  return familiesOf(
    methods
      .filter(({ metrics }) => !metrics.some(({ kind }) => kind === missing))
      .flatMap(({ metrics }) => metrics.filter(({ kind }) => kind === 'timed').slice(0, 1)),
  );
}

function familiesOf(metrics: readonly DeclaredMetric[]): DeclaredFamily[] {
  return [...groupBy(metrics, ({ name }) => name)].map(([name, found]) => ({
    name,
    metrics: found,
  }));
}
