import {
  methodCells,
  nameCells,
  type ClientMethodCells,
  type ClientNameCells,
} from './client-cells';
import type { ClientConnection } from './connection';

/** The metrics of one method of one client. */
export interface MeasuredMethod {
  readonly name: string;
  cells: ClientMethodCells;
}

/** What is kept of a client beside it. */
export class InstrumentedClient {
  /** Null until it is known. */
  connection: ClientConnection | null = null;
  /** Whether it is worth looking for the connection when a request is sent. */
  isConnectionSought = true;
  cells: ClientNameCells;
  private readonly methods: MeasuredMethod[] = [];
  private waiting = 0;
  private epoch = 0;

  constructor(
    private readonly service: string,
    private name: string | null,
  ) {
    this.cells = nameCells(this.label);
  }

  private get label(): string {
    return this.name ?? this.service;
  }

  addMethod(name: string): MeasuredMethod {
    const method = { name, cells: methodCells(this.label, this.service, name) };
    this.methods.push(method);
    return method;
  }

  /** The first name that was given stays: the service's gives way to it. */
  giveName(name: string): void {
    if (this.name !== null) return;
    this.leaveQueue();
    this.name = name;
    this.cells = nameCells(name);
    for (const method of this.methods) {
      method.cells = methodCells(name, this.service, method.name);
    }
  }

  connectTo(connection: ClientConnection): void {
    if (this.connection !== null) return;
    this.connection = connection;
    connection.clients.add(this);
  }

  /** One more message waits in the client. */
  enterQueue(): void {
    const { offlineQueue } = this.cells;
    if (this.epoch !== offlineQueue.epoch) {
      this.epoch = offlineQueue.epoch;
      this.waiting = 0;
    }
    this.waiting++;
    offlineQueue.value++;
  }

  /** All of them are sent, or dropped. */
  leaveQueue(): void {
    const { offlineQueue } = this.cells;
    if (this.epoch === offlineQueue.epoch) offlineQueue.value -= this.waiting;
    this.waiting = 0;
  }
}
