import { LAST_WORD, type Piece, type Request } from './messages';

/** Answers that a peer may owe in a row before nobody waits for it any more. */
const PATIENCE = 3;

/** How long the next piece of an answer is waited for, in milliseconds: a tenth of Prometheus' own patience with a scrape. */
const SILENCE = 1000;

/** What a worker has, as it was sent. */
export interface Values {
  /** Those of this package. */
  readonly families: readonly string[];
  /** Metrics of the program. */
  readonly foreign: readonly string[];
}

interface Receiving {
  readonly id: number;
  readonly families: string[];
  readonly foreign: string[];
  pieces: number;
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
    const isLost = this.missed >= PATIENCE;
    this.missed++;
    this.request(id, 0);
    if (isLost) return Promise.resolve();
    return new Promise((resolve) => {
      this.pending = { id, resolve, timer: setTimeout(() => this.giveUp(), SILENCE) };
    });
  }

  receive({ id, index, kind, body }: Piece): void {
    if (this.isGone) return;
    if (index === 0) this.receiving = { id, families: [], foreign: [], pieces: 0 };
    const { receiving } = this;
    // A new answer was begun since, or a piece is missing: what is whole stands.
    if (receiving === null || receiving.id !== id || receiving.pieces !== index) return;
    receiving.pieces++;
    if (kind === 'end') this.complete(receiving);
    else {
      receiving[kind].push(body);
      // Who ends sends all of it without being asked.
      if (id === LAST_WORD) return;
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

  private complete({ id, families, foreign }: Receiving): void {
    this.receiving = null;
    this.missed = 0;
    // Metrics of the program may have to be waited for, which one that ends cannot.
    this.last = { families, foreign: id === LAST_WORD ? (this.last?.foreign ?? []) : foreign };
    if (this.pending?.id === id) this.giveUp();
  }

  private request(id: number, index: number): void {
    this.send({ type: 'thrift-metrics.2:request', id, index });
  }
}
