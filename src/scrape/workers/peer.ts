import { MISSED_ANSWERS, WORKER_CHUNK_DEADLINE } from '../deadlines';
import { FINAL_REPORT, type Chunk, type Request } from './messages';

/** What a worker has, as it was sent. */
export interface Values {
  /** Those of this package. */
  readonly families: readonly string[];
  /** Metrics of the program. */
  readonly userMetrics: readonly string[];
}

interface Receiving {
  readonly id: number;
  readonly families: string[];
  readonly userMetrics: string[];
  chunks: number;
}

/** A worker, as the process that serves the metrics of all sees it. */
export class Peer {
  /** The last it sent in whole, which stands for it while it does not answer. */
  last: Values | null = null;
  /** Nothing comes from it any more. */
  isGone = false;
  private missed = 0;
  private receiving: Receiving | null = null;
  private pending: { id: number; timer: NodeJS.Timeout; resolve: () => void } | null = null;

  constructor(private readonly send: (message: Request) => void) {}

  /** Resolves when the peer has answered, or when it is given up. */
  ask(id: number): Promise<void> {
    const isLost = this.missed >= MISSED_ANSWERS;
    this.missed++;
    this.request(id, 0);
    if (isLost) return Promise.resolve();
    return new Promise((resolve) => {
      this.pending = { id, resolve, timer: setTimeout(() => this.giveUp(), WORKER_CHUNK_DEADLINE) };
    });
  }

  receive({ id, index, kind, body }: Chunk): void {
    if (this.isGone) return;
    if (index === 0) this.receiving = { id, families: [], userMetrics: [], chunks: 0 };
    const { receiving } = this;
    // A new answer was begun since, or a chunk is missing: what is whole stands.
    if (receiving === null || receiving.id !== id || receiving.chunks !== index) return;
    receiving.chunks++;
    if (kind === 'end') this.complete(receiving);
    else {
      receiving[kind].push(body);
      // Who ends sends all of it without being asked.
      if (id === FINAL_REPORT) return;
      this.request(id, index + 1);
      if (this.pending?.id === id) this.pending.timer.refresh();
    }
  }

  giveUp(): void {
    clearTimeout(this.pending?.timer);
    this.pending?.resolve();
    this.pending = null;
  }

  /** Nothing will come any more. */
  end(): void {
    this.isGone = true;
    this.giveUp();
  }

  private complete({ id, families, userMetrics }: Receiving): void {
    this.receiving = null;
    this.missed = 0;
    // Metrics of the program may have to be waited for, which one that ends cannot.
    this.last = {
      families,
      userMetrics: id === FINAL_REPORT ? (this.last?.userMetrics ?? []) : userMetrics,
    };
    if (this.pending?.id === id) this.giveUp();
  }

  private request(id: number, index: number): void {
    this.send({ type: 'thrift-metrics.3:request', id, index });
  }
}
