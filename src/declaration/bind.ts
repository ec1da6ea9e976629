import { CATALOGUE, DECLARED, LABEL } from '../metrics/catalogue';
import { AgeCell, CounterCell, GaugeCell } from '../metrics/cell';
import type { CellOf, CellType, Family } from '../metrics/family';
import type { HistogramCell } from '../metrics/histogram-cell';
import type { Labels } from '../metrics/labels';
import type { Ruling } from '../metrics/series-policy';
import { LongestBlockCell, LoopTimeCell } from '../metrics/loop-cells';
import { SummaryCell } from '../metrics/summary-cell';
import type { VariableSeries } from '../metrics/variable-series';
import type { CallLabels, RowCells } from '../recording/call-labels';
import {
  CountingErrorRecorder,
  FAILURE_KINDS,
  type FailedRequests,
  UNDECLARED,
} from '../recording/error-recorder';
import { exceptionClassName } from '../recording/exception';
import type { FailedCheck } from '../recording/call';
import { RESULT, UNKNOWN } from '../recording/guards';
import { CallsInProgress } from '../recording/in-flight';
import { LabelTree } from '../recording/label-tree';
import { LoopTime } from '../recording/loop-time';
import type { CellSource, ErrorCounter, Observer } from '../recording/cells';
import type { Plan } from '../recording/plan';
import type { Runtime } from '../runtime/runtime';
import { show } from '../validation/checks';
import { ThriftMetricsError } from '../validation/errors';
import { declarationsOf } from './declarations';
import { createFailedCheck } from './failed-check';
import type { MethodDeclaration, ReferencedSeries } from './method';
import { applyPolicy } from './method-policy';
import { MethodLabels, type MetricLabels } from './method-labels';
import type { MetricSpec } from './metric-spec';

/**
 * Creates the series of a declaration for a service, at 0, and makes the plan of the method write to them. Releases the
 * series of an earlier service.
 */
export function bind(runtime: Runtime, declaration: MethodDeclaration, service: string): void {
  const before = declaration.series;
  const binding = new MethodBinding(runtime, declaration, service);
  try {
    for (const spec of declaration.specs) binding.add(spec);
  } catch (error) {
    release(binding.series);
    throw error;
  }
  list(runtime, declaration, service);
  const { active } = declaration.plan;
  // The calls in progress go with the method to its new service.
  if (active !== null && declaration.age !== binding.age) declaration.age?.removeWeak(active);
  declaration.series = binding.series;
  declaration.loop = binding.loop;
  declaration.age = binding.age;
  release(before);
  const isPlain = binding.changes.needsCall !== true;
  Object.assign(declaration.plan, binding.changes, { service, ready: true, isPlain });
  declaration.plan.kept = runtime.keptCalls
    .method(service, declaration.method)
    .forWrapper(
      declaration.isMainWrapperFor('timed'),
      declaration.isMainWrapperFor('errorsCounted'),
    );
  applyPolicy(runtime, declaration);
  if (service === UNKNOWN && declaration.declaringClass !== null)
    warnOfMissingName(runtime, declaration);
}

/** Reports once that classes without names share one service. */
function warnOfMissingName({ faults }: Runtime, declaration: MethodDeclaration): void {
  const { declaringClass, location, plan } = declaration;
  const warn = (): void => {
    // A decorator of the class, which runs after those of its methods, may have named the service.
    if (plan.service !== UNKNOWN) return;
    faults.warnOnce(
      'service name',
      new ThriftMetricsError(
        'TM_ERR_SERVICE_NAME',
        `${location}: the class has no name, as in a bundle whose minifier removes names, so its calls are counted under the service '${UNKNOWN}'. ` +
          'Every class without a name shares that service. ' +
          "Name each service with @ThriftService('Calculator') or the option 'service', or let the bundler keep class names (esbuild: keepNames, Terser: keep_classnames).",
      ),
    );
  };
  if (typeof declaringClass === 'function') void Promise.resolve().then(warn);
  else warn();
}

/** Lists the declaration for the tools that show the declarations of the process. */
function list(runtime: Runtime, declaration: MethodDeclaration, service: string): void {
  const declarations = declarationsOf(runtime);
  const { methods } = declarations;
  const { method, specs } = declaration;
  if (declaration.series.length > 0) {
    // The declaration may be listed under its earlier service or with its earlier metrics.
    for (const [key, known] of methods) if (known === declaration) methods.delete(key);
  }
  const metrics = specs.map(({ name }) => name).join(' ');
  declarations.list(JSON.stringify([service, method, metrics]), declaration);
}

/** Gives up references to series. Removes a series that no declaration refers to, unless it has counted something. */
function release(released: readonly ReferencedSeries[]): void {
  for (const { family, series } of released) {
    series.references--;
    if (series.references === 0 && series.cell.isZero()) family.remove(series);
  }
}

/** Collects the series of a method and the changes to its plan. */
class MethodBinding {
  readonly series: ReferencedSeries[] = [];
  /** Applied to the plan once every metric has its series. */
  readonly changes: Partial<Plan> = {};
  loop: LoopTime | null = null;
  age: AgeCell | null = null;
  private readonly labels: MethodLabels;
  private readonly failedChecks = new Map<unknown, FailedCheck>();

  constructor(
    private readonly runtime: Runtime,
    private readonly declaration: MethodDeclaration,
    private readonly service: string,
  ) {
    this.labels = new MethodLabels(runtime, service, declaration.method, declaration.location);
  }

  add(spec: MetricSpec): void {
    const labels = this.labels.of(spec);
    if (labels.ofCall !== null) {
      this.changes.needsCall = true;
      const { families, settings } = this.runtime;
      families.series(CATALOGUE.droppedSeries, { metric: settings.prefix + spec.name });
    }
    switch (spec.kind) {
      case 'counted':
        return this.addCounted(this.family(spec, 'counter'), labels);
      case 'inFlight':
        return this.addInFlight(this.family(spec, 'gauge'), labels);
      case 'errorsCounted':
        return this.addErrorsCounted(this.family(spec, 'counter'), labels, spec);
      case 'timed':
        return spec.type === 'summary'
          ? this.addTimed(this.family(spec, 'summary'), labels, spec)
          : this.addTimed(this.family(spec, 'histogram'), labels, spec);
    }
  }

  private family<T extends CellType>({ name, help }: MetricSpec, type: T): Family<T> {
    return this.runtime.families.ensure(name, type, help, this.declaration);
  }

  private addCounted(family: Family<'counter'>, labels: MetricLabels): void {
    const createCell = (): CounterCell => new CounterCell();
    if (labels.ofCall === null) {
      this.changes.requests = this.refer(family, labels.constant, createCell);
    } else {
      labels.ofCall.requests = this.source(family, labels, 'requests', {}, createCell);
      this.changes.labelsOfRequests = labels.ofCall;
    }
  }

  private addInFlight(family: Family<'gauge'>, labels: MetricLabels): void {
    this.addOldestActive();
    const createCell = (): GaugeCell => new GaugeCell();
    if (labels.ofCall === null) {
      this.changes.inFlight = this.refer(family, labels.constant, createCell);
    } else {
      labels.ofCall.inFlight = this.source(family, labels, 'inFlight', {}, createCell);
      this.changes.labelsOfInFlight = labels.ofCall;
    }
  }

  /** `InFlight` also measures the age of the oldest call in progress. */
  private addOldestActive(): void {
    const entry = CATALOGUE.oldestActive;
    const labels = { [LABEL.service]: this.service, [LABEL.method]: this.declaration.method };
    const family = this.runtime.families.builtIn(entry);
    const age = this.refer(family, labels, () => new AgeCell()) as AgeCell;
    // A method that is bound again keeps its calls in progress.
    const active = this.declaration.plan.active ?? new CallsInProgress();
    this.changes.active = active;
    if (!this.declaration.isMainWrapperFor('inFlight')) return;
    // The reference is weak: the plan keeps `active` alive for as long as anything can call the method.
    age.addWeak(active);
    this.age = age;
  }

  /** `Timed` also measures for how long calls hold the event loop. */
  private addLoopTime(): void {
    if (this.loop !== null) return;
    const { families, eventLoop } = this.runtime;
    const labels = { [LABEL.service]: this.service, [LABEL.method]: this.declaration.method };
    const total = families.builtIn(CATALOGUE.eventLoop);
    const longest = families.builtIn(CATALOGUE.eventLoopLongest);
    this.loop = new LoopTime(
      eventLoop,
      this.refer(total, labels, () => new LoopTimeCell()) as LoopTimeCell,
      this.refer(longest, labels, () => new LongestBlockCell()) as LongestBlockCell,
    );
  }

  private addTimed<T extends 'histogram' | 'summary'>(
    family: Family<T>,
    labels: MetricLabels,
    spec: MetricSpec,
  ): void {
    this.changes.timed = true;
    this.addLoopTime();
    this.changes.failedOfTimed = this.failedCheck(spec);
    const createCell = (ruling: Ruling | null): CellOf[T] =>
      this.createTimedCell(spec, ruling) as CellOf[T];
    const succeeded = { [LABEL.success]: 'true' };
    const failed = { [LABEL.success]: 'false' };
    if (labels.ofCall === null) {
      const cells = [succeeded, failed].map((success) => {
        const constant = { ...labels.constant, ...success };
        this.checkShape(family, constant, spec);
        return this.refer(family, constant, createCell) as Observer;
      });
      [this.changes.succeeded, this.changes.failed] = cells as [Observer, Observer];
    } else {
      labels.ofCall.succeeded = this.source(family, labels, 'succeeded', succeeded, createCell);
      labels.ofCall.failed = this.source(family, labels, 'failed', failed, createCell);
      this.changes.labelsOfTimed = labels.ofCall;
    }
  }

  private addErrorsCounted(
    family: Family<'counter'>,
    labels: MetricLabels,
    spec: MetricSpec,
  ): void {
    const { declaration, runtime } = this;
    const { throws } = declaration;
    const createCell = (): CounterCell => new CounterCell();
    this.changes.failedOfErrors = this.failedCheck(spec);
    if (labels.ofCall === null) {
      const known = [errorLabels(UNDECLARED, 'Error')];
      if (spec.failed !== null) known.push(errorLabels(RESULT, RESULT));
      const names = spec.exceptions?.map(exceptionClassName) ?? throws?.names ?? [];
      for (const name of names) known.push(errorLabels(DECLARED, name));
      for (const error of known) this.refer(family, { ...labels.constant, ...error }, createCell);
    }
    // The kind has few values. Only the type and the user's labels can have any number of values.
    const names = [LABEL.exceptionType, ...labels.names];
    const cells = new LabelTree<CounterCell>();
    const source: CellSource<ErrorCounter> = ([kind = '', ...values]) => {
      const constant = { ...labels.constant, [LABEL.exceptionKind]: kind };
      const variable = family.variable(constant, names, declaration, cells.branch(kind));
      return runtime.seriesLimit.cellOf(family, variable, values, createCell);
    };
    this.changes.errors = new CountingErrorRecorder(
      spec.exceptions,
      throws,
      labels.ofCall?.functions ?? [],
      `exception:${declaration.location}`,
      runtime.faults,
      runtime.exemplars,
      runtime.errorTypes,
      this.createFailedRequests(labels.constant),
      source,
      runtime.errorSamples,
      cells,
    );
  }

  /** Every kind starts at 0, unless another wrapper of the method counts, with the labels that are known before the first call. */
  private createFailedRequests(constant: Labels): FailedRequests {
    const isCounted = this.declaration.isMainWrapperFor('errorsCounted');
    const family = this.runtime.families.builtIn(CATALOGUE.failedRequests);
    const counters = FAILURE_KINDS.map((kind) => {
      if (!isCounted) return [kind, { value: 0 }] as const;
      const labels = { ...constant, [LABEL.exceptionKind]: kind };
      return [kind, this.refer(family, labels, () => new CounterCell())] as const;
    });
    return Object.fromEntries(counters) as FailedRequests;
  }

  /** Metrics with the same `failed` share one check, so that a call asks it once. */
  private failedCheck({ failed }: MetricSpec): FailedCheck | null {
    if (failed === null) return null;
    this.changes.needsCall = true;
    let check = this.failedChecks.get(failed);
    if (check === undefined) {
      const { location } = this.declaration;
      check = createFailedCheck(failed, location, this.runtime);
      this.failedChecks.set(failed, check);
    }
    return check;
  }

  /** Creates the source of the cells of a metric whose labels depend on the call. */
  private source<T extends CellType, K extends keyof RowCells>(
    family: Family<T>,
    { constant, names, ofCall }: MetricLabels,
    metric: K,
    outcome: Labels,
    createCell: (ruling: Ruling | null) => CellOf[T],
  ): CellSource<RowCells[K]> {
    const { declaration, runtime } = this;
    const column = (ofCall as CallLabels).column<T>(metric);
    let variable: VariableSeries<T> | null = null;
    return (values) => {
      // Created by the first call, because the service can get another name before it.
      variable ??= family.variable({ ...constant, ...outcome }, names, declaration, column);
      const { cell, kept } = runtime.seriesLimit.cellOf(family, variable, values, createCell);
      return { cell: cell as unknown as RowCells[K], kept };
    };
  }

  /** Finds or creates a series with constant labels, and keeps it while the declaration refers to it. */
  private refer<T extends CellType>(
    family: Family<T>,
    labels: Labels,
    createCell: (ruling: Ruling | null) => CellOf[T],
  ): CellOf[T] {
    const series = family.findOrCreate(labels, this.declaration, createCell);
    series.references++;
    this.series.push({ family, series });
    return series.cell;
  }

  /** Rejects buckets or quantiles that differ from those of an existing series with the same labels. */
  private checkShape(
    family: Family<'histogram' | 'summary'>,
    labels: Labels,
    spec: MetricSpec,
  ): void {
    const existing = family.find(labels);
    if (existing === undefined) return;
    const { cell } = existing;
    const [found, wanted] =
      'quantiles' in cell
        ? [cell.quantiles, spec.quantiles as readonly number[]]
        : [
            cell.shape.boundsInCode ?? this.runtime.settings.buckets,
            spec.buckets ?? this.runtime.settings.buckets,
          ];
    if (found.length === wanted.length && found.every((value, i) => value === wanted[i])) return;
    const shape = spec.type === 'summary' ? 'quantiles' : 'buckets';
    const { location, method } = this.declaration;
    throw new ThriftMetricsError(
      'TM_ERR_SERIES_CONFLICT',
      `${location}: '${spec.name}' of service '${this.service}', method '${method}' is declared with ${shape} ` +
        `${show(wanted)}, but ${existing.declaredBy.location} declared it with ${show(found)}. Use the same ${shape}, or another metric name.`,
    );
  }

  private createTimedCell(
    { quantiles, buckets, native }: MetricSpec,
    ruling: Ruling | null,
  ): HistogramCell | SummaryCell {
    if (quantiles !== null) return new SummaryCell(quantiles);
    return this.runtime.families.createHistogram(buckets, native, ruling);
  }
}

function errorLabels(kind: string, type: string): Labels {
  return { [LABEL.exceptionKind]: kind, [LABEL.exceptionType]: type };
}
