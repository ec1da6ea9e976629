import { LATE, MISSED_REPORTS, within, WORKER_CHUNK_DEADLINE } from '../deadlines';
import type { CallsProcess } from './worker-calls';
import { type CallsSubject, FINAL_REPORT, type Chunk, type Request } from './worker-messages';

/** The metrics of a worker, as it sent them. */
export interface WorkerValues {
  /** Encoded families of this package. */
  readonly families: readonly string[];
  /** Encoded user's metrics. */
  readonly userMetrics: readonly string[];
}

export const NO_VALUES: WorkerValues = { families: [], userMetrics: [] };

interface IncompleteReport {
  readonly id: number;
  readonly families: string[];
  readonly userMetrics: string[];
  chunks: number;
}

/** The wait for one chunk of a report. */
interface ChunkWait {
  readonly id: number;
  /** Resolves to the wait for the next chunk, or to null once nothing more is expected. */
  readonly next: Promise<ChunkWait | null>;
  end(next: ChunkWait | null): void;
}

/** A worker, from the view of the process or thread that serves the metrics. */
export class Peer {
  /** The latest complete report, which also counts while the worker does not answer. */
  last: WorkerValues | null = null;
  /** Whether the worker has ended, so that nothing more arrives from it. */
  isGone = false;
  /** The id of the latest complete report. */
  answered = -1;
  /** The ids of the first and the latest report that were requested. */
  private readonly requested = { first: Infinity, latest: -1 };
  private missed = 0;
  private receiving: IncompleteReport | null = null;
  private wait: ChunkWait | null = null;
  /** The requests for the calls of the worker that are not answered. */
  private readonly callsWanted = new Map<number, (body: string | null) => void>();

  /**
   * @param chunkDeadline milliseconds to wait for each chunk
   * @param process what the worker is called while it does not answer, or null if that is unknown
   */
  constructor(
    private readonly send: (message: Request) => void,
    private readonly chunkDeadline = WORKER_CHUNK_DEADLINE,
    readonly process: CallsProcess | null = null,
  ) {}

  /** Requests a report. Resolves when it is complete, or when the wait for it has ended. */
  async ask(id: number): Promise<void> {
    const isLost = this.missed >= MISSED_REPORTS;
    this.missed++;
    const { requested } = this;
    requested.first = Math.min(requested.first, id);
    requested.latest = id;
    this.request(id, 0);
    if (isLost) return;
    let wait: ChunkWait | null = createWait(id);
    this.wait = wait;
    while (wait !== null) {
      // oxlint-disable-next-line no-await-in-loop -- chunks arrive one after another
      const next: ChunkWait | typeof LATE | null = await within(wait.next, this.chunkDeadline);
      wait = next === LATE ? null : next;
    }
  }

  /** Requests the calls of the worker. Resolves to null if they do not arrive within `deadline` milliseconds. */
  async askCalls(id: number, subject: CallsSubject, deadline: number): Promise<string | null> {
    const answer = new Promise<string | null>((resolve) => this.callsWanted.set(id, resolve));
    this.send({ type: 'thrift-metrics.3:request', id, index: 0, subject });
    const body = await within(answer, deadline);
    this.callsWanted.delete(id);
    return body === LATE ? null : body;
  }

  receive({ id, index, kind, body }: Chunk): void {
    if (kind === 'calls') {
      this.callsWanted.get(id)?.(body);
      return;
    }
    if (this.isGone || !this.isExpected(id)) return;
    if (index === 0) this.receiving = { id, families: [], userMetrics: [], chunks: 0 };
    const { receiving } = this;
    // Ignores a chunk of an older report, and a chunk after a gap. The latest complete report stays in effect.
    if (receiving === null || receiving.id !== id || receiving.chunks !== index) return;
    receiving.chunks++;
    if (kind === 'end') this.complete(receiving);
    else {
      receiving[kind].push(body);
      // A final report arrives without requests.
      if (id === FINAL_REPORT) return;
      this.request(id, index + 1);
      this.endWait(id, createWait(id));
    }
  }

  /** Ends the wait for the report. A report that arrives later is still used. */
  giveUp(): void {
    this.wait?.end(null);
    this.wait = null;
  }

  /** Called when the worker has ended. */
  end(): void {
    this.isGone = true;
    this.giveUp();
    for (const resolve of this.callsWanted.values()) resolve(null);
  }

  /** Whether a report is a final one or was requested here. Another thread may request reports on the same channel. */
  private isExpected(id: number): boolean {
    return id === FINAL_REPORT || (id >= this.requested.first && id <= this.requested.latest);
  }

  private complete({ id, families, userMetrics }: IncompleteReport): void {
    this.receiving = null;
    this.missed = 0;
    this.answered = id;
    this.last = {
      families,
      // A final report has none, because it cannot wait for them.
      userMetrics: id === FINAL_REPORT ? (this.last?.userMetrics ?? []) : userMetrics,
    };
    this.endWait(id, null);
  }

  private endWait(id: number, next: ChunkWait | null): void {
    if (this.wait?.id !== id) return;
    this.wait.end(next);
    this.wait = next;
  }

  private request(id: number, index: number): void {
    this.send({ type: 'thrift-metrics.3:request', id, index });
  }
}

function createWait(id: number): ChunkWait {
  let end!: ChunkWait['end'];
  const next = new Promise<ChunkWait | null>((resolve) => {
    end = resolve;
  });
  return { id, next, end };
}
