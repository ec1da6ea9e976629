import type { FailedCheck } from '../../recording/call';
import { RESULT } from '../../recording/guards';
import type { CallingClient } from './client-call';
import type { ClientConnectionCells, ClientMethodCells, ClientMetrics } from './client-cells';
import type { ClientConnection } from './connection';

/** The cells of one method of one client. They change when the client gets another name. */
export interface MeasuredMethod {
  readonly name: string;
  cells: ClientMethodCells;
}

/** The state of a client that is instrumented: its name, cells, connection and queue. */
export class InstrumentedClient implements CallingClient {
  /** Null until it is known. */
  connection: ClientConnection | null = null;
  /** Whether to search for the connection when a request is sent. */
  isConnectionSought = true;
  cells: ClientConnectionCells;
  /** The option `failed`, or null. */
  failed: FailedCheck | null = null;
  private readonly methods: MeasuredMethod[] = [];
  private waiting = 0;
  private generation = 0;

  constructor(
    readonly metrics: ClientMetrics,
    private readonly service: string,
    private name: string | null,
  ) {
    this.cells = metrics.connection(this.label);
  }

  get serviceName(): string {
    return this.service;
  }

  private get label(): string {
    return this.name ?? this.service;
  }

  addMethod(name: string): MeasuredMethod {
    const method = { name, cells: this.metrics.method(this.label, this.service, name) };
    this.methods.push(method);
    return method;
  }

  /** Names the client, unless it has a name. Without one, it is labeled with its service. */
  giveName(name: string): void {
    if (this.name !== null) return;
    this.leaveQueue();
    this.name = name;
    this.cells = this.metrics.connection(name);
    for (const method of this.methods) {
      method.cells = this.metrics.method(name, this.service, method.name);
    }
    this.createResultSeries();
  }

  /** Sets which calls that returned count as failed. The first check stays. Their series start at 0. */
  setFailed(failed: FailedCheck): void {
    this.failed ??= failed;
    this.createResultSeries();
  }

  private createResultSeries(): void {
    if (this.failed === null) return;
    for (const { cells } of this.methods) cells.errorsOf({ kind: RESULT, type: RESULT });
  }

  connectTo(connection: ClientConnection): void {
    if (this.connection !== null) return;
    this.connection = connection;
    connection.clients.add(this);
  }

  enterQueue(): void {
    const { offlineQueue } = this.cells;
    if (this.generation !== offlineQueue.generation) {
      this.generation = offlineQueue.generation;
      this.waiting = 0;
    }
    this.waiting++;
    offlineQueue.value++;
  }

  leaveQueue(): void {
    const { offlineQueue } = this.cells;
    if (this.generation === offlineQueue.generation) offlineQueue.value -= this.waiting;
    this.waiting = 0;
  }
}
