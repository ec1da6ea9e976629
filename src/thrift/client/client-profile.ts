import type { CounterCell, GaugeCell } from '../../metrics/cell';
import { CATALOGUE } from '../../metrics/catalogue';
import { labelSite } from '../../declaration/label-function';
import type { Runtime } from '../../runtime/runtime';
import { ClientMethodMetrics, LABELED_METRICS, type ClientLabels } from './client-method-metrics';

/** The cells for the connections of the clients with one name. */
export interface ClientConnectionCells {
  readonly reconnects: CounterCell;
  readonly offlineQueue: GaugeCell;
}

/** What clients of one service with the same name and the same labels share: the metrics of the methods. */
export class ClientProfile {
  private readonly methods = new Map<string, ClientMethodMetrics>();
  private hasResultErrors = false;

  constructor(
    private readonly runtime: Runtime,
    readonly service: string,
    readonly name: string,
    readonly labels: ClientLabels,
    readonly connection: ClientConnectionCells,
  ) {
    const { families, settings, userLabels } = runtime;
    userLabels.add([...Object.keys(labels.constant), ...labels.names], this.location);
    for (const label of labels.names) {
      families.series(CATALOGUE.internalErrors, { site: labelSite(this.location, label) });
    }
    if (labels.names.length === 0) return;
    for (const { name: metric } of LABELED_METRICS) {
      families.series(CATALOGUE.droppedSeries, { metric: settings.prefix + metric });
    }
  }

  get hasLabels(): boolean {
    const { constant, names } = this.labels;
    return names.length > 0 || Object.keys(constant).length > 0;
  }

  /** Names the clients in reports. */
  get location(): string {
    return `instrumentClient of ${this.service}`;
  }

  /** Finds the metrics of a method, or creates them at 0. */
  method(name: string): ClientMethodMetrics {
    let method = this.methods.get(name);
    if (method === undefined) {
      method = new ClientMethodMetrics(this.runtime, this.service, this.name, name, this.labels);
      if (this.hasResultErrors) method.addResultErrors();
      this.methods.set(name, method);
    }
    return method;
  }

  /** Whether rules exclude every metric of a method that is known. */
  excludes(name: string): boolean {
    return this.methods.get(name)?.isExcluded === true;
  }

  applyPolicy(): void {
    for (const method of this.methods.values()) method.applyPolicy();
  }

  /** Creates the series of calls that returned but count as failed, at 0. */
  addResultErrors(): void {
    if (this.hasResultErrors) return;
    this.hasResultErrors = true;
    for (const method of this.methods.values()) method.addResultErrors();
  }
}
