import type { MetricValues } from '../metrics/sample';

/** Answers that a peer may owe in a row before nobody waits for it any more. */
const PATIENCE = 3;

/** A worker, as the process that serves the metrics of all sees it. */
export class Peer {
  /** The last it sent, which stands for it while it does not answer. */
  last: readonly MetricValues[] | null = null;
  private missed = 0;
  private pending: { id: number; done: () => void } | null = null;

  /** Resolves when the peer has answered the request, or when it is given up. */
  expect(id: number): Promise<void> {
    const isLost = this.missed >= PATIENCE;
    this.missed++;
    if (isLost) return Promise.resolve();
    return new Promise((resolve) => {
      this.pending = { id, done: resolve };
    });
  }

  answer(id: number, metrics: readonly MetricValues[]): void {
    this.last = metrics;
    this.missed = 0;
    if (this.pending !== null && this.pending.id <= id) this.giveUp();
  }

  giveUp(): void {
    this.pending?.done();
    this.pending = null;
  }
}
