import { sumOf } from '../../../test/support/sum-of';
import type { Sample } from '../../../test/support/text-format';

/** Compares the sum of requests over processes in each scrape with the one before. It must never fall. */
export class RisingSum {
  readonly fell: string[] = [];
  #last = 0;

  constructor(private readonly labels: Readonly<Record<string, string>> = {}) {}

  compare(samples: readonly Sample[]): void {
    const sum = sumOf(samples, 'thrift_server_requests_total', this.labels) || 0;
    if (sum < this.#last) this.fell.push(`from ${this.#last} to ${sum}`);
    this.#last = sum;
  }
}
