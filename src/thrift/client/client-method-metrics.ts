import { CATALOGUE, LABEL, type CatalogueEntry } from '../../metrics/catalogue';
import type { CounterCell, GaugeCell } from '../../metrics/cell';
import type { CellOf } from '../../metrics/family';
import type { HistogramCell } from '../../metrics/histogram-cell';
import type { Labels } from '../../metrics/labels';
import type { CellIndex } from '../../metrics/variable-series';
import { CallLabels } from '../../recording/call-labels';
import { RESULT } from '../../recording/guards';
import { CallsInProgress } from '../../recording/in-flight';
import { LabelTree } from '../../recording/label-tree';
import { type BuiltInType, PACKAGE } from '../../runtime/families';
import type { Runtime } from '../../runtime/runtime';
import { CLIENT_FAILURE_KINDS, KNOWN_FAILURES, type ClientFailure } from './client-failure';

/** The labels that a client adds to the metrics of its requests. */
export interface ClientLabels {
  readonly constant: Labels;
  /** The names of the labels whose values depend on the call. */
  readonly names: readonly string[];
}

/** The metrics that get the labels of the client. */
export const LABELED_METRICS = [
  CATALOGUE.clientRequests,
  CATALOGUE.clientActive,
  CATALOGUE.clientLatency,
  CATALOGUE.clientErrors,
  CATALOGUE.clientLateReplies,
] as const;

const METRICS = [
  ...LABELED_METRICS,
  CATALOGUE.clientFailedRequests,
  CATALOGUE.clientOldestActive,
] as const;

/** The cells of all calls of a method whose labels do not depend on the call. */
export interface RequestCells {
  readonly requests: CounterCell;
  readonly inFlight: GaugeCell;
  readonly succeeded: HistogramCell;
  readonly failed: HistogramCell;
}

const SUCCEEDED: Labels = { [LABEL.success]: 'true' };
const FAILED: Labels = { [LABEL.success]: 'false' };

/** The metrics of one method, for clients with the same name and the same labels. */
export class ClientMethodMetrics {
  readonly calls = new CallsInProgress();
  /** Whether rules exclude every metric of the method. Its calls are not observed then. */
  isExcluded = false;
  /** Null if a label depends on the call. */
  readonly cells: RequestCells | null;
  /** The cells by the values of the labels that depend on the call. Null if there are none. */
  readonly rows: CallLabels | null;
  private readonly constant: Labels;
  /** The calls that failed, by kind. Every kind starts at 0, with the labels that do not depend on the call. */
  private readonly failedRequests = new Map<string, CounterCell>();
  private readonly errors = new LabelTree<CounterCell>();
  private readonly lateReplies = new LabelTree<CounterCell>();

  constructor(
    readonly runtime: Runtime,
    private readonly service: string,
    clientName: string,
    readonly name: string,
    private readonly labels: ClientLabels,
  ) {
    const own = {
      [LABEL.service]: service,
      [LABEL.method]: name,
      [LABEL.clientName]: clientName,
    };
    this.constant = { ...labels.constant, ...own };
    if (labels.names.length === 0) {
      this.rows = null;
      this.cells = {
        requests: this.create(CATALOGUE.clientRequests),
        inFlight: this.create(CATALOGUE.clientActive),
        succeeded: this.create(CATALOGUE.clientLatency, SUCCEEDED),
        failed: this.create(CATALOGUE.clientLatency, FAILED),
      };
      for (const failure of KNOWN_FAILURES) this.createErrors(failure);
      this.lateReplies.set(pathOf([]), this.create(CATALOGUE.clientLateReplies));
    } else {
      this.cells = null;
      this.rows = this.createRows();
    }
    for (const kind of CLIENT_FAILURE_KINDS) {
      const cell = this.create(CATALOGUE.clientFailedRequests, { [LABEL.exceptionKind]: kind });
      this.failedRequests.set(kind, cell);
    }
    // As in handlers, the age of the oldest call has none of the user's labels.
    runtime.families.ageSeries(CATALOGUE.clientOldestActive, own).cell.sources.add(this.calls);
    this.applyPolicy();
  }

  applyPolicy(): void {
    const { policy } = this.runtime.settings;
    const { name: method, service } = this;
    this.isExcluded =
      !policy.isEmpty && METRICS.every(({ name }) => policy.isExcluded(name, { service, method }));
  }

  /** Creates the series of calls that returned but count as failed, at 0. */
  addResultErrors(): void {
    if (this.rows === null) this.createErrors({ kind: RESULT, type: RESULT });
  }

  failedRequestsOf({ kind }: ClientFailure): CounterCell {
    return this.failedRequests.get(kind) as CounterCell;
  }

  errorsOf({ kind, type }: ClientFailure, values: readonly string[]): CounterCell {
    const path = [kind, type, ...values];
    const existing = this.errors.get(path);
    if (existing !== undefined) return existing;
    const constant = { ...this.constant, [LABEL.exceptionKind]: kind };
    const names = [LABEL.exceptionType, ...this.labels.names];
    const source = this.source(CATALOGUE.clientErrors, constant, this.errors.branch(kind), names);
    const { cell, kept } = source([type, ...values]);
    if (kept) this.errors.set(path, cell);
    return cell;
  }

  lateRepliesOf(values: readonly string[]): CounterCell {
    const path = pathOf(values);
    const existing = this.lateReplies.get(path);
    if (existing !== undefined) return existing;
    const index = this.lateReplies.branch('');
    const source = this.source(CATALOGUE.clientLateReplies, this.constant, index);
    const { cell, kept } = source(values);
    if (kept) this.lateReplies.set(path, cell);
    return cell;
  }

  private createErrors({ kind, type }: ClientFailure): void {
    // The first call that fails in this way finds it in the family, and keeps it in the tree.
    this.create(CATALOGUE.clientErrors, {
      [LABEL.exceptionKind]: kind,
      [LABEL.exceptionType]: type,
    });
  }

  private createRows(): CallLabels {
    const rows = new CallLabels([]);
    const { constant } = this;
    const succeeded = { ...constant, ...SUCCEEDED };
    const failed = { ...constant, ...FAILED };
    const { clientActive, clientLatency, clientRequests } = CATALOGUE;
    rows.requests = this.source(clientRequests, constant, rows.column<'counter'>('requests'));
    rows.inFlight = this.source(clientActive, constant, rows.column<'gauge'>('inFlight'));
    rows.succeeded = this.source(clientLatency, succeeded, rows.column<'histogram'>('succeeded'));
    rows.failed = this.source(clientLatency, failed, rows.column<'histogram'>('failed'));
    return rows;
  }

  private create<T extends BuiltInType>(
    entry: CatalogueEntry & { type: T },
    outcome: Labels = {},
  ): CellOf[T] {
    return this.runtime.families.series(entry, { ...this.constant, ...outcome }).cell;
  }

  /** Finds or creates the cells of a metric by the values of the labels that depend on the call. */
  private source<T extends BuiltInType>(
    entry: CatalogueEntry & { type: T },
    constant: Labels,
    index: CellIndex<CellOf[T]>,
    names: readonly string[] = this.labels.names,
  ): (values: readonly string[]) => { cell: CellOf[T]; kept: boolean } {
    const { families, seriesLimit } = this.runtime;
    return (values) => {
      const family = families.builtInOfCall(entry);
      const variable = family.variable(constant, names, PACKAGE, index);
      return seriesLimit.builtInCellOf(entry, variable, values);
    };
  }
}

/** The path in a tree, which needs at least one level. */
function pathOf(values: readonly string[]): readonly string[] {
  return ['', ...values];
}
