import { CATALOGUE, LABEL } from '../metrics/catalogue';
import { AgeCell, CounterCell, GaugeCell, HistogramCell } from '../metrics/cell';
import type { CellOf, CellType, Family } from '../metrics/family';
import type { Labels } from '../metrics/labels';
import { SummaryCell } from '../metrics/summary-cell';
import type { CellSource } from '../recording/call-labels';
import {
  CountingErrorRecorder,
  DECLARED,
  type ErrorCounter,
  UNDECLARED,
} from '../recording/error-recorder';
import { exceptionClassName } from '../recording/exception';
import { ActiveCalls } from '../recording/in-flight';
import type { Counter, Gauge, Observer, Plan } from '../recording/plan';
import { addNativeBuckets, builtInFamily, builtInSeries, ensureFamily } from '../runtime/families';
import { faults } from '../runtime/faults';
import { state } from '../runtime/runtime';
import { seriesOfCall } from '../runtime/series-limit';
import { ThriftMetricsError } from '../validation/errors';
import { show } from '../validation/options';
import type { HeldSeries, MethodDeclaration } from './method';
import { combineLabels, MethodLabels, type MetricLabels } from './method-labels';
import type { MetricSpec } from './metric-spec';

/**
 * Gives a declaration its series under the name of a service, at 0, and lets its plan write into them. Series that it
 * held under another name are given up.
 */
export function bind(declaration: MethodDeclaration, service: string): void {
  const before = declaration.held;
  const binding = new MethodBinding(declaration, service);
  try {
    for (const spec of declaration.specs) binding.add(spec);
  } catch (error) {
    release(binding.held);
    throw error;
  }
  remember(declaration, service);
  declaration.held = binding.held;
  release(before);
  const isPlain = binding.changes.hasCallLabels !== true;
  Object.assign(declaration.plan, binding.changes, { service, ready: true, isPlain });
}

/** For whoever shows what is declared in the process. */
function remember(declaration: MethodDeclaration, service: string): void {
  const { methods } = state;
  const { method, specs } = declaration;
  if (declaration.held.length > 0) {
    // Under the name of a service, or with the metrics, that it had before.
    for (const [key, known] of methods) if (known === declaration) methods.delete(key);
  }
  const metrics = specs.map(({ name }) => name).join(' ');
  methods.set(JSON.stringify([service, method, metrics]), declaration);
}

/** Series that nobody holds any more go, unless something was counted in them. */
function release(held: readonly HeldSeries[]): void {
  for (const { family, series } of held) {
    series.owners--;
    if (series.owners === 0 && isZero(series.cell)) family.remove(series);
  }
}

function isZero(cell: CellOf[CellType]): boolean {
  if (cell instanceof HistogramCell) return cell.count() === 0;
  if (cell instanceof SummaryCell) return cell.count === 0;
  return cell.value === 0;
}

/** Collects what a method's metrics need: the series they hold, and what its plan is to know. */
export class MethodBinding {
  readonly held: HeldSeries[] = [];
  /** For the plan, once every metric has its series. */
  readonly changes: Partial<Plan> = {};
  private readonly labels: MethodLabels;

  constructor(
    private readonly declaration: MethodDeclaration,
    private readonly service: string,
  ) {
    this.labels = new MethodLabels(service, declaration.method, declaration.place);
  }

  add(spec: MetricSpec): void {
    const labels = this.labels.of(spec);
    if (labels.ofCall !== null) {
      this.changes.hasCallLabels = true;
      builtInSeries(CATALOGUE.droppedSeries, { metric: state.settings.prefix + spec.name });
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
    return ensureFamily(name, type, help, this.declaration);
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

  /** How long the oldest call has been running stands beside how many are. */
  private addOldestActive(): void {
    const entry = CATALOGUE.oldestActive;
    const labels = { [LABEL.service]: this.service, [LABEL.method]: this.declaration.method };
    const family = builtInFamily(entry);
    const age = this.hold(family, labels, () => new AgeCell()) as AgeCell;
    // Bound again, the method goes on with the calls it has in flight.
    const active = this.declaration.plan.active ?? new ActiveCalls();
    // The plan holds it, and whoever calls the method, or waits for it, holds the plan.
    age.addPassing(active);
    this.changes.active = active;
  }

  private addTimed<T extends 'histogram' | 'summary'>(
    family: Family<T>,
    labels: MetricLabels,
    spec: MetricSpec,
  ): void {
    this.changes.timed = true;
    const createCell = (): CellOf[T] => createTimedCell(spec) as CellOf[T];
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
    const { declaration } = this;
    const { throws } = declaration;
    const createCell = (): CounterCell => new CounterCell();
    if (labels.ofCall === null) {
      const known = [errorLabels(UNDECLARED, 'Error')];
      const names = spec.exceptions?.map(exceptionClassName) ?? throws?.names ?? [];
      for (const name of names) known.push(errorLabels(DECLARED, name));
      for (const error of known) this.hold(family, { ...labels.constant, ...error }, createCell);
    }
    const source: CellSource<ErrorCounter> = ([kind = '', type = '', ...values]) => {
      // The kind has two values, so only the type and the user's labels can grow without end.
      const constant = { ...labels.constant, [LABEL.exceptionKind]: kind };
      const variable = { [LABEL.exceptionType]: type, ...combineLabels(labels.names, values) };
      return seriesOfCall(family, constant, variable, declaration, createCell);
    };
    this.changes.errors = new CountingErrorRecorder(
      spec.exceptions,
      throws,
      labels.ofCall?.functions ?? [],
      `exception:${declaration.place}`,
      faults,
      source,
    );
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
      const found = seriesOfCall(family, constant, variable, this.declaration, createCell);
      return { cell: found.cell as C, kept: found.kept };
    };
  }

  /** The series with constant labels, for as long as the declaration lives. */
  private hold<T extends CellType>(
    family: Family<T>,
    labels: Labels,
    createCell: () => CellOf[T],
  ): CellOf[T] {
    const series = family.findOrCreate(labels, this.declaration, createCell);
    series.owners++;
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
        : [cell.bounds, spec.buckets ?? state.settings.buckets];
    if (found.length === wanted.length && found.every((value, i) => value === wanted[i])) return;
    const shape = spec.type === 'summary' ? 'quantiles' : 'buckets';
    const { place, method } = this.declaration;
    throw new ThriftMetricsError(
      'TM_ERR_SERIES_CONFLICT',
      `${place}: '${spec.name}' of service '${this.service}', method '${method}' is declared with ${shape} ` +
        `${show(wanted)}, but ${existing.declaredBy.place} declared it with ${show(found)}`,
    );
  }
}

function errorLabels(kind: string, type: string): Labels {
  return { [LABEL.exceptionKind]: kind, [LABEL.exceptionType]: type };
}

function createTimedCell(spec: MetricSpec): HistogramCell | SummaryCell {
  if (spec.quantiles !== null) return new SummaryCell(spec.quantiles);
  const cell = new HistogramCell(spec.buckets ?? state.settings.buckets);
  addNativeBuckets(cell, spec.native);
  return cell;
}
