import { CATALOGUE, LABEL } from '../../metrics/catalogue';
import type { CounterCell, GaugeCell, HistogramCell } from '../../metrics/cell';
import type { Labels } from '../../metrics/labels';
import { LabelTree } from '../../recording/call-labels';
import { ActiveCalls } from '../../recording/in-flight';
import { ageSeries, boundedCell, builtInSeries } from '../../runtime/families';
import { type ClientFailure, KNOWN_FAILURES } from './client-failure';

/** What the calls of one method write to, under one client name. */
export class ClientMethodCells {
  readonly requests: CounterCell;
  readonly inFlight: GaugeCell;
  readonly succeeded: HistogramCell;
  readonly failed: HistogramCell;
  readonly calls = new ActiveCalls();
  private readonly errors = new LabelTree<CounterCell>();

  constructor(private readonly labels: Labels) {
    this.requests = builtInSeries(CATALOGUE.clientRequests, labels).cell;
    this.inFlight = builtInSeries(CATALOGUE.clientActive, labels).cell;
    this.succeeded = latency(labels, 'true');
    this.failed = latency(labels, 'false');
    for (const { kind, type } of KNOWN_FAILURES) {
      const known = { ...labels, [LABEL.exceptionKind]: kind, [LABEL.exceptionType]: type };
      this.errors.set([kind, type], builtInSeries(CATALOGUE.clientErrors, known).cell);
    }
    ageSeries(CATALOGUE.clientOldestActive, labels).cell.sources.add(this.calls);
  }

  errorsOf({ kind, type }: ClientFailure): CounterCell {
    return this.errors.get([kind, type]) ?? this.makeErrors(kind, type);
  }

  private makeErrors(kind: string, type: string): CounterCell {
    const constant = { ...this.labels, [LABEL.exceptionKind]: kind };
    const variable = { [LABEL.exceptionType]: type };
    const { cell, kept } = boundedCell(CATALOGUE.clientErrors, constant, variable);
    if (kept) this.errors.set([kind, type], cell);
    return cell;
  }
}

/** What the connection of a client writes to, under one client name. */
export interface ClientNameCells {
  readonly reconnects: CounterCell;
  readonly offlineQueue: GaugeCell;
}

function latency(labels: Labels, success: string): HistogramCell {
  return builtInSeries(CATALOGUE.clientLatency, { ...labels, [LABEL.success]: success }).cell;
}

const methods = new LabelTree<ClientMethodCells>();

/** Clients come and go, often one for each connection: those of one name share the cells. */
export function methodCells(name: string, service: string, method: string): ClientMethodCells {
  const values = [name, service, method];
  let cells = methods.get(values);
  if (cells === undefined) {
    cells = new ClientMethodCells({
      [LABEL.service]: service,
      [LABEL.method]: method,
      [LABEL.clientName]: name,
    });
    methods.set(values, cells);
  }
  return cells;
}

export function nameCells(name: string): ClientNameCells {
  const labels = { [LABEL.clientName]: name };
  return {
    reconnects: builtInSeries(CATALOGUE.clientReconnects, labels).cell,
    offlineQueue: builtInSeries(CATALOGUE.clientOfflineQueue, labels).cell,
  };
}
