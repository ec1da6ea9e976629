import { exceptionClassName } from '../call/exception';
import { CATALOGUE, type MetricKind, type MetricType } from '../catalogue';
import type { MethodDeclaration } from '../registry/method-declaration';
import type { MetricSpec } from '../registry/metric-spec';
import type { DeclaredObjective } from '../registry/objective';
import { state } from '../registry/state';

/** One metric of one method, as it was declared. */
export interface DeclaredMetric {
  /** Which decorator declares it. */
  readonly kind: MetricKind;
  /** The metric's name, prefix included. */
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  /** Value of `thrift_service`. */
  readonly service: string;
  /** Value of `thrift_method`. */
  readonly method: string;
  readonly static: boolean;
  /** The class that declares the method. */
  readonly declaredBy: string;
  /** Every label name, in alphabetical order. */
  readonly labelNames: readonly string[];
  /** The user's labels that are constants. */
  readonly labels: Readonly<Record<string, string>>;
  /** Of a histogram: upper bounds in seconds. */
  readonly buckets?: readonly number[];
  /** Of a histogram that has exponential buckets, too. */
  readonly native?: true;
  /** Of a summary. */
  readonly quantiles?: readonly number[];
  /** Of an error counter: the names of the exceptions that count as declared; absent when they were not listed. */
  readonly exceptions?: readonly string[];
  /** What `Objective` promises of the method; absent where it promises nothing. */
  readonly objective?: DeclaredObjective;
}

/** What is declared of one metric of a method, for readers. `className` is for where the declaration knows no class. */
export function describeMetric(
  { method, isStatic, owner, objective }: MethodDeclaration,
  spec: MetricSpec,
  service: string,
  className: string,
): DeclaredMetric {
  const { settings } = state;
  const labelNames = [
    ...CATALOGUE[spec.kind].labels,
    ...Object.keys(spec.constantLabels),
    ...Object.keys(spec.labelFunctions),
  ];
  return {
    kind: spec.kind,
    name: settings.prefix + spec.name,
    type: spec.type,
    help: spec.help,
    service,
    method,
    static: isStatic,
    declaredBy: owner?.name ?? className,
    labelNames: labelNames.toSorted(),
    labels: { ...spec.constantLabels },
    ...(spec.type === 'histogram' && {
      buckets: spec.buckets ?? settings.buckets,
      ...((spec.native ?? settings.nativeHistograms !== null) && { native: true }),
    }),
    ...(spec.quantiles !== null && { quantiles: spec.quantiles }),
    ...(spec.exceptions !== null && { exceptions: spec.exceptions.map(exceptionClassName) }),
    ...(objective !== null && { objective }),
  };
}
