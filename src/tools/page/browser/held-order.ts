import { keyOf } from './method-key.js';
import type { MethodRow } from './protocol.js';
import { sortRows, type Sort } from './sort.js';

/** Milliseconds after which rows move to where they belong by themselves. */
const INTERVAL = 15_000;

export interface Arranged {
  readonly rows: readonly MethodRow[];
  /** Number of rows that belong elsewhere by now. */
  readonly moved: number;
}

/**
 * The order of the rows. Figures change all the time, and a row that moves is hard to read or to hit. So rows keep their
 * position until the user asks for a new order, or, while nobody is reading or pointing, for fifteen seconds.
 */
export class HeldOrder {
  private places: ReadonlyMap<string, number> = new Map();
  private sortedAt = 0;
  private choice = '';
  private sort: Sort | null = null;

  /**
   * @param choice changes when the user asks for a new order, or chooses something else that needs one, such as the window
   * @param now milliseconds
   * @param isInUse whether the user is scrolling, pointing at a row, or has the focus in one
   */
  arrange(
    rows: readonly MethodRow[],
    sort: Sort,
    choice: string,
    now: number,
    isInUse: boolean,
  ): Arranged {
    const sorted = sortRows(rows, sort);
    const isChosen = sort !== this.sort || choice !== this.choice || this.places.size === 0;
    if (isChosen || (now - this.sortedAt >= INTERVAL && !isInUse)) {
      this.places = new Map(sorted.map((row, i) => [keyOf(row), i]));
      this.sortedAt = now;
      this.sort = sort;
      this.choice = choice;
      return { rows: sorted, moved: 0 };
    }
    const placeOf = (row: MethodRow): number => this.places.get(keyOf(row)) ?? this.places.size;
    const held = sorted.toSorted((a, b) => placeOf(a) - placeOf(b));
    return { rows: held, moved: held.filter((row, i) => row !== sorted[i]).length };
  }
}
