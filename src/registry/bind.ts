import { CATALOGUE, LABEL } from '../catalogue';
import { createCellLookup, type CellSource } from '../call/cell-lookup';
import { CountingErrorRecorder, DECLARED, UNDECLARED } from '../call/error-recorder';
import { exceptionClassName } from '../call/exception';
import { safeLabelFunction, type LabelFunction } from '../call/label-function';
import type { Counter, Gauge, Lookup, Lookups, Observer } from '../call/plan';
import { ThriftMetricsError } from '../errors';
import { CounterCell } from '../metrics/counter-cell';
import type { CellOf, CellType, Family } from '../metrics/family';
import { GaugeCell } from '../metrics/gauge-cell';
import { HistogramCell } from '../metrics/histogram-cell';
import type { Labels } from '../metrics/label-text';
import { SummaryCell } from '../metrics/summary-cell';
import { show } from '../validation/options';
import { builtInSeries, ensureFamily } from './families';
import { faults } from './faults';
import type { HeldSeries, MethodDeclaration } from './method-declaration';
import type { MetricSpec } from './metric-spec';
import { seriesOfCall } from './series-limit';
import { state } from './state';

/**
 * Gives a declaration its series under the name of a service, at 0, and lets its plan write into them. Series that it
 * held under another name are given up.
 */
export function bind(declaration: MethodDeclaration, service: string): void {
  const { plan } = declaration;
  const before = declaration.held;
  const binding = new Binding(declaration, service);
  try {
    for (const spec of declaration.specs) binding.add(spec);
  } catch (error) {
    release(binding.held);
    throw error;
  }
  declaration.held = binding.held;
  release(before);
  plan.service = service;
  plan.lookups = binding.lookups;
  binding.apply();
  plan.ready = true;
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

/** The labels of a metric of one method: what is constant, and what each call decides. */
interface MethodLabels {
  readonly constant: Labels;
  readonly names: readonly string[];
  readonly functions: readonly LabelFunction[];
}

class Binding {
  readonly held: HeldSeries[] = [];
  lookups: Lookups | null = null;
  private readonly changes: (() => void)[] = [];

  constructor(
    private readonly declaration: MethodDeclaration,
    private readonly service: string,
  ) {}

  /** Takes effect once every metric of the method has its series. */
  apply(): void {
    for (const change of this.changes) change();
  }

  add(spec: MetricSpec): void {
    const labels = this.labels(spec);
    if (labels.functions.length > 0) {
      this.lookups ??= { requests: null, inFlight: null, succeeded: null, failed: null };
      builtInSeries(CATALOGUE.droppedSeries, { metric: state.settings.prefix + spec.name });
    }
    const { declaration } = this;
    switch (spec.kind) {
      case 'counted':
        return this.addCounted(ensureFamily(spec.name, 'counter', spec.help, declaration), labels);
      case 'inFlight':
        return this.addInFlight(ensureFamily(spec.name, 'gauge', spec.help, declaration), labels);
      case 'errorsCounted':
        return this.addErrorsCounted(
          ensureFamily(spec.name, 'counter', spec.help, declaration),
          labels,
          spec,
        );
      case 'timed':
        return spec.type === 'summary'
          ? this.addTimed(ensureFamily(spec.name, 'summary', spec.help, declaration), labels, spec)
          : this.addTimed(
              ensureFamily(spec.name, 'histogram', spec.help, declaration),
              labels,
              spec,
            );
    }
  }

  private addCounted(family: Family<'counter'>, labels: MethodLabels): void {
    const { plan } = this.declaration;
    if (labels.functions.length > 0) {
      const lookup = this.lookup<'counter', Counter>(family, labels, {}, () => new CounterCell());
      (this.lookups as Lookups).requests = lookup;
      return;
    }
    const cell = this.hold(family, labels.constant, () => new CounterCell());
    this.changes.push(() => (plan.requests = cell));
  }

  private addInFlight(family: Family<'gauge'>, labels: MethodLabels): void {
    const { plan } = this.declaration;
    if (labels.functions.length > 0) {
      const lookup = this.lookup<'gauge', Gauge>(family, labels, {}, () => new GaugeCell());
      (this.lookups as Lookups).inFlight = lookup;
      return;
    }
    const cell = this.hold(family, labels.constant, () => new GaugeCell());
    this.changes.push(() => (plan.inFlight = cell));
  }

  private addTimed<T extends 'histogram' | 'summary'>(
    family: Family<T>,
    labels: MethodLabels,
    spec: MetricSpec,
  ): void {
    const { plan } = this.declaration;
    const createCell = (): CellOf[T] => createTimedCell(spec) as CellOf[T];
    const succeeded = { [LABEL.success]: 'true' };
    const failed = { [LABEL.success]: 'false' };
    this.changes.push(() => (plan.timed = true));
    if (labels.functions.length > 0) {
      const lookups = this.lookups as Lookups;
      lookups.succeeded = this.lookup<T, Observer>(family, labels, succeeded, createCell);
      lookups.failed = this.lookup<T, Observer>(family, labels, failed, createCell);
      return;
    }
    const cells = [succeeded, failed].map((success) => {
      const constant = { ...labels.constant, ...success };
      this.checkShape(family, constant, spec);
      return this.hold(family, constant, createCell);
    });
    this.changes.push(() => {
      plan.succeeded = cells[0] as Observer;
      plan.failed = cells[1] as Observer;
    });
  }

  private addErrorsCounted(
    family: Family<'counter'>,
    labels: MethodLabels,
    spec: MetricSpec,
  ): void {
    const { plan, place } = this.declaration;
    if (labels.functions.length === 0) {
      const known = [errorLabels(UNDECLARED, 'Error')];
      for (const exception of spec.exceptions ?? []) {
        known.push(errorLabels(DECLARED, exceptionClassName(exception)));
      }
      for (const error of known) {
        this.hold(family, { ...labels.constant, ...error }, () => new CounterCell());
      }
    }
    const source: CellSource<Counter> = ([kind = '', type = '', ...values]) => {
      // The kind has two values, so only the type and the user's labels can grow without end.
      const constant = { ...labels.constant, [LABEL.exceptionKind]: kind };
      const variable = { [LABEL.exceptionType]: type, ...combine(labels.names, values) };
      return seriesOfCall(family, constant, variable, this.declaration, () => new CounterCell());
    };
    const site = `exception:${place}`;
    const recorder = new CountingErrorRecorder(
      spec.exceptions,
      labels.functions,
      site,
      faults,
      source,
    );
    this.changes.push(() => (plan.errors = recorder));
  }

  private labels(spec: MetricSpec): MethodLabels {
    const { method, place } = this.declaration;
    const names = Object.keys(spec.labelFunctions);
    return {
      constant: {
        [LABEL.service]: this.service,
        [LABEL.method]: method,
        ...spec.constantLabels,
      },
      names,
      functions: names.map((name) => {
        const site = `label:${place}:${name}`;
        builtInSeries(CATALOGUE.internalErrors, { site });
        return safeLabelFunction(
          spec.labelFunctions[name] as () => unknown,
          site,
          faults,
          (value) =>
            new ThriftMetricsError(
              'TM_ERR_LABEL_FUNCTION',
              `${place}: the function of label '${name}' returned ${show(value)}; a string is expected`,
            ),
        );
      }),
    };
  }

  private lookup<T extends CellType, C>(
    family: Family<T>,
    labels: MethodLabels,
    outcome: Labels,
    createCell: () => CellOf[T],
  ): Lookup<C> {
    const constant = { ...labels.constant, ...outcome };
    return createCellLookup(labels.functions, (values) => {
      const variable = combine(labels.names, values);
      const { cell, kept } = seriesOfCall(family, constant, variable, this.declaration, createCell);
      return { cell: cell as C, kept };
    });
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
    throw new ThriftMetricsError(
      'TM_ERR_SERIES_CONFLICT',
      `${this.declaration.place}: '${spec.name}' of service '${this.service}', method '${this.declaration.method}' is declared with ` +
        `${shape} ${show(wanted)}, but ${existing.declaredBy.place} declared it with ${show(found)}`,
    );
  }
}

function errorLabels(kind: string, type: string): Labels {
  return { [LABEL.exceptionKind]: kind, [LABEL.exceptionType]: type };
}

function createTimedCell(spec: MetricSpec): HistogramCell | SummaryCell {
  return spec.quantiles === null
    ? new HistogramCell(spec.buckets ?? state.settings.buckets)
    : new SummaryCell(spec.quantiles);
}

function combine(names: readonly string[], values: readonly string[]): Labels {
  const labels: Record<string, string> = {};
  names.forEach((name, i) => (labels[name] = values[i] as string));
  return labels;
}
