import type { CellOf, CellType } from './family-series';

type Cell = CellOf[CellType];

/** A series is idle once so many sweeps in a row have seen no recording in it. */
export const IDLE_SWEEPS = 8;

/** Above every number of sweeps. Separates it from a count that is in the same number. */
const BASE = 16;

/**
 * Knows for how many sweeps in a row nothing was recorded in each cell. Calls do no work for it: a sweep compares what a cell
 * has counted with what it had counted at the sweep before.
 */
export class IdleSweeps {
  /**
   * What each cell had counted at the latest sweep, times {@link BASE}, plus the number of sweeps in a row that have seen no
   * recording. Both in one number, because a Map stores a small number without an object.
   */
  private readonly seen = new Map<Cell, number>();

  /**
   * Looks at a cell, once in each sweep.
   *
   * @param previous the `cellTime` at which the sweep before began
   * @returns whether the cell is idle
   */
  isIdle(cell: Cell, previous: number): boolean {
    const count = countOf(cell);
    const isChanged = isChangedAtSameCount(cell, previous);
    const before = this.seen.get(cell);
    const isUsed = isChanged || before === undefined || Math.floor(before / BASE) !== count;
    const sweeps = isUsed ? 0 : (before % BASE) + 1;
    this.seen.set(cell, count * BASE + Math.min(sweeps, IDLE_SWEEPS));
    return sweeps >= IDLE_SWEEPS;
  }

  forget(cell: Cell): void {
    this.seen.delete(cell);
  }
}

/** The number of recordings in a cell. A gauge does not have one. */
function countOf(cell: Cell): number {
  if ('generation' in cell) return 0;
  if (!('count' in cell)) return cell.read();
  return typeof cell.count === 'number' ? cell.count : cell.count();
}

/** Whether a cell was changed in a way that its count may not show: a gauge by a call, any other cell by a reset. */
function isChangedAtSameCount(cell: Cell, previous: number): boolean {
  return 'generation' in cell ? cell.takeChange() : cell.startedAt >= previous;
}
