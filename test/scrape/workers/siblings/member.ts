import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';

import { LineConnection } from '../../../../src/scrape/workers/siblings/line-connection';
import { processIdentity } from '../../../../src/scrape/workers/siblings/process-identity';
import type { Chunk, Request, WorkerMessage } from '../../../../src/scrape/workers/worker-messages';

/** Larger than every process id. */
const NOBODY = 2 ** 30;

/** The name of a worker whose process runs. */
export const aliveInstance = (): string =>
  `${process.pid}-${processIdentity(process.pid)}.${randomBytes(6).toString('hex')}`;

/** The name of a worker whose process has ended. */
export const deadInstance = (): string => `${NOBODY}-1-2.${randomBytes(6).toString('hex')}`;

/** An encoded counter of this value, without labels. */
export const counterOf = (value: number): string =>
  JSON.stringify([
    {
      name: 'orders_total',
      type: 'counter',
      help: 'x',
      aggregator: 'sum',
      points: [],
      series: [['', [value, null, 0]]],
    },
  ]);

/** The values of the counters in reports. */
export function valuesIn(reports: readonly { readonly families: readonly string[] }[]): number[] {
  type Encoded = { name: string; series: [string, [number]][] };
  return reports
    .flatMap(({ families }) => families)
    .flatMap((body) => JSON.parse(body) as Encoded[])
    .filter(({ name }) => name === 'orders_total')
    .flatMap(({ series }) => series.map(([, [value]]) => value));
}

/** The end of a connection to a leader, as another worker has it. It answers requests unless it is silent. */
export class Member {
  readonly requests: Request[] = [];
  readonly chunks: Chunk[] = [];
  isSilent = false;
  isClosed = false;
  private readonly connection: LineConnection;

  constructor(
    socket: Socket,
    private readonly value: number,
  ) {
    this.connection = new LineConnection(
      socket,
      (message) => this.receive(message),
      () => (this.isClosed = true),
    );
  }

  join(instance: string): void {
    this.send({ type: 'thrift-metrics.3:sibling', instance });
  }

  send(message: WorkerMessage): void {
    this.connection.send(message);
  }

  close(): void {
    this.connection.close();
  }

  private receive(message: WorkerMessage): void {
    if (message.type === 'thrift-metrics.3:chunk') this.chunks.push(message);
    if (message.type !== 'thrift-metrics.3:request') return;
    this.requests.push(message);
    if (this.isSilent) return;
    const { id, index, subject } = message;
    const chunk = { type: 'thrift-metrics.3:chunk', threadId: 0, id, index } as const;
    if (subject !== undefined) this.send({ ...chunk, kind: 'calls', body: this.calls(subject) });
    else if (index > 0) this.send({ ...chunk, kind: 'end', body: '' });
    else this.send({ ...chunk, kind: 'families', body: counterOf(this.value) });
  }

  /** Calls of which the number says which they are. */
  private calls(subject: string): string {
    const read = { enabled: true, total: this.value, inProgress: [], settled: [], omitted: 0 };
    const worker = subject === 'bare calls' ? 1 : 2;
    return JSON.stringify([{ process: { pid: this.value, worker, thread: 0 }, read }]);
  }
}
