import { CATALOGUE, LABEL } from '../../metrics/catalogue';
import type { CounterCell, GaugeCell, HistogramCell } from '../../metrics/cell';
import type { Labels } from '../../metrics/labels';
import { LabelTree } from '../../recording/label-tree';
import { CallsInProgress } from '../../recording/in-flight';
import { definePart, type Runtime } from '../../runtime/runtime';
import { KNOWN_FAILURES, type ClientFailure } from './client-failure';

/** The cells of every client. Programs create many clients, often one per connection, so those with one name share cells. */
export class ClientMetrics {
  private readonly methods = new LabelTree<ClientMethodCells>();

  constructor(readonly runtime: Runtime) {}

  method(name: string, service: string, method: string): ClientMethodCells {
    const values = [name, service, method];
    let cells = this.methods.get(values);
    if (cells === undefined) {
      cells = new ClientMethodCells(this.runtime, {
        [LABEL.service]: service,
        [LABEL.method]: method,
        [LABEL.clientName]: name,
      });
      this.methods.set(values, cells);
    }
    return cells;
  }

  connection(name: string): ClientConnectionCells {
    const { families } = this.runtime;
    const labels = { [LABEL.clientName]: name };
    return {
      reconnects: families.series(CATALOGUE.clientReconnects, labels).cell,
      offlineQueue: families.series(CATALOGUE.clientOfflineQueue, labels).cell,
    };
  }
}

export const clientMetricsOf = definePart('thrift.client', (runtime) => new ClientMetrics(runtime));

/** The cells for the calls of one method under one client name. */
export class ClientMethodCells {
  readonly requests: CounterCell;
  readonly inFlight: GaugeCell;
  readonly succeeded: HistogramCell;
  readonly failed: HistogramCell;
  readonly calls = new CallsInProgress();
  private readonly errors = new LabelTree<CounterCell>();

  constructor(
    readonly runtime: Runtime,
    private readonly labels: Labels,
  ) {
    const { families } = runtime;
    this.requests = families.series(CATALOGUE.clientRequests, labels).cell;
    this.inFlight = families.series(CATALOGUE.clientActive, labels).cell;
    this.succeeded = this.latency('true');
    this.failed = this.latency('false');
    for (const { kind, type } of KNOWN_FAILURES) {
      const known = { ...labels, [LABEL.exceptionKind]: kind, [LABEL.exceptionType]: type };
      this.errors.set([kind, type], families.series(CATALOGUE.clientErrors, known).cell);
    }
    families.ageSeries(CATALOGUE.clientOldestActive, labels).cell.sources.add(this.calls);
  }

  errorsOf({ kind, type }: ClientFailure): CounterCell {
    return this.errors.get([kind, type]) ?? this.createErrors(kind, type);
  }

  private latency(success: string): HistogramCell {
    const labels = { ...this.labels, [LABEL.success]: success };
    return this.runtime.families.series(CATALOGUE.clientLatency, labels).cell;
  }

  private createErrors(kind: string, type: string): CounterCell {
    const { seriesLimit } = this.runtime;
    const constant = { ...this.labels, [LABEL.exceptionKind]: kind };
    const variable = { [LABEL.exceptionType]: type };
    const { cell, kept } = seriesLimit.builtInCellOf(CATALOGUE.clientErrors, constant, variable);
    if (kept) this.errors.set([kind, type], cell);
    return cell;
  }
}

/** The cells for the connection of a client under one client name. */
export interface ClientConnectionCells {
  readonly reconnects: CounterCell;
  readonly offlineQueue: GaugeCell;
}
