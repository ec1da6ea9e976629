export type Outcome = 'ok' | 'declared' | 'undeclared';

export type Count = Record<'calls' | Outcome, number>;

/** Counts outcomes per method. Method names look like `Calculator.add`. */
export class Tally {
  readonly total = zero();
  readonly #counts = new Map<string, Count>();

  of(method: string): Count {
    let count = this.#counts.get(method);
    if (count === undefined) this.#counts.set(method, (count = zero()));
    return count;
  }

  add(method: string, outcome: Outcome): void {
    for (const count of [this.total, this.of(method)]) {
      count.calls++;
      count[outcome]++;
    }
  }
}

function zero(): Count {
  return { calls: 0, ok: 0, declared: 0, undeclared: 0 };
}
