import type { MethodRow } from './method-rows';
import { nameOf } from './top-order';

/** Refreshes that are remembered: as many as the widest trend shows. */
const REMEMBERED = 40;

/** The rates of every method at the last refreshes, the latest last. */
export class RateHistory {
  private rates = new Map<string, readonly (number | null)[]>();

  /** Adds the rates of a refresh. Methods that are no longer there are forgotten. */
  add(rows: readonly MethodRow[]): void {
    this.rates = new Map(
      rows.map((row) => {
        const name = nameOf(row);
        return [name, [...this.of(name), row.rate].slice(-REMEMBERED)];
      }),
    );
  }

  of(name: string): readonly (number | null)[] {
    return this.rates.get(name) ?? [];
  }
}
