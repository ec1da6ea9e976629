import { CATALOGUE, LABEL } from '../metrics/catalogue';
import { AgeCell, CounterCell, GaugeCell, type HistogramCell } from '../metrics/cell';
import type { CellOf, CellType, Family } from '../metrics/family';
import type { Labels } from '../metrics/labels';
import { SummaryCell } from '../metrics/summary-cell';
import { CountingErrorRecorder, DECLARED, UNDECLARED } from '../recording/error-recorder';
import { exceptionClassName } from '../recording/exception';
import type { FailedCheck } from '../recording/call';
import { RESULT, safeFailedCheck } from '../recording/call-labels';
import { CallsInProgress } from '../recording/in-flight';
import type { CellSource, Counter, ErrorCounter, Gauge, Observer } from '../recording/cells';
import type { Plan } from '../recording/plan';
import type { Runtime } from '../runtime/runtime';
import { ThriftMetricsError } from '../validation/errors';
import { show } from '../validation/checks';
import { declarationsOf } from './declarations';
import type { HeldSeries, MethodDeclaration } from './method';
import { combineLabels, MethodLabels, type MetricLabels } from './method-labels';
import type { MetricSpec } from './metric-spec';

/**
 * Creates the series of a declaration under a service, at 0, and makes its plan write to them. Series that it held under
 * another service are released.
 */
export function bind(runtime: Runtime, declaration: MethodDeclaration, service: string): void {
  const before = declaration.held;
  const binding = new MethodBinding(runtime, declaration, service);
  try {
    for (const spec of declaration.specs) binding.add(spec);
  } catch (error) {
    release(binding.held);
    throw error;
  }
  remember(runtime, declaration, service);
  declaration.held = binding.held;
  release(before);
  const isPlain = binding.changes.needsCall !== true;
  Object.assign(declaration.plan, binding.changes, { service, ready: true, isPlain });
}

/** Lists the declaration for the tools that show what the process declares. */
function remember(runtime: Runtime, declaration: MethodDeclaration, service: string): void {
  const { methods } = declarationsOf(runtime);
  const { method, specs } = declaration;
  if (declaration.held.length > 0) {
    // It may be listed under its earlier service or with its earlier metrics.
    for (const [key, known] of methods) if (known === declaration) methods.delete(key);
  }
  const metrics = specs.map(({ name }) => name).join(' ');
  methods.set(JSON.stringify([service, method, metrics]), declaration);
}

/** Removes the series that no declaration holds any longer, unless something was counted in them. */
function release(held: readonly HeldSeries[]): void {
  for (const { family, series } of held) {
    series.holders--;
    if (series.holders === 0 && series.cell.isZero()) family.remove(series);
  }
}

/** Collects the series that the metrics of a method hold, and the changes to its plan. */
export class MethodBinding {
  readonly held: HeldSeries[] = [];
  /** Applied to the plan after every metric has its series. */
  readonly changes: Partial<Plan> = {};
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
      this.changes.requests = this.hold(family, labels.constant, createCell);
    } else {
      labels.ofCall.requests = this.source<'counter', Counter>(family, labels, {}, createCell);
      this.changes.labelsOfRequests = labels.ofCall;
    }
  }

  private addInFlight(family: Family<'gauge'>, labels: MetricLabels): void {
    this.addOldestActive();
    const createCell = (): GaugeCell => new GaugeCell();
    if (labels.ofCall === null) {
      this.changes.inFlight = this.hold(family, labels.constant, createCell);
    } else {
      labels.ofCall.inFlight = this.source<'gauge', Gauge>(family, labels, {}, createCell);
      this.changes.labelsOfInFlight = labels.ofCall;
    }
  }

  /** `InFlight` also tells how long the oldest call in progress has been running. */
  private addOldestActive(): void {
    const entry = CATALOGUE.oldestActive;
    const labels = { [LABEL.service]: this.service, [LABEL.method]: this.declaration.method };
    const family = this.runtime.families.builtIn(entry);
    const age = this.hold(family, labels, () => new AgeCell()) as AgeCell;
    // A method that is bound again keeps its calls in progress.
    const active = this.declaration.plan.active ?? new CallsInProgress();
    // Weak, because the plan holds it, and everything that calls the method holds the plan.
    age.addWeak(active);
    this.changes.active = active;
  }

  private addTimed<T extends 'histogram' | 'summary'>(
    family: Family<T>,
    labels: MetricLabels,
    spec: MetricSpec,
  ): void {
    this.changes.timed = true;
    this.changes.failedOfTimed = this.failedCheck(spec);
    const createCell = (): CellOf[T] => this.createTimedCell(spec) as CellOf[T];
    const succeeded = { [LABEL.success]: 'true' };
    const failed = { [LABEL.success]: 'false' };
    if (labels.ofCall === null) {
      const cells = [succeeded, failed].map((success) => {
        const constant = { ...labels.constant, ...success };
        this.checkShape(family, constant, spec);
        return this.hold(family, constant, createCell) as Observer;
      });
      [this.changes.succeeded, this.changes.failed] = cells as [Observer, Observer];
    } else {
      labels.ofCall.succeeded = this.source<T, Observer>(family, labels, succeeded, createCell);
      labels.ofCall.failed = this.source<T, Observer>(family, labels, failed, createCell);
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
      for (const error of known) this.hold(family, { ...labels.constant, ...error }, createCell);
    }
    const source: CellSource<ErrorCounter> = ([kind = '', type = '', ...values]) => {
      // The kind has few values, so only the type and the user's labels can grow without bound.
      const constant = { ...labels.constant, [LABEL.exceptionKind]: kind };
      const variable = { [LABEL.exceptionType]: type, ...combineLabels(labels.names, values) };
      return runtime.seriesLimit.cellOf(family, constant, variable, declaration, createCell);
    };
    this.changes.errors = new CountingErrorRecorder(
      spec.exceptions,
      throws,
      labels.ofCall?.functions ?? [],
      `exception:${declaration.location}`,
      runtime.faults,
      runtime.exemplars,
      source,
    );
  }

  /** Metrics with the same `failed` share one check, so that a call asks it once. */
  private failedCheck({ failed }: MetricSpec): FailedCheck | null {
    if (failed === null) return null;
    this.changes.needsCall = true;
    let check = this.failedChecks.get(failed);
    if (check === undefined) {
      const { location } = this.declaration;
      check = safeFailedCheck(failed, `failed:${location}`, this.runtime.faults, (value) =>
        wrongFailedResult(location, value),
      );
      this.failedChecks.set(failed, check);
    }
    return check;
  }

  private source<T extends CellType, C>(
    family: Family<T>,
    labels: MetricLabels,
    outcome: Labels,
    createCell: () => CellOf[T],
  ): CellSource<C> {
    const constant = { ...labels.constant, ...outcome };
    return (values) => {
      const variable = combineLabels(labels.names, values);
      const { declaration, runtime } = this;
      const found = runtime.seriesLimit.cellOf(family, constant, variable, declaration, createCell);
      return { cell: found.cell as C, kept: found.kept };
    };
  }

  /** Holds a series with constant labels for as long as the declaration lives. */
  private hold<T extends CellType>(
    family: Family<T>,
    labels: Labels,
    createCell: () => CellOf[T],
  ): CellOf[T] {
    const series = family.findOrCreate(labels, this.declaration, createCell);
    series.holders++;
    this.held.push({ family, series });
    return series.cell;
  }

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
        : [cell.bounds, spec.buckets ?? this.runtime.settings.buckets];
    if (found.length === wanted.length && found.every((value, i) => value === wanted[i])) return;
    const shape = spec.type === 'summary' ? 'quantiles' : 'buckets';
    const { location, method } = this.declaration;
    throw new ThriftMetricsError(
      'TM_ERR_SERIES_CONFLICT',
      `${location}: '${spec.name}' of service '${this.service}', method '${method}' is declared with ${shape} ` +
        `${show(wanted)}, but ${existing.declaredBy.location} declared it with ${show(found)}. Use the same ${shape}, or another metric name.`,
    );
  }

  private createTimedCell({ quantiles, buckets, native }: MetricSpec): HistogramCell | SummaryCell {
    if (quantiles !== null) return new SummaryCell(quantiles);
    return this.runtime.families.createHistogram(buckets, native);
  }
}

function wrongFailedResult(location: string, value: unknown): ThriftMetricsError {
  return new ThriftMetricsError(
    'TM_ERR_FAILED_FUNCTION',
    `${location}: the function 'failed' returned ${show(value)}. It must return true, false, or the type of the failure as a string.`,
  );
}

function errorLabels(kind: string, type: string): Labels {
  return { [LABEL.exceptionKind]: kind, [LABEL.exceptionType]: type };
}
